#include "dataplane_shim.h"
#include <errno.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <time.h>

_Static_assert(sizeof(struct dp_fast_calls) == 11 * sizeof(void *), "mirrored by FastCalls.cs");
_Static_assert(offsetof(struct dp_fast_calls, tsc) == 48, "mirrored by FastCalls.cs");
_Static_assert(offsetof(struct dp_fast_calls, pin_to_cpu) == 80, "mirrored by FastCalls.cs");

static uint16_t rx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count) {
    return rte_eth_rx_burst(port, queue, packets, count);
}

static uint16_t tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count) {
    return rte_eth_tx_burst(port, queue, packets, count);
}

static void free_bulk(struct rte_mbuf **packets, uint32_t count) { rte_pktmbuf_free_bulk(packets, count); }

static int alloc_bulk(void *mempool, struct rte_mbuf **packets, uint32_t count) {
    return rte_pktmbuf_alloc_bulk(mempool, packets, count);
}

static uint32_t ring_enqueue(void *ring, void **objects, uint32_t count) {
    return rte_ring_enqueue_burst(ring, objects, count, NULL);
}

static uint32_t ring_dequeue(void *ring, void **objects, uint32_t count) {
    return rte_ring_dequeue_burst(ring, objects, count, NULL);
}

static uint64_t tsc(void) { return rte_rdtsc(); }

static void sleep_microseconds(uint32_t microseconds) {
    struct timespec left = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static int thread_register(void) { return rte_thread_register() == 0 ? 0 : -rte_errno; }

static void thread_unregister(void) { rte_thread_unregister(); }

static int pin_to_cpu(int cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return -EINVAL;
    rte_cpuset_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return rte_thread_set_affinity(&set) == 0 ? 0 : -EINVAL;
}

static const struct dp_fast_calls table = {
    .rx_burst = rx_burst,
    .tx_burst = tx_burst,
    .free_bulk = free_bulk,
    .alloc_bulk = alloc_bulk,
    .ring_enqueue = ring_enqueue,
    .ring_dequeue = ring_dequeue,
    .tsc = tsc,
    .sleep_microseconds = sleep_microseconds,
    .thread_register = thread_register,
    .thread_unregister = thread_unregister,
    .pin_to_cpu = pin_to_cpu,
};

const struct dp_fast_calls *dp_fast_calls(void) { return &table; }

int dp_fast_calls_size(void) { return (int)sizeof(table); }
