/* What a good DPDK engineer would write by hand for the forwarder's job, as a library that the rig loads: the
 * same checks, the same rewrites, the same counters, on the same ports, core and EAL. C surface for P/Invoke:
 * every struct is blittable, addresses are octets in network order, MACs six octets, numbers host order. An
 * int result is a row or 0 on success and a negative errno on failure. One peer is one worker: its tables
 * have a single writer, which may be another thread than the one inside rig_run. */
#ifndef RIG_PEERS_H
#define RIG_PEERS_H

#include <stdint.h>

#define RIG_EXPORT __attribute__((visibility("default")))

/* Raised whenever something below changes. */
#define RIG_ABI_VERSION 1

struct rig_peer;

enum rig_mode { RIG_BARE, RIG_ENCAP, RIG_DECAP };

/* How destinations are looked up; README.md says what each costs. */
enum rig_lookup {
    RIG_LOOKUP_BEST,  /* the fastest of the following for the sizes in rig_config */
    RIG_LOOKUP_HASH,  /* rte_hash over (VRF, address) in bulk; a shorter prefix is found by its length in the
                         same table */
    RIG_LOOKUP_FIB,   /* an rte_fib or rte_fib6 per VRF: 64 MiB of EAL memory each */
    RIG_LOOKUP_EXACT, /* a hash table written for this job, a bucket per cache line; shorter prefixes as above
                       */
};

enum rig_encapsulation { RIG_MPLS_IN_GRE, RIG_MPLS_IN_UDP, RIG_MPLS_IN_IP };

/* What a route leads to. */
enum rig_next_hop { RIG_TO_TUNNEL = 1, RIG_TO_INTERFACE = 2, RIG_TO_GROUP = 3 };

/* The access view is what tenants' packets use, local routes are asked first for packets with an aggregate
 * label. */
enum rig_view { RIG_ACCESS_VIEW, RIG_LOCAL_VIEW };

enum rig_label { RIG_LABEL_INTERFACE = 1, RIG_LABEL_AGGREGATE = 2 };

struct rig_config {
    uint32_t vrfs, interfaces, tunnels, groups; /* most rows of each */
    uint32_t routes4, routes6;                  /* most routes of each family over all VRFs */
    uint32_t ingresses;                         /* most (VRF, outer source) pairs of each family */
    uint32_t lookup;                            /* enum rig_lookup */
    uint8_t virtual_mac4[6], virtual_mac6[6];   /* the first-hop router: destination of tenants' frames */
    uint8_t core_mac[6];                        /* destination of frames from the core */
    uint8_t tunnel_end4[4], tunnel_end6[16];    /* our infrastructure addresses; all zero = none */
    uint8_t accept_zero_udp6;                   /* take UDP over IPv6 without checksum (RFC 6935) */
    uint8_t default_tos, default_tc; /* outer TOS and label TC of packets without an interface of origin */
    uint8_t reserved[3];
};

struct rig_interface {
    uint32_t vrf;
    uint16_t vlan;       /* outer tag; 0 = untagged. Interfaces that share their tags differ by MAC */
    uint16_t inner_vlan; /* second tag; 0 = none */
    uint16_t mtu;
    uint8_t mac[6];                      /* source of its frames, destination of what is delivered to it */
    uint8_t source4[4], source4_length;  /* legitimate source prefix; length 255 = none */
    uint8_t source6[16], source6_length; /* likewise */
    uint8_t tos;                         /* outer TOS of what it sends */
    uint8_t tc;                          /* label TC of what it sends */
};

struct rig_tunnel {
    uint8_t family;        /* outer: 4 or 6 */
    uint8_t encapsulation; /* enum rig_encapsulation */
    uint8_t ttl;           /* of the outer header and of the label */
    uint8_t zero_udp6;     /* UDP over IPv6 goes out without checksum */
    uint16_t path_mtu;     /* bytes of the longest outer IP packet */
    uint8_t source_mac[6], destination_mac[6];
    uint8_t remote[16]; /* the other end; 4 octets with family 4. The near end is the one in rig_config */
    uint8_t reserved[2];
};

struct rig_member {
    uint32_t tunnel, label;
};

struct rig_order {
    uint32_t mode; /* enum rig_mode */
    uint16_t rx_port, rx_queue, tx_port, tx_queue;
    int32_t cpu;    /* to pin the calling thread to meanwhile; -1 = leave it */
    uint32_t burst; /* 1 to 64 packets a poll; 0 = 64 */
    uint32_t reserved;
    double seconds;   /* at most this long */
    uint64_t packets; /* and at most about this many received, and then until a poll is empty; 0 = no bound */
};

struct rig_result {
    uint64_t rx, tx, dropped; /* rx = tx + dropped */
    uint64_t polls, empty_polls;
    uint64_t tsc_elapsed;
    uint64_t run_delay_ns; /* the thread waited this long for the CPU (schedstat) */
    uint64_t voluntary_switches, involuntary_switches;
};

struct rig_count {
    uint64_t packets, bytes; /* of frames at ports, otherwise of the tenant's IP packets */
};

enum rig_column {
    RIG_PORT_RX, /* row 0: the receiving port of rig_run */
    RIG_PORT_TX, /* row 0: the sending one */
    RIG_INTERFACE_RX,
    RIG_INTERFACE_TX,
    RIG_INTERFACE_DROPS, /* packets only */
    RIG_VRF_ENCAPSULATED,
    RIG_VRF_DECAPSULATED,
    RIG_VRF_LOCAL,
    RIG_TUNNEL,
    RIG_INTERFACE_LABEL,
    RIG_AGGREGATE_LABEL,
    RIG_DROPS, /* by reason, packets only; rig_drop_name tells which */
    RIG_COLUMNS
};

_Static_assert(sizeof(struct rig_config) == 76, "mirrored by the rig");
_Static_assert(sizeof(struct rig_interface) == 40, "mirrored by the rig");
_Static_assert(sizeof(struct rig_tunnel) == 36, "mirrored by the rig");
_Static_assert(sizeof(struct rig_order) == 40, "mirrored by the rig");
_Static_assert(sizeof(struct rig_result) == 72, "mirrored by the rig");

RIG_EXPORT int rig_abi_version(void);

/* NULL when memory is short. Lifts DPDK's limit on vector width, so that AVX-512 is used where the CPU has
 * it. */
RIG_EXPORT struct rig_peer *rig_create(const struct rig_config *config);
RIG_EXPORT void rig_destroy(struct rig_peer *peer);
/* Name of the lookup in use and the vector width the peer was compiled for, such as "exact, 256-bit". */
RIG_EXPORT const char *rig_description(const struct rig_peer *peer);

/* Rows are given out from 0 in the order of the calls. */
RIG_EXPORT int rig_add_interface(struct rig_peer *peer, const struct rig_interface *settings);
RIG_EXPORT int rig_add_tunnel(struct rig_peer *peer, const struct rig_tunnel *settings);
/* buckets: index of a member for each value of the flow hash modulo bucket_count, a power of two. */
RIG_EXPORT int rig_add_group(struct rig_peer *peer, const struct rig_member *members, uint32_t member_count,
                             const uint16_t *buckets, uint32_t bucket_count);
RIG_EXPORT int rig_set_label(struct rig_peer *peer, uint32_t label, uint32_t kind, uint32_t vrf,
                             uint32_t interface);
RIG_EXPORT int rig_allow_ingress(struct rig_peer *peer, uint32_t vrf, uint32_t family, const uint8_t *source);
/* The label means something with a tunnel only. */
RIG_EXPORT int rig_set_route(struct rig_peer *peer, uint32_t view, uint32_t vrf, uint32_t family,
                             const uint8_t *address, uint32_t length, uint32_t next_hop, uint32_t row,
                             uint32_t label);
RIG_EXPORT int rig_remove_route(struct rig_peer *peer, uint32_t view, uint32_t vrf, uint32_t family,
                                const uint8_t *address, uint32_t length);

/* Runs on the calling thread. With RIG_BARE the peer may be NULL. */
RIG_EXPORT int rig_run(struct rig_peer *peer, const struct rig_order *order, struct rig_result *result);
/* One frame without devices, for comparing bytes: length of what would be sent, or minus the drop reason. */
RIG_EXPORT int rig_process_one(struct rig_peer *peer, uint32_t mode, const uint8_t *frame, uint32_t length,
                               uint8_t *out, uint32_t capacity);

/* Copies at most capacity rows; returns how many there are. */
RIG_EXPORT int rig_read_counters(const struct rig_peer *peer, uint32_t column, struct rig_count *rows,
                                 uint32_t capacity);
RIG_EXPORT void rig_reset_counters(struct rig_peer *peer);
/* Kebab-case name as in the product's counters; NULL past the end. What the product punts is dropped here. */
RIG_EXPORT const char *rig_drop_name(uint32_t reason);

/* ---- DPDK's own lookups, timed in bulks of 64 on the calling thread (pin it first) ---- */
struct rig_lookup_time {
    double nanoseconds;   /* per lookup, the fastest of the rounds */
    double median;        /* per lookup */
    uint64_t hits;        /* lookups that found a route in one round */
    uint64_t bytes;       /* memory of the table */
    uint32_t vector_bits; /* of the lookup function in use, as far as DPDK tells */
    uint32_t reserved;
};
/* One rte_fib (DIR-24-8, 4-byte next hops) with the given routes: addresses in host order, lengths in bits.
 * Looks the probes up one after the other, at least rounds times and a tenth of a second in all. */
RIG_EXPORT int rig_time_fib4(const uint32_t *addresses, const uint8_t *lengths, uint32_t routes,
                             const uint32_t *probes, uint32_t probe_count, uint32_t rounds,
                             struct rig_lookup_time *time);
/* One rte_fib6 (trie); 16 octets an address. */
RIG_EXPORT int rig_time_fib6(const uint8_t *addresses, const uint8_t *lengths, uint32_t routes,
                             const uint8_t *probes, uint32_t probe_count, uint32_t rounds,
                             struct rig_lookup_time *time);
/* One rte_hash with 8-byte keys (VRF in the upper half, address in the lower). */
RIG_EXPORT int rig_time_hash(const uint64_t *keys, uint32_t count, const uint64_t *probes,
                             uint32_t probe_count, uint32_t rounds, struct rig_lookup_time *time);

#endif
