#include "measure/account.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bits.h"

/* Content-defined chunks are fewer than blocks of 512 bytes: a sixth of the memory does for them. */
enum { CHUNKS_SHARE = 6 };

unsigned measure_chunk_level(unsigned kind)
{
    return bits_log2(measure_chunk_bytes[kind] / MEASURE_BLOCK);
}

int measure_account_new(struct measure_account **account, uint64_t memory)
{
    struct measure_account *made = NULL;
    int r = memory < MEASURE_ACCOUNT_LEAST ? -EINVAL : 0;

    if (r < 0)
        goto finish;
    made = calloc(1, sizeof *made);
    if (!made) {
        r = -ENOMEM;
        goto finish;
    }
    made->squeezed = measure_squeezed_new();
    r = made->squeezed ? measure_blocks_new(&made->blocks, memory - memory / CHUNKS_SHARE) : -ENOMEM;
    if (r == 0)
        r = measure_chunks_new(&made->chunks, memory / CHUNKS_SHARE);
    if (r < 0)
        goto finish;
    *account = made;
    made = NULL; /* the caller's now */
finish:
    measure_account_free(made);
    return r;
}

void measure_account_free(struct measure_account *account)
{
    if (account) {
        measure_blocks_free(account->blocks);
        measure_chunks_free(account->chunks);
        measure_squeezed_free(account->squeezed);
    }
    free(account);
}
