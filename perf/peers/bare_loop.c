/* The floor of the rig: receive a burst, transmit it, nothing in between. Same devices, same core. */
#define _GNU_SOURCE
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <sched.h>

/* Runs for `seconds` on `cpu`; returns packets moved, or a negative errno. The thread is given back unpinned.
 */
int64_t rig_bare_loop(uint16_t rx_port, uint16_t tx_port, int cpu, double seconds) {
    cpu_set_t old, one;
    if (sched_getaffinity(0, sizeof(old), &old) != 0)
        return -1;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof(one), &one) != 0)
        return -1;
    int registered = rte_thread_register();
    struct rte_mbuf *burst[64];
    int64_t moved = 0;
    uint64_t end = rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());
    while (rte_rdtsc() < end) {
        for (int turn = 0; turn < 256; turn++) {
            uint16_t n = rte_eth_rx_burst(rx_port, 0, burst, 64);
            uint16_t sent = rte_eth_tx_burst(tx_port, 0, burst, n);
            moved += sent;
            if (sent < n)
                rte_pktmbuf_free_bulk(burst + sent, n - sent);
        }
    }
    if (registered == 0)
        rte_thread_unregister();
    sched_setaffinity(0, sizeof(old), &old);
    return moved;
}
