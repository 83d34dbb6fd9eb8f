/* The writer's side of exact.h. */
#define _GNU_SOURCE
#include "exact.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE (2u << 20)

void *table_memory(size_t bytes) {
    size_t unit = bytes < HUGE_PAGE / 4 ? 64 : HUGE_PAGE;
    bytes = (bytes + unit - 1) / unit * unit;
    void *memory = aligned_alloc(unit, bytes);
    if (memory == NULL)
        return NULL;
    if (unit == HUGE_PAGE)
        madvise(memory, bytes, MADV_HUGEPAGE);
    return memset(memory, 0, bytes);
}

static uint64_t power_of_two(uint64_t at_least) {
    uint64_t n = 1;
    while (n < at_least)
        n *= 2;
    return n;
}

int exact4_open(struct exact4 *table, uint32_t capacity) {
    uint64_t buckets =
        power_of_two((capacity + 1) / 2); /* at most two entries to a bucket of four on average */
    table->buckets = table_memory(buckets * sizeof(*table->buckets));
    table->mask = buckets - 1;
    table->entries = 0;
    table->capacity = capacity;
    return table->buckets == NULL ? -ENOMEM : 0;
}

void exact4_close(struct exact4 *table) {
    free(table->buckets);
    table->buckets = NULL;
}

static struct exact4_bucket *next4(const struct exact4 *table, const struct exact4_bucket *bucket) {
    return table->buckets + ((uint64_t)(bucket + 1 - table->buckets) & table->mask);
}

int exact4_set(struct exact4 *table, uint64_t key, uint64_t value) {
    uint64_t *free_key = NULL, *free_value = NULL;
    for (struct exact4_bucket *bucket = exact4_bucket(table, key);; bucket = next4(table, bucket)) {
        int last = 0;
        for (int slot = 0; slot < 4; slot++) {
            uint64_t there = bucket->keys[slot];
            if (there == key) {
                __atomic_store_n(&bucket->values[slot], value, __ATOMIC_RELEASE);
                return 0;
            }
            if (free_key == NULL && (there == 0 || there == EXACT_TOMBSTONE)) {
                free_key = &bucket->keys[slot];
                free_value = &bucket->values[slot];
            }
            last |= there == 0;
        }
        if (last)
            break;
    }
    if (table->entries == table->capacity)
        return -ENOSPC;
    table->entries++;
    __atomic_store_n(free_value, value, __ATOMIC_RELEASE);
    __atomic_store_n(free_key, key, __ATOMIC_RELEASE);
    return 0;
}

/* True when a key that belongs to this bucket or an earlier one lies beyond it. */
static int has_overflowed4(const struct exact4 *table, const struct exact4_bucket *bucket) {
    uint64_t at = (uint64_t)(bucket - table->buckets);
    for (uint64_t distance = 1;; distance++) {
        const struct exact4_bucket *beyond = table->buckets + ((at + distance) & table->mask);
        int last = 0;
        for (int slot = 0; slot < 4; slot++) {
            uint64_t key = beyond->keys[slot];
            last |= key == 0;
            if (key == 0 || key == EXACT_TOMBSTONE)
                continue;
            uint64_t home = (uint64_t)(exact4_bucket(table, key) - table->buckets);
            if (((at + distance - home) & table->mask) >= distance)
                return 1;
        }
        if (last)
            return 0;
    }
}

int exact4_remove(struct exact4 *table, uint64_t key) {
    for (struct exact4_bucket *bucket = exact4_bucket(table, key);; bucket = next4(table, bucket)) {
        int at = -1, last = 0;
        for (int slot = 0; slot < 4; slot++) {
            if (bucket->keys[slot] == key)
                at = slot;
            last |= bucket->keys[slot] == 0;
        }
        if (at >= 0) {
            __atomic_store_n(&bucket->keys[at], last ? 0 : EXACT_TOMBSTONE, __ATOMIC_RELEASE);
            table->entries--;
            for (int slot = 0; slot < 4 && !last && !has_overflowed4(table, bucket); slot++) {
                if (bucket->keys[slot] == EXACT_TOMBSTONE)
                    __atomic_store_n(&bucket->keys[slot], 0, __ATOMIC_RELEASE);
            }
            return 0;
        }
        if (last)
            return -ENOENT;
    }
}

int exact6_open(struct exact6 *table, uint32_t capacity) {
    uint64_t buckets =
        power_of_two((uint64_t)capacity + 1); /* at most one entry to a bucket of two on average */
    table->buckets = table_memory(buckets * sizeof(*table->buckets));
    table->mask = buckets - 1;
    table->entries = 0;
    table->capacity = capacity;
    return table->buckets == NULL ? -ENOMEM : 0;
}

void exact6_close(struct exact6 *table) {
    free(table->buckets);
    table->buckets = NULL;
}

static int is_key6(const struct exact6_entry *entry, uint64_t space, const uint64_t *address) {
    return entry->space == space && entry->address[0] == address[0] && entry->address[1] == address[1];
}

static struct exact6_bucket *next6(const struct exact6 *table, const struct exact6_bucket *bucket) {
    return table->buckets + ((uint64_t)(bucket + 1 - table->buckets) & table->mask);
}

int exact6_set(struct exact6 *table, uint64_t space, const uint64_t address[2], uint64_t value) {
    struct exact6_entry *chosen = NULL;
    for (struct exact6_bucket *bucket = exact6_bucket(table, space, address);;
         bucket = next6(table, bucket)) {
        int last = 0;
        for (int slot = 0; slot < 2; slot++) {
            struct exact6_entry *entry = &bucket->entries[slot];
            if (is_key6(entry, space, address)) {
                __atomic_store_n(&entry->value, value, __ATOMIC_RELEASE);
                return 0;
            }
            if (chosen == NULL && (entry->space == 0 || entry->space == EXACT_TOMBSTONE))
                chosen = entry;
            last |= entry->space == 0;
        }
        if (last)
            break;
    }
    if (table->entries == table->capacity)
        return -ENOSPC;
    table->entries++;
    __atomic_store_n(&chosen->value, value, __ATOMIC_RELEASE);
    __atomic_store_n(&chosen->address[0], address[0], __ATOMIC_RELEASE);
    __atomic_store_n(&chosen->address[1], address[1], __ATOMIC_RELEASE);
    __atomic_store_n(&chosen->space, space, __ATOMIC_RELEASE);
    return 0;
}

static int has_overflowed6(const struct exact6 *table, const struct exact6_bucket *bucket) {
    uint64_t at = (uint64_t)(bucket - table->buckets);
    for (uint64_t distance = 1;; distance++) {
        const struct exact6_bucket *beyond = table->buckets + ((at + distance) & table->mask);
        int last = 0;
        for (int slot = 0; slot < 2; slot++) {
            const struct exact6_entry *entry = &beyond->entries[slot];
            last |= entry->space == 0;
            if (entry->space == 0 || entry->space == EXACT_TOMBSTONE)
                continue;
            uint64_t home = (uint64_t)(exact6_bucket(table, entry->space, entry->address) - table->buckets);
            if (((at + distance - home) & table->mask) >= distance)
                return 1;
        }
        if (last)
            return 0;
    }
}

int exact6_remove(struct exact6 *table, uint64_t space, const uint64_t address[2]) {
    for (struct exact6_bucket *bucket = exact6_bucket(table, space, address);;
         bucket = next6(table, bucket)) {
        int at = -1, last = 0;
        for (int slot = 0; slot < 2; slot++) {
            if (is_key6(&bucket->entries[slot], space, address))
                at = slot;
            last |= bucket->entries[slot].space == 0;
        }
        if (at >= 0) {
            __atomic_store_n(&bucket->entries[at].space, last ? 0 : EXACT_TOMBSTONE, __ATOMIC_RELEASE);
            table->entries--;
            for (int slot = 0; slot < 2 && !last && !has_overflowed6(table, bucket); slot++) {
                if (bucket->entries[slot].space == EXACT_TOMBSTONE)
                    __atomic_store_n(&bucket->entries[slot].space, 0, __ATOMIC_RELEASE);
            }
            return 0;
        }
        if (last)
            return -ENOENT;
    }
}
