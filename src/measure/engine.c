#include "measure/engine.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/bits.h"
#include "pool/pool.h"

/* Data that are worked on at once, and their segments: many where files are small. */
enum { ROOM = 16 * MEASURE_SEGMENT, SEGMENTS = 512 };

/* Work on a batch: for each account two tasks, and for each segment of the sample one for each codec and kind of chunk,
 * and one that counts its bytes. */
enum { TASKS_OF_ACCOUNT = 2, TASKS_OF_SAMPLED = MEASURE_CODECS * MEASURE_CHUNK_KINDS + 1 };

/* A codec's input: its sizes, and how new its chunks were to each account. */
struct sampled {
    struct measure_sizes sizes;
    uint64_t counts[256];
    double weights[MEASURE_MOST_ACCOUNTS][MEASURE_SEGMENT_CHUNKS];
};

struct segment {
    size_t at, len;
    unsigned level;
    bool ends;               /* the file ends with it */
    struct sampled *sampled; /* NULL where codecs do not read it */
};

struct measure_engine {
    struct measure_options options;
    fodder_pool *pool;
    fodder_buffer *buffer;
    uint8_t *data;
    struct measure_account *accounts[MEASURE_MOST_ACCOUNTS];
    unsigned account_count;
    unsigned halvings;
    uint64_t segments_before; /* in batches that are done */

    /* The batch. */
    struct segment segments[SEGMENTS];
    unsigned segment_count;
    bool open; /* the last segment goes on */
    size_t len;
    struct segment *with_sample[SEGMENTS];
    unsigned sampled_count;

    struct measure_scratch **scratches; /* one for each thread */
    atomic_bool *scratch_taken;
    unsigned scratch_count;
    atomic_int error; /* of the tasks, the first */
};

static int make_scratches(struct measure_engine *engine)
{
    const unsigned count = fodder_pool_threads(engine->pool);
    int r = 0;

    engine->scratches = calloc(count, sizeof *engine->scratches);
    engine->scratch_taken = calloc(count, sizeof *engine->scratch_taken);
    if (!engine->scratches || !engine->scratch_taken)
        return -ENOMEM;
    while (engine->scratch_count < count && r == 0) {
        r = measure_scratch_new(&engine->scratches[engine->scratch_count], MEASURE_SEGMENT);
        engine->scratch_count += r == 0;
    }
    return r;
}

int measure_engine_new(struct measure_engine **engine, const struct measure_options *options)
{
    struct measure_engine *made = calloc(1, sizeof *made);
    int r = -ENOMEM;

    if (!made)
        goto finish;
    made->options = *options;
    made->pool = pool_of(options->pool);
    if (!made->pool)
        goto finish;
    while (options->expected >> made->halvings > options->sample && made->halvings + 1 < MEASURE_SAMPLE_LEVELS)
        made->halvings++;
    r = fodder_buffer_new(&made->buffer, made->pool, ROOM);
    if (r == 0)
        r = make_scratches(made);
    if (r < 0)
        goto finish;
    made->data = fodder_buffer_data(made->buffer);
    *engine = made;
    made = NULL; /* the caller's now */
finish:
    measure_engine_free(made);
    return r;
}

void measure_engine_free(struct measure_engine *engine)
{
    if (!engine)
        return;
    for (unsigned i = 0; i < SEGMENTS; i++)
        free(engine->segments[i].sampled);
    for (unsigned i = 0; i < engine->scratch_count; i++)
        measure_scratch_free(engine->scratches[i]);
    free(engine->scratches);
    free(engine->scratch_taken);
    fodder_buffer_free(engine->buffer);
    free(engine);
}

void measure_engine_count(struct measure_engine *engine, struct measure_account *const *accounts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        engine->accounts[i] = accounts[i];
    engine->account_count = count;
}

unsigned measure_engine_halvings(const struct measure_engine *engine)
{
    return engine->halvings;
}

/* ---- Tasks: any of them at once */

static void fail_with(struct measure_engine *engine, int r)
{
    int none = 0;

    if (r < 0)
        atomic_compare_exchange_strong(&engine->error, &none, r);
}

static void watch(struct measure_account *account, double *weights)
{
    for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++)
        measure_blocks_watch(account->blocks, measure_chunk_level(kind),
                             weights ? weights + measure_first_chunk[kind] : NULL);
}

static int count_blocks(struct measure_engine *engine, unsigned a)
{
    struct measure_account *const account = engine->accounts[a];
    int r = 0;

    for (unsigned i = 0; i < engine->segment_count && r == 0; i++) {
        const struct segment *const s = &engine->segments[i];

        watch(account, s->sampled ? s->sampled->weights[a] : NULL);
        r = measure_blocks_add(account->blocks, engine->data + s->at, s->len);
        if (r == 0 && s->ends)
            r = measure_blocks_cut(account->blocks);
    }
    watch(account, NULL);
    return r;
}

static int count_chunks(struct measure_engine *engine, unsigned a)
{
    struct measure_account *const account = engine->accounts[a];
    int r = 0;

    for (unsigned i = 0; i < engine->segment_count && r == 0; i++) {
        const struct segment *const s = &engine->segments[i];

        r = measure_chunks_add(account->chunks, engine->data + s->at, s->len);
        if (r == 0 && s->ends)
            r = measure_chunks_cut(account->chunks);
    }
    return r;
}

static void count_bytes(const struct measure_engine *engine, const struct segment *s)
{
    uint64_t *const counts = s->sampled->counts;

    for (unsigned i = 0; i < 256; i++)
        counts[i] = 0;
    for (size_t i = 0; i < s->len; i++)
        counts[engine->data[s->at + i]]++;
}

/* Chunks of this kind are those of the kind below: the segment ends before. */
static bool is_repeated(const struct segment *s, unsigned kind)
{
    return kind > 0 && s->len <= measure_chunk_bytes[kind - 1];
}

static int squeeze(struct measure_engine *engine, const struct segment *s, unsigned codec, unsigned kind)
{
    unsigned i = 0;
    int r;

    if (!measure_codecs[codec].compressed_size || is_repeated(s, kind))
        return 0;
    /* No more threads than scratches: one is free. */
    while (atomic_exchange(&engine->scratch_taken[i], true))
        i = i + 1 < engine->scratch_count ? i + 1 : 0;
    r = measure_squeeze(&s->sampled->sizes, codec, kind, engine->data + s->at, s->len, engine->options.sector,
                        engine->scratches[i]);
    atomic_store(&engine->scratch_taken[i], false);
    return r;
}

static void run_task(struct measure_engine *engine, size_t task)
{
    const size_t counting = (size_t)TASKS_OF_ACCOUNT * engine->account_count;
    const struct segment *s;
    unsigned part;

    if (task < counting) {
        const unsigned account = (unsigned)task / TASKS_OF_ACCOUNT;

        fail_with(engine, task % TASKS_OF_ACCOUNT == 0 ? count_blocks(engine, account) : count_chunks(engine, account));
        return;
    }
    s = engine->with_sample[(task - counting) / TASKS_OF_SAMPLED];
    part = (unsigned)((task - counting) % TASKS_OF_SAMPLED);
    if (part == TASKS_OF_SAMPLED - 1)
        count_bytes(engine, s);
    else
        fail_with(engine, squeeze(engine, s, part / MEASURE_CHUNK_KINDS, part % MEASURE_CHUNK_KINDS));
}

static void run_tasks(void *context, size_t begin, size_t end)
{
    for (size_t task = begin; task < end; task++)
        run_task(context, task);
}

/* ---- Batches */

/* What the pool calls bytes are tasks here. */
static void share_tasks(struct measure_engine *engine)
{
    const unsigned groups = pool_group_count(engine->pool);
    const size_t tasks =
        (size_t)TASKS_OF_ACCOUNT * engine->account_count + (size_t)TASKS_OF_SAMPLED * engine->sampled_count;
    struct pool_work work = { .run = run_tasks, .context = engine, .slice = 1 };

    for (unsigned g = 0; g < groups; g++)
        work.ends[g] = tasks * (g + 1) / groups;
    pool_run(engine->pool, &work);
}

static void copy_repeated(const struct segment *s)
{
    for (unsigned kind = 1; kind < MEASURE_CHUNK_KINDS; kind++) {
        for (unsigned codec = 0; codec < MEASURE_CODECS && is_repeated(s, kind); codec++) {
            uint32_t *const bytes = s->sampled->sizes.bytes[codec];

            bytes[measure_first_chunk[kind]] = bytes[measure_first_chunk[kind - 1]];
        }
    }
}

static void add_sampled(struct measure_engine *engine)
{
    for (unsigned i = 0; i < engine->sampled_count; i++) {
        const struct segment *const s = engine->with_sample[i];

        copy_repeated(s);
        for (unsigned a = 0; a < engine->account_count; a++)
            measure_squeezed_add(engine->accounts[a]->squeezed, s->level, s->len, &s->sampled->sizes,
                                 s->sampled->weights[a], s->sampled->counts);
    }
}

/* Chooses the batch's segments for the codecs. */
static int choose_sample(struct measure_engine *engine)
{
    engine->sampled_count = 0;
    for (unsigned i = 0; i < engine->segment_count; i++) {
        struct segment *const s = &engine->segments[i];

        if (s->len == 0 || s->level < engine->halvings)
            continue;
        s->sampled = malloc(sizeof *s->sampled);
        if (!s->sampled)
            return -ENOMEM;
        engine->with_sample[engine->sampled_count++] = s;
    }
    return 0;
}

/* Where more than the sample has been read, half of it is dropped. Nobody knows what is still to come. */
static void thin(struct measure_engine *engine)
{
    while (engine->account_count > 0 && engine->halvings + 1 < MEASURE_SAMPLE_LEVELS &&
           measure_squeezed_bytes(engine->accounts[0]->squeezed, engine->halvings) > engine->options.sample)
        engine->halvings++;
}

static void begin_batch(struct measure_engine *engine)
{
    for (unsigned i = 0; i < engine->segment_count; i++) {
        free(engine->segments[i].sampled);
        engine->segments[i].sampled = NULL;
    }
    engine->segments_before += engine->segment_count;
    engine->segment_count = 0;
    engine->len = 0;
    engine->open = false;
}

/* What the tasks have found. Where one has failed, it found nothing. */
static void add_batch(struct measure_engine *engine)
{
    add_sampled(engine);
    thin(engine);
    for (unsigned a = 0; a < engine->account_count; a++)
        engine->accounts[a]->bytes += engine->len;
}

int measure_engine_flush(struct measure_engine *engine)
{
    int r = choose_sample(engine);

    fail_with(engine, r);
    if (engine->segment_count > 0 && atomic_load(&engine->error) == 0) {
        share_tasks(engine);
        if (atomic_load(&engine->error) == 0)
            add_batch(engine);
    }
    begin_batch(engine);
    return atomic_load(&engine->error);
}

static struct segment *last_segment(struct measure_engine *engine)
{
    return &engine->segments[engine->segment_count - 1];
}

static void open_segment(struct measure_engine *engine)
{
    engine->segments[engine->segment_count] =
        (struct segment) { .at = engine->len,
                           .level = measure_sample_level(engine->segments_before + engine->segment_count) };
    engine->segment_count++;
    engine->open = true;
}

void *measure_engine_room(struct measure_engine *engine, size_t *room)
{
    size_t begun = 0;

    /* A segment does not begin where it does not fit. */
    if (!engine->open && (ROOM - engine->len < MEASURE_SEGMENT || engine->segment_count + 1 >= SEGMENTS) &&
        measure_engine_flush(engine) < 0)
        return NULL;
    if (engine->open)
        begun = last_segment(engine)->len;
    *room = (ROOM - engine->len + begun) / MEASURE_SEGMENT * MEASURE_SEGMENT - begun;
    *room = bits_min_size(*room, (size_t)(SEGMENTS - 1 - engine->segment_count) * MEASURE_SEGMENT +
                                     (engine->open ? MEASURE_SEGMENT - begun : 0));
    return engine->data + engine->len;
}

int measure_engine_put(struct measure_engine *engine, size_t len)
{
    while (len > 0 && atomic_load(&engine->error) == 0) {
        struct segment *last;
        size_t n;

        if (!engine->open)
            open_segment(engine);
        last = last_segment(engine);
        n = bits_min_size(len, MEASURE_SEGMENT - last->len);
        last->len += n;
        engine->len += n;
        len -= n;
        engine->open = last->len < MEASURE_SEGMENT;
    }
    return atomic_load(&engine->error);
}

int measure_engine_cut(struct measure_engine *engine)
{
    /* The file's last segment may be of a batch that is done: one of no bytes then ends it. Room is kept for that. */
    if (engine->segment_count == 0)
        open_segment(engine);
    last_segment(engine)->ends = true;
    engine->open = false;
    return atomic_load(&engine->error);
}
