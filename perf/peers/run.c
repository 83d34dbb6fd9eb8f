/* The loop of a peer on the calling thread, and the bare loop, which is the floor of the rig. */
#define _GNU_SOURCE
#include "peer.h"
#include <errno.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

#define POLLS_PER_CLOCK 64 /* polls between two looks at the clock */

static uint64_t run_delay(void) {
    uint64_t on_cpu = 0, waited = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &on_cpu, &waited) != 2)
        waited = 0;
    fclose(file);
    return waited;
}

/* What the kernel did to the thread meanwhile; once to begin with and once, with sign 1, to end. */
static void note_thread(struct rig_result *result, int ends) {
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    uint64_t sign = ends ? 1 : UINT64_MAX;
    result->run_delay_ns += sign * run_delay();
    result->voluntary_switches += sign * (uint64_t)usage.ru_nvcsw;
    result->involuntary_switches += sign * (uint64_t)usage.ru_nivcsw;
}

/* What the transmit queue did not take is dropped. */
static uint32_t transmit(struct rig_peer *peer, const struct rig_order *order, struct rte_mbuf **packets,
                         uint32_t n) {
    uint16_t sent = rte_eth_tx_burst(order->tx_port, order->tx_queue, packets, (uint16_t)n);
    for (uint32_t i = sent; i < n; i++) {
        peer->tx_bytes -= packets[i]->pkt_len;
        drop(peer, packets[i], DROP_TX_FULL, NO_ROW);
    }
    peer->columns[RIG_PORT_TX]->packets += sent;
    peer->columns[RIG_PORT_TX]->bytes += peer->tx_bytes;
    return sent;
}

static inline void turn(struct rig_peer *peer, const struct rig_order *order, struct rte_mbuf **packets,
                        uint32_t n, struct rig_result *result) {
    peer->tx_bytes = 0;
    peer->freed_count = 0;
    uint32_t left = order->mode == RIG_ENCAP ? encap_burst(peer, packets, n) : decap_burst(peer, packets, n);
    result->tx += left == 0 ? 0 : transmit(peer, order, packets, left);
    result->dropped += peer->freed_count;
    if (peer->freed_count != 0)
        rte_pktmbuf_free_bulk(peer->freed, peer->freed_count);
}

static inline void bare_turn(const struct rig_order *order, struct rte_mbuf **packets, uint32_t n,
                             struct rig_result *result) {
    uint16_t sent = rte_eth_tx_burst(order->tx_port, order->tx_queue, packets, (uint16_t)n);
    result->tx += sent;
    result->dropped += n - sent;
    if (sent < n)
        rte_pktmbuf_free_bulk(packets + sent, n - sent);
}

static void loop(struct rig_peer *peer, const struct rig_order *order, struct rig_result *result) {
    struct rte_mbuf *packets[BURST];
    uint16_t burst = order->burst == 0 ? BURST : (uint16_t)order->burst;
    uint64_t begin = rte_rdtsc(), end = begin + (uint64_t)(order->seconds * (double)rte_get_tsc_hz()),
             now = begin;
    int drained = 0;
    while (now < end && !drained) {
        for (uint32_t poll = 0; poll < POLLS_PER_CLOCK && !drained; poll++) {
            uint16_t n = rte_eth_rx_burst(order->rx_port, order->rx_queue, packets, burst);
            result->polls++;
            if (n == 0) {
                result->empty_polls++;
                drained = order->packets != 0 && result->rx >= order->packets;
                continue;
            }
            result->rx += n;
            if (order->mode == RIG_BARE)
                bare_turn(order, packets, n, result);
            else
                turn(peer, order, packets, n, result);
        }
        now = rte_rdtsc();
    }
    result->tsc_elapsed = now - begin;
}

int rig_run(struct rig_peer *peer, const struct rig_order *order, struct rig_result *result) {
    if (order->mode > RIG_DECAP || order->burst > BURST || (peer == NULL && order->mode != RIG_BARE))
        return -EINVAL;
    memset(result, 0, sizeof(*result));
    cpu_set_t old, one;
    if (sched_getaffinity(0, sizeof(old), &old) != 0)
        return -errno;
    CPU_ZERO(&one);
    if (order->cpu >= 0) {
        CPU_SET(order->cpu, &one);
        if (sched_setaffinity(0, sizeof(one), &one) != 0)
            return -errno;
    }
    /* An lcore id brings the mempool cache; a thread that has one keeps it. */
    int registered = rte_lcore_id() == LCORE_ID_ANY && rte_thread_register() == 0;
    note_thread(result, 0);
    loop(peer, order, result);
    note_thread(result, 1);
    if (registered)
        rte_thread_unregister();
    if (order->cpu >= 0)
        sched_setaffinity(0, sizeof(old), &old);
    return 0;
}

int rig_process_one(struct rig_peer *peer, uint32_t mode, const uint8_t *frame, uint32_t length, uint8_t *out,
                    uint32_t capacity) {
    struct rte_mbuf packet, *packets[] = {&packet};
    uint8_t buffer[RTE_PKTMBUF_HEADROOM + 9216 + 64] __attribute__((aligned(64))) = {0};
    if (length > 9216 || (mode != RIG_ENCAP && mode != RIG_DECAP))
        return -EINVAL;
    memset(&packet, 0, sizeof(packet));
    packet.buf_addr = buffer;
    packet.buf_len = sizeof(buffer);
    packet.data_off = RTE_PKTMBUF_HEADROOM;
    packet.nb_segs = 1;
    packet.data_len = (uint16_t)length;
    packet.pkt_len = length;
    memcpy(buffer + RTE_PKTMBUF_HEADROOM, frame, length);
    peer->tx_bytes = 0;
    peer->freed_count = 0;
    if ((mode == RIG_ENCAP ? encap_burst : decap_burst)(peer, packets, 1) == 0)
        return -(int)peer->last_drop;
    if (packet.pkt_len > capacity)
        return -ENOSPC;
    memcpy(out, rte_pktmbuf_mtod(&packet, uint8_t *), packet.pkt_len);
    return (int)packet.pkt_len;
}
