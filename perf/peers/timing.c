/* DPDK's own lookups on the clock, as the measure for ours: bulks of 64 over the probes, round after round.
 */
#define ALLOW_EXPERIMENTAL_API /* rte_vect_set_max_simd_bitwidth */
#include "peer.h"
#include <errno.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_rib.h>
#include <rte_vect.h>
#include <stdio.h>
#include <stdlib.h>

#define BULK 64u
#define LEAST_SECONDS 0.1
#define MOST_ROUNDS 100000u
#define TBL24_BYTES ((uint64_t)4 << 24)

/* What is timed: looks n <= BULK probes up, the first of them number `first`, and returns how many were
 * found. */
typedef uint32_t lookup_bulk(const void *table, const void *probes, uint32_t first, uint32_t n);

static uint32_t look_up_fib4(const void *table, const void *probes, uint32_t first, uint32_t n) {
    uint64_t next_hops[BULK];
    uint32_t found = 0;
    rte_fib_lookup_bulk((struct rte_fib *)(uintptr_t)table, (uint32_t *)(uintptr_t)probes + first, next_hops,
                        (int)n);
    for (uint32_t i = 0; i < n; i++)
        found += next_hops[i] != 0;
    return found;
}

static uint32_t look_up_fib6(const void *table, const void *probes, uint32_t first, uint32_t n) {
    uint64_t next_hops[BULK];
    uint32_t found = 0;
    rte_fib6_lookup_bulk((struct rte_fib6 *)(uintptr_t)table,
                         (uint8_t(*)[RTE_FIB6_IPV6_ADDR_SIZE])(uintptr_t)probes + first, next_hops, (int)n);
    for (uint32_t i = 0; i < n; i++)
        found += next_hops[i] != 0;
    return found;
}

static uint32_t look_up_hash(const void *table, const void *probes, uint32_t first, uint32_t n) {
    const uint64_t *keys = (const uint64_t *)probes + first;
    const void *pointers[BULK];
    hash_sig_t signatures[BULK];
    uint64_t hits;
    void *data[BULK];
    for (uint32_t i = 0; i < n; i++) {
        pointers[i] = &keys[i];
        signatures[i] = hash_of_key4(keys[i]);
    }
    rte_hash_lookup_with_hash_bulk_data(table, pointers, signatures, n, &hits, data);
    return (uint32_t)__builtin_popcountll(hits);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static int measure(lookup_bulk *look_up, const void *table, const void *probes, uint32_t count,
                   uint32_t rounds, struct rig_lookup_time *time) {
    double *each = malloc(MOST_ROUNDS * sizeof(*each)), nanoseconds_per_tick = 1e9 / (double)rte_get_tsc_hz();
    if (each == NULL)
        return -ENOMEM;
    uint64_t end = rte_rdtsc() + (uint64_t)(LEAST_SECONDS * (double)rte_get_tsc_hz());
    uint32_t done = 0;
    while (done < MOST_ROUNDS && (done < rounds || rte_rdtsc() < end)) {
        uint64_t begin = rte_rdtsc_precise();
        time->hits = 0;
        for (uint32_t first = 0; first < count; first += BULK)
            time->hits += look_up(table, probes, first, RTE_MIN(BULK, count - first));
        each[done++] = (double)(rte_rdtsc_precise() - begin) * nanoseconds_per_tick / count;
    }
    qsort(each, done, sizeof(*each), compare);
    time->nanoseconds = each[0];
    time->median = each[done / 2];
    free(each);
    return 0;
}

static void lift_vector_limit(void) { rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_512); }

/* rte_fib's vector lookups need AVX-512 F, and the trie's BW as well; there is nothing between them and
 * scalar. */
static uint32_t fib_vector_bits(int trie) {
    int wide = rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512F) == 1 &&
               (!trie || rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512BW) == 1);
    return wide ? 512 : 64;
}

/* /24s, or with step 8 any octet's boundary, with longer prefixes: groups of 256 entries that the table needs
 * at most. */
static uint32_t longer_than(const uint8_t *lengths, uint32_t routes, uint32_t bits) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < routes; i++)
        count += lengths[i] > bits;
    return count;
}

/* The same for IPv4, where routes of one /24 that follow each other share a group. */
static uint32_t groups4(const uint32_t *addresses, const uint8_t *lengths, uint32_t routes) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < routes; i++)
        count +=
            lengths[i] > 24 && (i == 0 || lengths[i - 1] <= 24 || addresses[i] >> 8 != addresses[i - 1] >> 8);
    return count;
}

int rig_time_fib4(const uint32_t *addresses, const uint8_t *lengths, uint32_t routes, const uint32_t *probes,
                  uint32_t probe_count, uint32_t rounds, struct rig_lookup_time *time) {
    memset(time, 0, sizeof(*time));
    lift_vector_limit();
    struct rte_fib_conf config = {.type = RTE_FIB_DIR24_8, .default_nh = 0, .max_routes = (int)routes + 1024};
    config.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
    config.dir24_8.num_tbl8 = RTE_MIN(RTE_MAX(groups4(addresses, lengths, routes) + 16, 256u), 1u << 20);
    struct rte_fib *fib = rte_fib_create("rig-time-fib4", SOCKET_ID_ANY, &config);
    if (fib == NULL)
        return -rte_errno;
    int code = 0;
    for (uint32_t i = 0; i < routes && code == 0; i++)
        code = rte_fib_add(fib, addresses[i], lengths[i], i % 65535 + 1);
    time->vector_bits = fib_vector_bits(0);
    time->bytes = TBL24_BYTES + (uint64_t)config.dir24_8.num_tbl8 * 256 * 4;
    if (code == 0)
        code = measure(look_up_fib4, fib, probes, probe_count, rounds, time);
    rte_fib_free(fib);
    return code;
}

int rig_time_fib6(const uint8_t *addresses, const uint8_t *lengths, uint32_t routes, const uint8_t *probes,
                  uint32_t probe_count, uint32_t rounds, struct rig_lookup_time *time) {
    memset(time, 0, sizeof(*time));
    lift_vector_limit();
    struct rte_fib6_conf config = {.type = RTE_FIB6_TRIE, .default_nh = 0, .max_routes = (int)routes + 1024};
    config.trie.nh_sz = RTE_FIB6_TRIE_4B;
    config.trie.num_tbl8 = RTE_MIN(longer_than(lengths, routes, 24) * 2 + 65536, 1u << 20);
    struct rte_fib6 *fib = rte_fib6_create("rig-time-fib6", SOCKET_ID_ANY, &config);
    if (fib == NULL)
        return -rte_errno;
    int code = 0;
    for (uint32_t i = 0; i < routes && code == 0; i++)
        code = rte_fib6_add(fib, addresses + i * 16, lengths[i], i % 65535 + 1);
    time->vector_bits = fib_vector_bits(1);
    time->bytes = TBL24_BYTES + (uint64_t)config.trie.num_tbl8 * 256 * 4;
    if (code == 0)
        code = measure(look_up_fib6, fib, probes, probe_count, rounds, time);
    rte_fib6_free(fib);
    return code;
}

int rig_time_hash(const uint64_t *keys, uint32_t count, const uint64_t *probes, uint32_t probe_count,
                  uint32_t rounds, struct rig_lookup_time *time) {
    memset(time, 0, sizeof(*time));
    struct rte_hash *hash = open_hash4("rig-time-hash", count);
    if (hash == NULL)
        return -rte_errno;
    int code = 0;
    for (uint32_t i = 0; i < count && code == 0; i++)
        code = rte_hash_add_key_data(hash, &keys[i], (void *)(uintptr_t)(i + 1));
    time->vector_bits = 128; /* a bucket's signatures */
    /* Per slot a key with its data; per bucket of eight slots a line of signatures and indices. */
    uint64_t slots = hash_slots(count);
    time->bytes = slots * RTE_ALIGN_CEIL(8 + sizeof(void *), 16u) + rte_align64pow2(slots) / 8 * 64;
    if (code == 0)
        code = measure(look_up_hash, hash, probes, probe_count, rounds, time);
    rte_hash_free(hash);
    return code;
}
