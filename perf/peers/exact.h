/* Hash tables written for this job: a bucket is one cache line, keys and values side by side, no second line
 * to follow. One writer; readers beside it take no lock: a value is stored before its key, and a reader looks
 * at the key again after it has read the value. A full bucket overflows into the next one, and a search ends
 * at a free slot. */
#ifndef RIG_EXACT_H
#define RIG_EXACT_H

#include <immintrin.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <stdint.h>

/* A removed key in a bucket that has overflowed: free, but a search goes on to the next bucket. */
#define EXACT_TOMBSTONE UINT64_MAX

/* 64-bit keys other than 0 and the tombstone. */
struct exact4_bucket {
    uint64_t keys[4];
    uint64_t values[4];
} __attribute__((aligned(64)));

struct exact4 {
    struct exact4_bucket *buckets;
    uint64_t mask;
    uint32_t entries, capacity;
};

/* 192-bit keys whose last word, space and prefix length, is neither 0 nor the tombstone. */
struct exact6_entry {
    uint64_t address[2];
    uint64_t space;
    uint64_t value;
};

struct exact6_bucket {
    struct exact6_entry entries[2];
} __attribute__((aligned(64)));

struct exact6 {
    struct exact6_bucket *buckets;
    uint64_t mask;
    uint32_t entries, capacity;
};

/* Zeroed and aligned to a line; in huge pages where the kernel gives them, for a walk of the page table per
 * lookup is worth avoiding. */
void *table_memory(size_t bytes);

int exact4_open(struct exact4 *table, uint32_t capacity);
void exact4_close(struct exact4 *table);
int exact4_set(struct exact4 *table, uint64_t key, uint64_t value);
int exact4_remove(struct exact4 *table, uint64_t key);

int exact6_open(struct exact6 *table, uint32_t capacity);
void exact6_close(struct exact6 *table);
int exact6_set(struct exact6 *table, uint64_t space, const uint64_t address[2], uint64_t value);
int exact6_remove(struct exact6 *table, uint64_t space, const uint64_t address[2]);

static inline struct exact4_bucket *exact4_bucket(const struct exact4 *table, uint64_t key) {
    return table->buckets + (_mm_crc32_u64(0, key) & table->mask);
}

/* Goes on from a bucket; 0 when there is no such key. */
static inline uint64_t exact4_find_from(const struct exact4 *table, const struct exact4_bucket *bucket,
                                        uint64_t key) {
    const __m256i wanted = _mm256_set1_epi64x((long long)key);
    for (;;) {
        __m256i keys = _mm256_load_si256((const __m256i *)bucket->keys);
        int at = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(keys, wanted)));
        if (likely(at != 0)) {
            int slot = __builtin_ctz((unsigned)at);
            uint64_t value = *(const volatile uint64_t *)&bucket->values[slot];
            if (likely(*(const volatile uint64_t *)&bucket->keys[slot] == key))
                return value;
            continue;
        }
        if (_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(keys, _mm256_setzero_si256()))) != 0)
            return 0;
        bucket = table->buckets + ((uint64_t)(bucket + 1 - table->buckets) & table->mask);
    }
}

static inline uint64_t exact4_find(const struct exact4 *table, uint64_t key) {
    return exact4_find_from(table, exact4_bucket(table, key), key);
}

/* The address: 16 octets, aligned or not. */
static inline struct exact6_bucket *exact6_bucket(const struct exact6 *table, uint64_t space,
                                                  const void *address) {
    const unaligned_uint64_t *words = address;
    uint64_t low = _mm_crc32_u64(space, words[0]), high = _mm_crc32_u64(space >> 32, words[1]);
    return table->buckets + (_mm_crc32_u64(low, high) & table->mask);
}

static inline uint64_t exact6_find_from(const struct exact6 *table, const struct exact6_bucket *bucket,
                                        uint64_t space, const void *address) {
    const __m256i wanted =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)address)),
                                _mm_cvtsi64_si128((long long)space), 1);
    for (;;) {
        for (int slot = 0; slot < 2; slot++) {
            const struct exact6_entry *entry = &bucket->entries[slot];
            __m256i found = _mm256_load_si256((const __m256i *)entry);
            if ((_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(found, wanted))) & 7) != 7)
                continue;
            uint64_t value = *(const volatile uint64_t *)&entry->value;
            if (likely(*(const volatile uint64_t *)&entry->space == space))
                return value;
            slot--;
        }
        if (*(const volatile uint64_t *)&bucket->entries[0].space == 0 ||
            *(const volatile uint64_t *)&bucket->entries[1].space == 0)
            return 0;
        bucket = table->buckets + ((uint64_t)(bucket + 1 - table->buckets) & table->mask);
    }
}

static inline uint64_t exact6_find(const struct exact6 *table, uint64_t space, const void *address) {
    return exact6_find_from(table, exact6_bucket(table, space, address), space, address);
}

#endif
