/* C surface of libdpdk for src/Dataplane.Dpdk: what C# cannot reach by itself (static inline functions,
 * thread-local rte_errno, structs whose layout belongs to DPDK). No decisions are taken here.
 *
 * Unless said otherwise an int result is 0 or a positive count on success and a negative errno on failure,
 * and a function may be called from any thread once dp_eal_init has returned. */
#ifndef DATAPLANE_SHIM_H
#define DATAPLANE_SHIM_H

#include <stddef.h>
#include <stdint.h>

#define DP_EXPORT __attribute__((visibility("default")))

/* Raised whenever a signature, a struct below or the meaning of a result changes. Shim.cs holds the same
 * number. */
#define DP_ABI_VERSION 1

struct rte_mbuf;

/* ---- version.c ---- */
DP_EXPORT int dp_abi_version(void);
DP_EXPORT const char *dp_dpdk_version(void);          /* of the library found at run time */
DP_EXPORT const char *dp_compiled_dpdk_version(void); /* of the headers the shim was compiled with */

/* ---- fast_calls.c: the table that packet workers use, and nothing else; FastCalls.cs mirrors it ---- */
struct dp_fast_calls {
    uint16_t (*rx_burst)(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);
    uint16_t (*tx_burst)(uint16_t port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);
    void (*free_bulk)(struct rte_mbuf **packets, uint32_t count);
    int (*alloc_bulk)(void *mempool, struct rte_mbuf **packets,
                      uint32_t count);                                    /* all (0) or none (-ENOENT) */
    uint32_t (*ring_enqueue)(void *ring, void **objects, uint32_t count); /* burst: how many went in */
    uint32_t (*ring_dequeue)(void *ring, void **objects, uint32_t count); /* burst: how many came out */
    uint64_t (*tsc)(void);
    void (*sleep_microseconds)(uint32_t microseconds);
    int (*thread_register)(void);
    void (*thread_unregister)(void);
    int (*pin_to_cpu)(int cpu);
};
DP_EXPORT const struct dp_fast_calls *dp_fast_calls(void);
DP_EXPORT int dp_fast_calls_size(void);

/* ---- log.c: what DPDK logs, kept in a bounded buffer; the oldest bytes go first ---- */
DP_EXPORT int dp_log_open(void);
DP_EXPORT int dp_log_take(char *text, int capacity); /* moves up to capacity bytes out; no terminator */

/* ---- eal.c ---- */
/* Also sends to the log buffer what EAL prints on the C streams. Pins the calling thread to the main lcore's
 * CPU. */
DP_EXPORT int dp_eal_init(int argc, char **argv);
DP_EXPORT int dp_eal_cleanup(void);
DP_EXPORT const char *dp_eal_runtime_dir(void);
DP_EXPORT uint64_t dp_tsc_hz(void);
DP_EXPORT int dp_lcore_id(void); /* -1 for a thread that is not registered */

/* ---- mbuf.c ---- */
DP_EXPORT int dp_mbuf_size(void);
DP_EXPORT int dp_mbuf_offset(int field); /* ids of dataplane_mbuf.h; -EINVAL when unknown */
DP_EXPORT int
dp_mbuf_timestamp_offset(void); /* of the 64-bit receive time stamp; -ENOENT when no driver has one */
DP_EXPORT uint64_t
dp_mbuf_timestamp_flag(void); /* ol_flags bit that says it is set; 0 when no driver has one */

/* ---- memory.c ---- */
DP_EXPORT int dp_mempool_create(const char *name, uint32_t count, uint32_t cache, uint16_t private_bytes,
                                uint16_t data_room, int socket, void **pool);
DP_EXPORT void dp_mempool_free(void *pool);
DP_EXPORT uint32_t dp_mempool_available(const void *pool);
DP_EXPORT uint32_t dp_mempool_capacity(const void *pool);

DP_EXPORT int dp_ring_create(const char *name, uint32_t count, int socket, int single_producer,
                             int single_consumer, int exact_size, void **ring);
DP_EXPORT void dp_ring_free(void *ring);
DP_EXPORT uint32_t dp_ring_count(const void *ring);
DP_EXPORT uint32_t dp_ring_capacity(const void *ring);

DP_EXPORT int dp_memzone_reserve(const char *name, size_t bytes, uint32_t alignment, int socket,
                                 const void **zone);
DP_EXPORT int dp_memzone_lookup(const char *name, const void **zone);
DP_EXPORT int dp_memzone_free(const void *zone);
DP_EXPORT void *dp_memzone_address(const void *zone);
DP_EXPORT uint64_t dp_memzone_bytes(const void *zone);

/* ---- port.c, port_configure.c ---- */
/* Mirrored by PortInformation.Native in C#. */
struct dp_port_info {
    char driver[32];
    char device[64];
    uint64_t rss_offloads; /* RTE_ETH_RSS_* that the device can hash on */
    uint32_t min_mtu;
    uint32_t max_mtu;
    uint16_t max_rx_queues;
    uint16_t max_tx_queues;
    int16_t socket; /* NUMA node, -1 when it has none */
    uint16_t reserved;
};
/* Mirrored by PortStatistics in C#. */
struct dp_port_stats {
    uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
    uint64_t rx_missed, rx_errors, tx_errors, rx_no_mbuf;
};

DP_EXPORT int dp_device_attach(const char *bus, const char *name, const char *arguments);
DP_EXPORT int dp_device_detach(const char *bus, const char *name);
DP_EXPORT int dp_port_by_name(const char *name); /* port id or -ENODEV */
DP_EXPORT int dp_port_next(int port);            /* the first port id >= port, or -ENODEV */
DP_EXPORT int dp_port_info(uint16_t port, struct dp_port_info *info);
/* Hashes on those of rss_requested that the device offers when it has more than one receive queue; *rss gets
 * which. */
DP_EXPORT int dp_port_configure(uint16_t port, uint16_t rx_queues, uint16_t tx_queues, uint64_t rss_requested,
                                uint64_t *rss);
DP_EXPORT int dp_port_clamp_descriptors(uint16_t port, uint16_t *rx, uint16_t *tx);
DP_EXPORT int dp_port_rx_queue(uint16_t port, uint16_t queue, uint16_t descriptors, void *pool);
DP_EXPORT int dp_port_tx_queue(uint16_t port, uint16_t queue, uint16_t descriptors);
DP_EXPORT int dp_port_start(uint16_t port);
DP_EXPORT int dp_port_stop(uint16_t port);
DP_EXPORT int dp_port_close(uint16_t port);
DP_EXPORT int dp_port_get_mtu(uint16_t port);
DP_EXPORT int dp_port_set_mtu(uint16_t port, uint16_t mtu);
DP_EXPORT int dp_port_set_promiscuous(uint16_t port, int on);
DP_EXPORT int dp_port_set_allmulticast(uint16_t port, int on);
DP_EXPORT int dp_port_get_mac(uint16_t port, uint8_t mac[6]);
DP_EXPORT int dp_port_set_mac(uint16_t port, const uint8_t mac[6]);
DP_EXPORT int dp_port_link(uint16_t port, uint32_t *speed_mbps, int *full_duplex); /* 1 up, 0 down */
DP_EXPORT int dp_port_stats(uint16_t port, struct dp_port_stats *stats);
DP_EXPORT int dp_port_stats_reset(uint16_t port);
DP_EXPORT int dp_port_xstats_count(uint16_t port);
DP_EXPORT int dp_port_xstats_names(uint16_t port, char *names, int count);       /* 64 bytes each */
DP_EXPORT int dp_port_xstats_values(uint16_t port, uint64_t *values, int count); /* same order */
/* ---- port_rings.c ---- */
/* A net_ring port that receives from some rings and sends to others, which stay the caller's. Port id on
 * success. */
DP_EXPORT int dp_port_from_rings(const char *name, void *const *rx, unsigned int rx_count, void *const *tx,
                                 unsigned int tx_count, int socket);
DP_EXPORT uint64_t dp_rss_ip(void);
DP_EXPORT uint64_t dp_rss_tcp_udp(void);

#endif
