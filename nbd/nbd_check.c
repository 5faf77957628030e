#include "nbd_check.h"

#define NBDKIT_API_VERSION 2
#include <assert.h>
#include <inttypes.h>
#include <nbdkit-plugin.h>
#include <stdio.h>

/* Runs of one request that are told; one write may hold thousands. */
enum { TOLD_RUNS = 10, DETAIL = 160 };

/* A request whose bytes are compared. */
struct request {
    const char *name;
    uint64_t at;
    uint32_t len;
    uint64_t runs;
};

/* What is particular to a kind; nothing, for zeroed. */
static void print_detail(char text[DETAIL], const fodder_run *run)
{
    text[0] = '\0';
    switch (run->kind) {
    case FODDER_CONSTANT:
        snprintf(text, DETAIL, ": 0x%02" PRIx64, run->value);
        break;
    case FODDER_MISPLACED:
        snprintf(text, DETAIL, ": belongs at %" PRIu64 ", generation %" PRIu64, run->source, run->generation);
        break;
    case FODDER_STALE:
        snprintf(text, DETAIL, ": generation %" PRIu64, run->generation);
        break;
    case FODDER_CORRUPT:
        snprintf(text, DETAIL, ": %" PRIu64 " bits in %" PRIu64 " bytes from %" PRIu64 " to %" PRIu64, run->bits,
                 run->bytes, run->first, run->last);
        break;
    }
}

static void tell(void *user, const fodder_run *run)
{
    struct request *const request = user;
    char detail[DETAIL];

    if (request->runs++ >= TOLD_RUNS)
        return;
    print_detail(detail, run);
    nbdkit_error("%s of %" PRIu32 " bytes at %" PRIu64 " of the disk: %s at %" PRIu64 " of the data, %" PRIu64
                 " bytes%s%s",
                 request->name, request->len, request->at, fodder_kind_name(run->kind), run->offset, run->len, detail,
                 run->torn ? "; torn: right before it, wrong to the end of its unit" : "");
}

static void tell_more(const struct request *request)
{
    if (request->runs > TOLD_RUNS)
        nbdkit_error("%s of %" PRIu32 " bytes at %" PRIu64 " of the disk: ... and %" PRIu64 " more", request->name,
                     request->len, request->at, request->runs - TOLD_RUNS);
}

uint64_t check_write(const struct disk *disk, uint64_t at, const void *data, uint32_t len)
{
    struct request request = { .name = "write", .at = at, .len = len };
    fodder_report report;
    const int r =
        fodder_verify(disk->plan, disk->offset + at, data, len, &FODDER_VERIFY(.run = tell, .user = &request), &report);

    assert(r == 0); /* nbdkit keeps requests within the disk, and the disk lies within the data */
    (void)r;
    tell_more(&request);
    return report.bad;
}

int check_zeros(const struct disk *disk, uint64_t at, uint32_t len, uint64_t *wrong)
{
    static const char zeros[1 << 16];
    struct request request = { .name = "zeroing", .at = at, .len = len };
    fodder_verifier *verifier;
    fodder_report report;
    const int r = fodder_verifier_new(&verifier, disk->plan, disk->offset + at, len,
                                      &FODDER_VERIFY(.run = tell, .user = &request));

    if (r < 0) {
        nbdkit_error("%s", fodder_strerror(r));
        return -1;
    }
    for (uint32_t left = len, piece; left > 0; left -= piece) {
        piece = left < sizeof zeros ? left : sizeof zeros;
        fodder_verifier_add(verifier, zeros, piece);
    }
    fodder_verifier_end(verifier, &report);
    fodder_verifier_free(verifier);
    tell_more(&request);
    *wrong = report.bad;
    return 0;
}
