#ifndef LAYOUT_CHACHA_H
#define LAYOUT_CHACHA_H

#include <stdint.h>

/* The ChaCha20 block function, RFC 8439 section 2.3, with block counter 0 and nonce 0. */
void chacha_block(uint8_t out[64], const uint8_t key[32]);

#endif
