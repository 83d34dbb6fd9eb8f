/* Inside of a peer: its rows and tables. "Wire" values are octets in network order as a little-endian load
 * sees them. */
#ifndef RIG_PEER_H
#define RIG_PEER_H

#include "exact.h"
#include "peers.h"
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_hash.h>
#include <rte_mbuf.h>
#include <string.h>

#define BURST 64
#define NO_ROW UINT32_MAX
#define VLANS 4096
#define LABELS (1u << 20)
#define TEMPLATE_BYTES 80 /* the longest outer header, IPv6 and UDP, takes 66 */
#define ENTROPY_PORT_BASE 0xC000
#define MPLS_IN_UDP_PORT 6635

/* EtherTypes, wire. */
#define WIRE_IPV4 0x0008
#define WIRE_IPV6 0xDD86
#define WIRE_ARP 0x0608
#define WIRE_VLAN 0x0081
#define WIRE_QINQ 0xA888

#define MAC_MASK 0x0000FFFFFFFFFFFFull

/* Reasons in the order of the product's, then those for which it hands packets to the slow path. */
enum drop {
    DROP_NONE,
    DROP_RUNT_FRAME,
    DROP_NOT_FOR_ROUTER,
    DROP_UNCLASSIFIED,
    DROP_NON_IP,
    DROP_BAD_IP_HEADER,
    DROP_BAD_CHECKSUM,
    DROP_MARTIAN_SOURCE,
    DROP_MARTIAN_DESTINATION,
    DROP_SOURCE_VALIDATION,
    DROP_SOURCE_ROUTE,
    DROP_MULTICAST,
    DROP_LINK_LOCAL,
    DROP_NO_ROUTE,
    DROP_OUTER_BAD_HEADER,
    DROP_OUTER_BAD_CHECKSUM,
    DROP_NOT_LOCAL,
    DROP_OUTER_FRAGMENT,
    DROP_UNSUPPORTED_PROTOCOL,
    DROP_GRE_UNSUPPORTED,
    DROP_GRE_CHECKSUM,
    DROP_UDP_CHECKSUM,
    DROP_LABEL_STACK,
    DROP_UNKNOWN_LABEL,
    DROP_LABEL_TTL,
    DROP_OUTER_SOURCE,
    DROP_TX_FULL,
    DROP_UNSUPPORTED_BUFFER,
    PUNT_ARP,
    PUNT_ND,
    PUNT_TTL_EXPIRED,
    PUNT_MTU_EXCEEDED,
    PUNT_UNDERLAY,
    DROP_REASONS
};

/* A forwarding entry in one word: label stack entry, wire, without TC (63-32), row (31-11), prefix length
 * (10-3), kind of next hop (2-0). */
static inline uint64_t leaf_make(uint32_t kind, uint32_t length, uint32_t row, uint32_t label,
                                 uint32_t label_ttl) {
    uint64_t entry = kind == RIG_TO_TUNNEL ? __builtin_bswap32(label << 12 | 0x100 | label_ttl) : 0;
    return entry << 32 | row << 11 | length << 3 | kind;
}
static inline uint32_t leaf_kind(uint64_t leaf) { return (uint32_t)leaf & 7; }
static inline uint32_t leaf_length(uint64_t leaf) { return (uint32_t)leaf >> 3 & 0xFF; }
static inline uint32_t leaf_row(uint64_t leaf) { return (uint32_t)leaf >> 11; }
static inline uint32_t leaf_label_entry(uint64_t leaf) { return (uint32_t)(leaf >> 32); }

/* What the label table says: VRF + 1 (63-32), where the keys of the ingress table have it, interface (31-2),
 * kind (1-0). */
static inline uint64_t label_make(uint32_t kind, uint32_t vrf, uint32_t interface) {
    return (uint64_t)(vrf + 1) << 32 | interface << 2 | kind;
}
static inline uint32_t label_kind(uint64_t entry) { return (uint32_t)entry & 3; }
static inline uint32_t label_vrf(uint64_t entry) { return (uint32_t)(entry >> 32) - 1; }
static inline uint32_t label_interface(uint64_t entry) { return (uint32_t)entry >> 2; }
static inline uint64_t label_ingress_key4(uint64_t entry, uint32_t source) {
    return (entry & ~(uint64_t)UINT32_MAX) | source;
}

/* 32 octets of a singly tagged IPv4 frame from its source MAC on: all that an interface fixes is compared at
 * once. The words that the mask leaves out say what else the fast path wants to know of the interface. */
struct expected4 {
    uint32_t source_mac;     /* first four octets */
    uint16_t source_mac_end; /* the other two */
    uint16_t tpid;
    uint16_t tci, ether_type;
    uint16_t
        version_tos; /* from here on to the source not compared. First two octets of the outer IPv4 header */
    uint16_t unused;
    uint32_t key_high; /* upper half of the keys of its VRF's access view: 2 x VRF + 1 */
    uint32_t label_tc; /* wire: TC of a label entry */
    uint32_t source;
    uint32_t row; /* not compared */
};

/* The same for IPv6: 16 octets from the source MAC on to the version, and the 16 of the source. */
struct expected6 {
    uint32_t source_mac;
    uint16_t source_mac_end;
    uint16_t tpid;
    uint16_t tci, ether_type;
    uint32_t version;
    uint64_t source[2];
};

_Static_assert(sizeof(struct expected4) == 32 && sizeof(struct expected6) == 32, "one vector each");

struct interface {
    struct expected4 expected4, mask4;
    struct expected6 expected6, mask6;
    /* Delivery: headers of at most 22 octets, aligned to the end of 24, so that one 32-octet store writes
     * them. */
    uint16_t mtu;
    uint8_t header_bytes, reserved;
    uint32_t vrf;
    uint8_t header4[24];
    uint64_t reserved6; /* where the store of header6 begins */
    uint8_t header6[24];
    /* For frames that are not like the templates. */
    uint64_t mac;
    uint32_t source4, source4_mask;
    uint64_t source6[2], source6_mask[2];
    uint64_t reserved_line;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct interface) == 256, "four lines");

/* The common ones have code of their own. */
enum tunnel_kind { GRE_OVER_IPV4, UDP_OVER_IPV4, OTHER_TUNNEL };

/* The adjacency of a remote forwarder: outer header from the Ethernet header to the label, aligned to its
 * end. What a tunnel over IPv4 needs of it is one line. */
struct tunnel {
    uint8_t unused[32];
    uint8_t header[TEMPLATE_BYTES];
    uint32_t checksum_base;     /* IPv4: sum of the outer header's words but the first one and the checksum */
    uint32_t pseudo_header_sum; /* UDP over IPv6: of addresses and protocol */
    uint16_t inner_mtu;
    uint8_t kind; /* enum tunnel_kind */
    uint8_t header_bytes, label_ttl;
    uint8_t udp, outer6, zero_udp6;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tunnel) == 128, "two lines");
_Static_assert(offsetof(struct tunnel, header) + TEMPLATE_BYTES - 48 == 64, "the second line");

struct group {
    uint16_t *buckets; /* by flow hash: a member, two octets each, since the table has to stay in the cache */
    uint64_t *members; /* a tunnel's leaf each */
    uint32_t mask;
};

/* Lengths of prefixes shorter than a host's that a view of a VRF holds: bit n of word n / 64. */
struct lengths {
    uint64_t v4, v6[2];
};

/* What never varies in frames over IPv4 from the core: of the first 32 octets, and of 32 from the outer
 * destination on. */
struct expected_core {
    uint8_t start[32], start_mask[32];
    uint8_t end[32], end_mask[32];
};

struct rig_peer {
    struct rig_config config;
    uint64_t virtual_mac4, virtual_mac6, core_mac;
    uint32_t tunnel_end4;
    uint64_t tunnel_end6[2];
    enum rig_lookup lookup;

    uint32_t *vlan_rows;          /* by outer tag: interface row + 1, 0 or MANY_INTERFACES */
    struct interface *interfaces; /* [0] is nobody's and like no frame; row n is [n + 1] */
    uint32_t interface_count;
    struct exact4 classes;  /* MAC and outer tag -> interface row + 1 */
    struct exact6 classes2; /* MAC and both tags -> interface row + 1 */
    struct tunnel *tunnels;
    uint32_t tunnel_count;
    struct group *groups;
    uint32_t group_count;
    uint64_t *labels;
    struct expected_core expected_core[4]; /* GRE with IPv4 inside, with IPv6, UDP likewise */
    struct exact4 ingress4;
    struct exact6 ingress6;

    /* Routes: one of the three. */
    struct exact4 routes4;
    struct exact6 routes6;
    struct rte_hash *hash4, *hash6;
    struct rte_fib **fib4; /* by space */
    struct rte_fib6 **fib6;
    uint64_t *fib_leaves; /* by the FIBs' next hops; 0 is none */
    uint32_t fib_leaf_count, fib_leaf_capacity;
    struct lengths *lengths; /* by space */

    /* Of the burst in hand: bytes to be sent, and buffers to give back. */
    uint64_t tx_bytes;
    uint32_t freed_count;
    struct rte_mbuf *freed[BURST];
    enum drop last_drop;

    struct rig_count *columns[RIG_COLUMNS];
    uint32_t column_rows[RIG_COLUMNS];
    char description[64];
};

#define MANY_INTERFACES UINT32_MAX /* in vlan_rows: the MAC tells which */

/* A view of a VRF, as a key's upper half. */
static inline uint32_t space_of(uint32_t vrf, uint32_t view) { return vrf * 2 + view; }

/* Keys: prefix length in the top octet as what lacks to a host's, space + 1, address. A host's key takes no
 * arithmetic. */
static inline uint64_t key4(uint32_t space, uint32_t address) {
    return (uint64_t)(space + 1) << 32 | address;
}
static inline uint64_t key4_prefix(uint32_t space, uint32_t address, uint32_t length) {
    return (uint64_t)(32 - length) << 56 | key4(space, address);
}
static inline uint64_t space6(uint32_t space, uint32_t length) {
    return (uint64_t)(128 - length) << 32 | (uint64_t)(space + 1);
}

/* Counts a packet that goes nowhere; an interface may answer for it. */
static inline void drop(struct rig_peer *peer, struct rte_mbuf *packet, enum drop reason,
                        uint32_t interface) {
    peer->columns[RIG_DROPS][reason].packets++;
    if (interface != NO_ROW)
        peer->columns[RIG_INTERFACE_DROPS][interface].packets++;
    peer->last_drop = reason;
    peer->freed[peer->freed_count++] = packet;
}

static inline void count(struct rig_count *row, uint32_t bytes) {
    row->packets++;
    __asm__("" : "+m"(row->packets)); /* two additions in memory beat packing both into a vector first */
    row->bytes += bytes;
}

/* By way of 32 bits: GCC 12 would send 16 through memory to use movbe. */
static inline uint16_t swap16(uint32_t word) { return (uint16_t)(__builtin_bswap32(word) >> 16); }

/* Unaligned loads and stores. */
static inline uint16_t load16(const void *at) { return *(const unaligned_uint16_t *)at; }
static inline uint32_t load32(const void *at) { return *(const unaligned_uint32_t *)at; }
static inline uint64_t load64(const void *at) { return *(const unaligned_uint64_t *)at; }
static inline void store16(void *at, uint16_t value) { *(unaligned_uint16_t *)at = value; }
static inline void store32(void *at, uint32_t value) { *(unaligned_uint32_t *)at = value; }

/* Clears the bits of an address beyond a prefix length; words in wire order. */
static inline void mask6(uint64_t address[2], uint32_t length) {
    for (uint32_t word = 0; word < 2; word++) {
        uint32_t bits = length <= 64 * word ? 0 : length - 64 * word;
        if (bits < 64)
            address[word] &= bits == 0 ? 0 : __builtin_bswap64(UINT64_MAX << (64 - bits));
    }
}

/* rte_hash's, one instruction or three. */
static inline uint32_t hash_of_key4(uint64_t key) { return (uint32_t)_mm_crc32_u64(0, key); }
static inline uint32_t hash_of_key6(const uint64_t key[4]) {
    uint64_t low = _mm_crc32_u64(key[2], key[0]), high = _mm_crc32_u64(key[2] >> 32, key[1]);
    return (uint32_t)_mm_crc32_u64(low, high);
}

/* Once a key is known and before its burst is looked up. */
static inline void prefetch6(const struct rig_peer *peer, uint32_t space, const uint8_t *address) {
    if (likely(peer->lookup == RIG_LOOKUP_EXACT))
        rte_prefetch0(exact6_bucket(&peer->routes6, space6(space, 128), address));
}

/* ---- lookup.c: a whole burst; a leaf of 0 means no route ---- */
void lookup4(const struct rig_peer *peer, const uint64_t *keys, uint32_t n, uint64_t *leaves);
void lookup6(const struct rig_peer *peer, const uint32_t *spaces, const uint8_t *const *addresses, uint32_t n,
             uint64_t *leaves);

/* ---- routes.c ---- */
struct rte_hash *open_hash4(const char *name, uint32_t entries); /* 8-byte keys */
uint32_t hash_slots(uint32_t entries);                           /* that it takes for so many */
int routes_open(struct rig_peer *peer);
void routes_close(struct rig_peer *peer);

/* ---- encap.c, decap.c: take a burst; what is to be sent moves up in it, the rest is counted and freed ----
 */
uint32_t encap_burst(struct rig_peer *peer, struct rte_mbuf **packets, uint32_t n);
void expect_core(struct rig_peer *peer, int udp, int v6);
uint32_t decap_burst(struct rig_peer *peer, struct rte_mbuf **packets, uint32_t n);

#endif
