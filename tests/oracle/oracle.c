#include "oracle.h"

#include <string.h>

enum { SECTOR = 512, BLOCK = 16 };

#define MILLION UINT64_C(1000000)

/* ---- 1. Notation ---- */

static uint64_t hi(const uint64_t a, const uint64_t b)
{
    return (uint64_t)((u128)a * b >> 64);
}

static uint64_t load_word(const uint8_t *const p, const unsigned bytes)
{
    uint64_t w = 0;
    for (unsigned i = 0; i < bytes; i++) {
        w |= (uint64_t)p[i] << 8 * i;
    }
    return w;
}

static void store_word(uint8_t *const p, const unsigned bytes, const uint64_t w)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = (uint8_t)(w >> 8 * i);
    }
}

/* ---- 3. The key ---- */

static uint32_t rotate_left(const uint32_t x, const unsigned by)
{
    return x << by | x >> (32 - by);
}

static void quarter_round(uint32_t s[16], const int a, const int b, const int c, const int d)
{
    s[a] += s[b];
    s[d] = rotate_left(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = rotate_left(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = rotate_left(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = rotate_left(s[b] ^ s[c], 7);
}

static void double_round(uint32_t s[16])
{
    for (int i = 0; i < 4; i++) {
        quarter_round(s, i, 4 + i, 8 + i, 12 + i);
    }
    for (int i = 0; i < 4; i++) {
        quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
}

/* The block counter and the nonce, words 12 to 15, are 0. */
void oracle_chacha20(uint8_t out[64], const uint8_t key[32])
{
    uint32_t initial[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
    for (int i = 0; i < 8; i++) {
        initial[4 + i] = (uint32_t)load_word(key + 4 * i, 4);
    }
    uint32_t s[16];
    memcpy(s, initial, sizeof s);
    for (int i = 0; i < 10; i++) {
        double_round(s);
    }
    for (int i = 0; i < 16; i++) {
        store_word(out + 4 * i, 4, s[i] + initial[i]);
    }
}

static void key_of(const struct oracle_spec *const spec, uint8_t key[32])
{
    store_word(key + 0, 8, spec->seed);
    store_word(key + 8, 8, spec->series);
    store_word(key + 16, 8, spec->Qdedup);
    store_word(key + 24, 4, spec->Qcompress);
    store_word(key + 28, 1, spec->lg_unit);
    store_word(key + 29, 1, spec->lg_window);
    store_word(key + 30, 1, spec->codec);
    store_word(key + 31, 1, spec->format);
}

static void init_key(struct oracle *const o)
{
    uint8_t key[32], out[64];
    key_of(&o->spec, key);
    oracle_chacha20(out, key);
    memcpy(o->K0, out + 0, 16);
    memcpy(o->K1, out + 16, 16);
    o->a0 = load_word(out + 32, 8);
    o->a1 = load_word(out + 40, 8);
    o->c = load_word(out + 48, 8);
    o->d = load_word(out + 56, 8);
}

uint64_t oracle_P(const struct oracle *const o, const uint64_t w)
{
    uint64_t z = w ^ o->a0;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = z ^ o->a1;
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* ---- 4. Units and their ids ---- */

/* For dedup 1 this is 2^64, and n(i) comes out as i. */
static u128 f_of(const uint64_t Qdedup)
{
    return ((u128)MILLION << 64) / Qdedup;
}

uint64_t oracle_n(const struct oracle *const o, const uint64_t i)
{
    return (uint64_t)((i * o->f + UINT64_MAX) >> 64);
}

static int is_new(const struct oracle *const o, const uint64_t i)
{
    return oracle_n(o, i + 1) > oracle_n(o, i);
}

uint64_t oracle_id(const struct oracle *const o, const uint64_t i)
{
    if (is_new(o, i)) {
        return oracle_n(o, i);
    }
    const uint64_t b = i >> o->spec.lg_window << o->spec.lg_window;
    const uint64_t v = oracle_n(o, i) - oracle_n(o, b);
    return v > 0 ? oracle_n(o, b) + hi(oracle_P(o, i ^ o->d), v) : oracle_n(o, i) - 1;
}

/* ---- 5. The keystream ---- */

static const uint64_t M = UINT64_C(0xD1342543DE82EF95);
static const uint64_t W0 = UINT64_C(0x9E3779B97F4A7C15);
static const uint64_t W1 = UINT64_C(0xBB67AE8584CAA73B);

/* Multiplication by x in GF(2^8), FIPS 197 section 4.2.1. */
static uint8_t xtime(const uint8_t a)
{
    return (uint8_t)(a << 1 ^ (a >> 7) * 0x1b);
}

static uint8_t field_product(uint8_t a, const uint8_t b)
{
    uint8_t product = 0;
    for (int bit = 0; bit < 8; bit++) {
        product ^= (b >> bit & 1) != 0 ? a : 0;
        a = xtime(a);
    }
    return product;
}

/* a^254, by 254 = 2 + 4 + 8 + 16 + 32 + 64 + 128: the inverse of a, and 0 for 0. */
static uint8_t field_inverse(uint8_t a)
{
    uint8_t inverse = 1;
    for (int i = 0; i < 7; i++) {
        a = field_product(a, a);
        inverse = field_product(inverse, a);
    }
    return inverse;
}

static uint8_t rotate_byte(const uint8_t b, const unsigned by)
{
    return (uint8_t)(b << by | b >> (8 - by));
}

static uint8_t sub_byte(const uint8_t a)
{
    const uint8_t b = field_inverse(a);
    return b ^ rotate_byte(b, 1) ^ rotate_byte(b, 2) ^ rotate_byte(b, 3) ^ rotate_byte(b, 4) ^ 0x63;
}

static void init_sbox(struct oracle *const o)
{
    for (unsigned a = 0; a < 256; a++) {
        o->sbox[a] = sub_byte((uint8_t)a);
    }
}

static void SubBytes(const struct oracle *const o, uint8_t x[16])
{
    for (int i = 0; i < 16; i++) {
        x[i] = o->sbox[x[i]];
    }
}

/* Row r of column c is byte 4 c + r (FIPS 197 section 3.4). */
static void ShiftRows(uint8_t x[16])
{
    uint8_t old[16];
    memcpy(old, x, sizeof old);
    for (int c = 0; c < 4; c++) {
        for (int r = 0; r < 4; r++) {
            x[4 * c + r] = old[4 * ((c + r) % 4) + r];
        }
    }
}

static void MixColumn(uint8_t column[4])
{
    uint8_t old[4];
    memcpy(old, column, sizeof old);
    for (int r = 0; r < 4; r++) {
        const uint8_t a = old[r], b = old[(r + 1) % 4];
        column[r] = xtime(a) ^ xtime(b) ^ b ^ old[(r + 2) % 4] ^ old[(r + 3) % 4];
    }
}

static void MixColumns(uint8_t x[16])
{
    for (int c = 0; c < 4; c++) {
        MixColumn(x + 4 * c);
    }
}

static void AddRoundKey(uint8_t x[16], const uint8_t K[16])
{
    for (int i = 0; i < 16; i++) {
        x[i] ^= K[i];
    }
}

void oracle_aesenc(const struct oracle *const o, uint8_t x[16], const uint8_t K[16])
{
    SubBytes(o, x);
    ShiftRows(x);
    MixColumns(x);
    AddRoundKey(x, K);
}

void oracle_LR(const struct oracle *const o, const uint64_t u, uint64_t *const L, uint64_t *const R)
{
    const uint64_t w = u + (o->spec.generation << 44);
    *L = oracle_P(o, w);
    *R = o->c + M * *L;
}

static void block_of(const struct oracle *const o, const uint64_t L, const uint64_t R, const uint64_t j, uint8_t x[16])
{
    store_word(x + 0, 8, L + j * W0);
    store_word(x + 8, 8, R + j * W1);
    oracle_aesenc(o, x, o->K0);
    oracle_aesenc(o, x, o->K1);
}

void oracle_block(const struct oracle *const o, const uint64_t u, const uint64_t j, uint8_t block[16])
{
    uint64_t L, R;
    oracle_LR(o, u, &L, &R);
    block_of(o, L, R, j, block);
}

static uint8_t keystream_byte(const struct oracle *const o, const uint64_t u, const uint64_t at)
{
    uint8_t block[BLOCK];
    oracle_block(o, u, at / BLOCK, block);
    return block[at % BLOCK];
}

/* ---- 6. Sectors: compress ---- */

enum { COLUMNS = 12, LAST = COLUMNS - 1 };

/* The compress ratio of each column, in millionths. */
static const uint64_t columns[COLUMNS] = {
    32000000, 24000000, 16000000, 12000000, 8000000, 6000000, 4000000, 3000000, 2000000, 1500000, 1250000, 1100000,
};

static const uint64_t hundredths[][COLUMNS] = {
    [ORACLE_BALANCED] = { 425, 470, 470, 478, 485, 545, 545, 555, 555, 620, 670, 670 },
    [ORACLE_LZ4] = { 597, 688, 699, 700, 701, 800, 801, 802, 803, 903, 1000, 1000 },
    [ORACLE_ZSTD] = { 254, 260, 250, 262, 270, 293, 293, 330, 317, 400, 400, 400 },
    [ORACLE_DEFLATE] = { 419, 431, 450, 462, 477, 495, 484, 503, 523, 474, 431, 433 },
};

static uint64_t t_of(const uint64_t Qcompress)
{
    return (uint64_t)(((u128)512 * MILLION << 32) / Qcompress);
}

static uint64_t h_between(const unsigned codec, const uint64_t t, const unsigned a, const unsigned b)
{
    const uint64_t ta = t_of(columns[a]), tb = t_of(columns[b]);
    const u128 ea = hundredths[codec][a], eb = hundredths[codec][b];
    return (uint64_t)(((ea * (tb - t) + eb * (t - ta)) << 32) / ((u128)100 * (tb - ta)));
}

static uint64_t h_of(const unsigned codec, const uint64_t t)
{
    if (t >= t_of(columns[LAST])) {
        return (hundredths[codec][LAST] << 32) / 100;
    }
    unsigned b = 1;
    while (t >= t_of(columns[b])) {
        b++;
    }
    return h_between(codec, t, b - 1, b);
}

static void init_sectors(struct oracle *const o)
{
    o->t = t_of(o->spec.Qcompress);
    o->h = h_of(o->spec.codec, o->t);
    o->q = o->t - o->h;
}

unsigned oracle_k(const struct oracle *const o, const uint64_t s)
{
    if (o->spec.Qcompress == MILLION) {
        return SECTOR;
    }
    return (unsigned)(((s + 1) * (u128)o->q >> 32) - (s * (u128)o->q >> 32));
}

/* ---- 7. A byte, from beginning to end ---- */

void oracle_init(struct oracle *const o, const struct oracle_spec *const spec)
{
    o->spec = *spec;
    o->f = f_of(spec->Qdedup);
    init_key(o);
    init_sbox(o);
    init_sectors(o);
}

static uint8_t at_least_1(const uint8_t byte)
{
    return byte == 0 ? 1 : byte;
}

static uint64_t sector_of(const struct oracle *const o, const uint64_t offset)
{
    const uint64_t unit = UINT64_C(1) << o->spec.lg_unit;
    return offset % unit / SECTOR;
}

uint8_t oracle_byte(const struct oracle *const o, const uint64_t offset)
{
    const uint64_t i = offset >> o->spec.lg_unit;
    const uint64_t u = oracle_id(o, i);
    const uint64_t s = sector_of(o, offset);
    const uint64_t p = offset % SECTOR;
    return p < oracle_k(o, s) ? keystream_byte(o, u, SECTOR * s + p) : at_least_1(keystream_byte(o, u, SECTOR * s));
}

/* ---- The same bytes, a sector at a time ---- */

static void whole_sector(const struct oracle *const o, const uint64_t u, const uint64_t s, uint8_t sector[SECTOR])
{
    const unsigned k = oracle_k(o, s);
    uint64_t L, R;
    oracle_LR(o, u, &L, &R);
    for (unsigned p = 0; p < SECTOR; p += BLOCK) {
        block_of(o, L, R, (SECTOR * s + p) / BLOCK, sector + p);
    }
    memset(sector + k, at_least_1(sector[0]), SECTOR - k);
}

void oracle_read(const struct oracle *const o, uint64_t offset, uint8_t *dst, size_t len)
{
    while (len > 0) {
        uint8_t sector[SECTOR];
        whole_sector(o, oracle_id(o, offset >> o->spec.lg_unit), sector_of(o, offset), sector);
        const size_t p = offset % SECTOR;
        const size_t take = len < SECTOR - p ? len : SECTOR - p;
        memcpy(dst, sector + p, take);
        offset += take;
        dst += take;
        len -= take;
    }
}
