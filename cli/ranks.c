#include "ranks.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#define MOST_RANKS UINT64_C(1000000000000)

/* What an engine puts into the environment of each process that it starts. */
struct engine {
    const char *name, *rank, *world; /* world is NULL where it does not tell how many there are */
    const char *mark;                /* a variable that is there too, where the names alone are too common */
    const char *same;                /* a variable that must say the same rank, where it is there */
    bool both;                       /* a rank without a world is not its work */
};

/* The innermost first: torchrun is started by mpirun or srun on each host, mpirun within a job of Slurm, and never the
 * other way round. PMI is how MPICH, and what comes of it, tells ranks. RANK without torchrun's mark is what Kubeflow
 * and the launchers beside torchrun set. A batch script of Slurm that runs without srun has SLURM_PROCID=0 and
 * SLURM_NTASKS=N, and is nevertheless alone: SLURM_STEP_NUM_TASKS is there in what srun has started, and only there
 * (seen in Slurm 22.05). Daemons that srun has started on each host, and that start ranks by PMIx, hand their own
 * SLURM_PROCID on. */
static const struct engine engines[] = {
    { .name = "torchrun", .rank = "RANK", .world = "WORLD_SIZE", .mark = "TORCHELASTIC_RUN_ID", .both = true },
    { .name = "Open MPI", .rank = "OMPI_COMM_WORLD_RANK", .world = "OMPI_COMM_WORLD_SIZE" },
    { .name = "PMI", .rank = "PMI_RANK", .world = "PMI_SIZE" },
    { .name = "torchrun", .rank = "RANK", .world = "WORLD_SIZE", .both = true },
    { .name = "Slurm", .rank = "SLURM_PROCID", .world = "SLURM_STEP_NUM_TASKS", .same = "PMIX_RANK", .both = true },
    { .name = "PMIx", .rank = "PMIX_RANK" },
    { .name = "Kubernetes", .rank = "JOB_COMPLETION_INDEX" },
};

enum { ENGINES = sizeof engines / sizeof *engines };

static int set_rank(void *place, const char *name, const char *value, const char **why)
{
    struct ranks *const ranks = place;
    (void)name;

    *why = "ranks are numbered from 0 to one less than --world";
    ranks->rank_given = true;
    return options_count(&ranks->rank, value, MOST_RANKS) ? 0 : -1;
}

static int set_world(void *place, const char *name, const char *value, const char **why)
{
    struct ranks *const ranks = place;
    (void)name;

    *why = "it is a number from 1 to 1000000000000, in digits";
    ranks->world_given = true;
    return options_count(&ranks->world, value, MOST_RANKS) && ranks->world > 0 ? 0 : -1;
}

/* clang-format off */
const struct option_row ranks_rows[] = {
    { .name = "rank", .value = "R", .kind = OPTION_OTHER, .set = set_rank,
      .help = "take the files k with k mod W = R; default what started it says, or 0" },
    { .name = "world", .value = "W", .kind = OPTION_OTHER, .set = set_world,
      .help = "how many ranks share the set; default what started it says, or 1" },
    { 0 },
};
/* clang-format on */

/* Empty is as good as absent: so a script takes a variable away. */
static const char *variable(const char *name)
{
    const char *const value = name ? getenv(name) : NULL;

    return value && *value != '\0' ? value : NULL;
}

static const struct engine *find_engine(void)
{
    for (size_t i = 0; i < ENGINES; i++) {
        const struct engine *const e = &engines[i];

        if (variable(e->rank) && (!e->mark || variable(e->mark)) && (!e->both || variable(e->world)))
            return e;
    }
    return NULL;
}

static enum exit_code read_number(uint64_t *number, const struct engine *engine, const char *name)
{
    const char *const value = variable(name);

    if (options_count(number, value, MOST_RANKS))
        return EXIT_FINE;
    return fail(EXIT_USAGE, "%s=%s, of %s, is no number: give --rank and --world, or take it out of the environment",
                name, value, engine->name);
}

static enum exit_code take_rank(struct ranks *ranks, const struct engine *engine)
{
    const char *const other = variable(engine->same);
    enum exit_code code;
    uint64_t same;

    if (ranks->rank_given)
        return EXIT_FINE;
    ranks->engine_rank = true;
    code = read_number(&ranks->rank, engine, engine->rank);
    if (code == EXIT_FINE && other)
        code = read_number(&same, engine, engine->same);
    if (code == EXIT_FINE && other && same != ranks->rank)
        return fail(EXIT_USAGE, "%s=%s and %s=%s name two ranks: give --rank and --world", engine->rank,
                    variable(engine->rank), engine->same, other);
    return code;
}

static enum exit_code take_world(struct ranks *ranks, const struct engine *engine)
{
    if (ranks->world_given)
        return EXIT_FINE;
    if (!variable(engine->world))
        return fail(EXIT_USAGE,
                    "%s=%s: so says %s, but not how many ranks there are: add --world W, or --rank 0 --world 1 for "
                    "all by this one",
                    engine->rank, variable(engine->rank), engine->name);
    ranks->engine_world = true;
    return read_number(&ranks->world, engine, engine->world);
}

/* Who has said what does not fit. */
static enum exit_code refuse(const struct ranks *ranks, const struct engine *engine)
{
    if (!ranks->engine_rank && !ranks->engine_world)
        return fail(EXIT_USAGE, "--rank %" PRIu64 ": with --world %" PRIu64 " the ranks are 0 to %" PRIu64, ranks->rank,
                    ranks->world, ranks->world - 1);
    return fail(EXIT_USAGE,
                "%s%s%" PRIu64 " does not fit %s%s%" PRIu64 ": ranks are numbered from 0 to one less than the world; "
                "give both --rank and --world",
                ranks->engine_rank ? engine->rank : "--rank", ranks->engine_rank ? "=" : " ", ranks->rank,
                ranks->engine_world ? engine->world : "--world", ranks->engine_world ? "=" : " ", ranks->world);
}

enum exit_code ranks_settle(struct ranks *ranks)
{
    const struct engine *const engine = ranks->rank_given && ranks->world_given ? NULL : find_engine();
    enum exit_code code = EXIT_FINE;

    if (!ranks->world_given)
        ranks->world = 1;
    if (engine) {
        ranks->engine = engine->name;
        code = take_rank(ranks, engine);
        if (code == EXIT_FINE)
            code = take_world(ranks, engine);
    }
    return code == EXIT_FINE && ranks->rank >= ranks->world ? refuse(ranks, engine) : code;
}

/* Who has said it: an engine, an option or both. False where nobody has. */
static bool find_source(char *text, size_t size, const struct ranks *ranks)
{
    const char *const option = ranks->rank_given ? "--rank" : "--world";

    if (ranks->engine_rank && ranks->engine_world)
        snprintf(text, size, "%s", ranks->engine);
    else if (ranks->engine)
        snprintf(text, size, "%s and %s", ranks->engine, option);
    else
        snprintf(text, size, "%s", ranks->rank_given && ranks->world_given ? "--rank and --world" : option);
    return ranks->engine || ranks->rank_given || ranks->world_given;
}

void ranks_tell(const struct ranks *ranks)
{
    char text[64];

    if (ranks->engine && find_source(text, sizeof text, ranks))
        say("rank %" PRIu64 " of %" PRIu64 ", as %s %s", ranks->rank, ranks->world, text,
            ranks->engine_rank && ranks->engine_world ? "says" : "say");
}

void ranks_json(const struct ranks *ranks, struct json *object)
{
    char text[64];

    json_whole(object, "rank", ranks->rank);
    json_whole(object, "world", ranks->world);
    json_text(object, "ranks_from", find_source(text, sizeof text, ranks) ? text : "default");
}
