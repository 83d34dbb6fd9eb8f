/* The last step of a packet: the outer header in front of it, or the Ethernet header of the guest it is for.
 */
#ifndef RIG_REWRITE_H
#define RIG_REWRITE_H

#include "batch.h"
#include "header.h"

#define GRE_HEADER_BYTES 42 /* Ethernet, IPv4, GRE, label */
#define UDP_HEADER_BYTES 46
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* What the loop over a burst reads and adds up: a copy, so that it stays in registers whatever is stored
 * meanwhile. */
struct exits {
    const struct tunnel *tunnels;
    const struct interface *interfaces;
    struct rig_count *tunnel_counts, *vrf_counts, *interface_counts;
    uint64_t bytes; /* of frames that leave */
};

static ALWAYS_INLINE struct exits exits_of(const struct rig_peer *peer) {
    return (struct exits){peer->tunnels,
                          peer->interfaces,
                          peer->columns[RIG_TUNNEL],
                          peer->columns[RIG_VRF_ENCAPSULATED],
                          peer->columns[RIG_INTERFACE_TX],
                          0};
}

static inline void copy16(uint8_t *to, const uint8_t *from) {
    _mm_storeu_si128((__m128i *)to, _mm_loadu_si128((const __m128i *)from));
}

static inline void copy32(uint8_t *to, const uint8_t *from) {
    _mm256_storeu_si256((__m256i *)to, _mm256_loadu_si256((const __m256i *)from));
}

static inline void set_frame(struct rte_mbuf *packet, uint8_t *start, uint32_t bytes) {
    packet->data_off = (uint16_t)(start - (uint8_t *)packet->buf_addr);
    packet->data_len = (uint16_t)bytes;
    packet->pkt_len = bytes;
}

/* First word and checksum of an outer IPv4 header. */
static ALWAYS_INLINE void write_outer4(uint8_t *outer, const struct tunnel *tunnel, uint32_t version_tos,
                                       uint32_t total) {
    uint32_t total_wire = swap16(total);
    store32(outer, version_tos | total_wire << 16);
    uint32_t sum = tunnel->checksum_base + version_tos + total_wire;
    sum += sum >> 16 | sum << 16; /* folds into the upper half, carry and all */
    store16(outer + 10, (uint16_t)(~sum >> 16));
}

/* Ports and length; the checksum is zero. The hash's octets are as good in one order as in the other. */
static ALWAYS_INLINE void write_udp(uint8_t *udp, uint32_t hash, uint32_t bytes) {
    const uint32_t destination = __builtin_bswap32(MPLS_IN_UDP_PORT);
    store32(udp, destination | (hash & 0xFF3F) | ENTROPY_PORT_BASE >> 8);
    store32(udp + 4, swap16(bytes));
}

static inline void write_udp_checksum6(uint8_t *udp, uint32_t bytes, uint32_t pseudo_header_sum) {
    uint64_t sum = (uint64_t)pseudo_header_sum + swap16(bytes) + sum_words(udp, bytes);
    uint16_t checksum = (uint16_t)~fold(sum);
    store16(udp + 6, checksum == 0 ? UINT16_MAX : checksum);
}

static __attribute__((noinline)) uint32_t write_other_tunnel(const struct tunnel *tunnel, uint8_t *ip,
                                                             uint32_t length, uint32_t hash,
                                                             uint32_t version_tos) {
    uint32_t header_bytes = tunnel->header_bytes;
    uint8_t *outer = ip - header_bytes + 14;
    if (!tunnel->outer6) {
        write_outer4(outer, tunnel, version_tos, length + header_bytes - 14);
        return header_bytes;
    }
    uint32_t payload = length + header_bytes - 14 - 40;
    memcpy(outer - 14, tunnel->header + TEMPLATE_BYTES - header_bytes, header_bytes - 4);
    store32(outer, __builtin_bswap32(6u << 28 | (version_tos >> 8) << 20));
    store16(outer + 4, swap16(payload));
    if (tunnel->udp) {
        write_udp(outer + 40, hash, payload);
        if (!tunnel->zero_udp6)
            write_udp_checksum6(outer + 40, payload, tunnel->pseudo_header_sum);
    }
    return header_bytes;
}

/* Label and outer header. version_tos, label_tc: as in struct expected4. checked: TTL, headroom and, with
 * IPv4, that ttl_word is what follows the fragment offset. */
static ALWAYS_INLINE enum drop impose(struct exits *exits, struct rte_mbuf *packet, uint8_t *ip,
                                      uint32_t length, uint64_t leaf, const struct interface *from, int v6,
                                      int checked, uint32_t ttl_word) {
    const struct tunnel *tunnel = &exits->tunnels[leaf_row(leaf)];
    if (!checked) {
        if (unlikely((v6 ? ip[7] : ip[8]) <= 1))
            return PUNT_TTL_EXPIRED;
        if (unlikely(ip - TEMPLATE_BYTES < (uint8_t *)packet->buf_addr))
            return DROP_UNSUPPORTED_BUFFER;
    }
    if (unlikely(length > tunnel->inner_mtu))
        return PUNT_MTU_EXCEEDED;
    if (v6)
        ip[7]--;
    else if (checked)
        store32(ip + 8, ttl_word);
    else
        decrement_ttl4(ip);

    /* Aligned to its end, the template goes out in whole vectors; what is too much is headroom. */
    copy32(ip - 32, tunnel->header + TEMPLATE_BYTES - 32);
    copy16(ip - 48, tunnel->header + TEMPLATE_BYTES - 48);
    uint32_t version_tos = from->expected4.version_tos, header_bytes;
    if (likely(tunnel->kind == GRE_OVER_IPV4)) {
        header_bytes = GRE_HEADER_BYTES;
        write_outer4(ip - GRE_HEADER_BYTES + 14, tunnel, version_tos, length + GRE_HEADER_BYTES - 14);
    } else if (tunnel->kind == UDP_OVER_IPV4) {
        header_bytes = UDP_HEADER_BYTES;
        write_outer4(ip - UDP_HEADER_BYTES + 14, tunnel, version_tos, length + UDP_HEADER_BYTES - 14);
        write_udp(ip - 12, v6 ? flow_hash6(ip, length) : flow_hash4(ip, length), length + 12);
    } else {
        uint32_t hash = !tunnel->udp ? 0 : v6 ? flow_hash6(ip, length) : flow_hash4(ip, length);
        header_bytes = write_other_tunnel(tunnel, ip, length, hash, version_tos);
    }
    store32(ip - 4, leaf_label_entry(leaf) | from->expected4.label_tc);
    set_frame(packet, ip - header_bytes, length + header_bytes);
    exits->bytes += length + header_bytes;
    count(&exits->tunnel_counts[leaf_row(leaf)], length);
    return DROP_NONE;
}

/* Hands a packet to a guest. keep_ttl: it came with the interface's own label. */
static ALWAYS_INLINE enum drop deliver(struct exits *exits, struct rte_mbuf *packet, uint8_t *ip,
                                       uint32_t length, int v6, uint32_t row, int keep_ttl) {
    const struct interface *interface = &exits->interfaces[row + 1];
    if (unlikely(length > interface->mtu))
        return PUNT_MTU_EXCEEDED;
    if (unlikely(ip - 32 < (uint8_t *)packet->buf_addr))
        return DROP_UNSUPPORTED_BUFFER;
    if (!keep_ttl) {
        if (unlikely((v6 ? ip[7] : ip[8]) <= 1))
            return PUNT_TTL_EXPIRED;
        if (v6)
            ip[7]--;
        else
            decrement_ttl4(ip);
    }
    copy32(ip - 32, (v6 ? interface->header6 : interface->header4) - 8);
    uint32_t bytes = length + interface->header_bytes;
    set_frame(packet, ip - interface->header_bytes, bytes);
    exits->bytes += bytes;
    count(&exits->interface_counts[row], length);
    return DROP_NONE;
}

#endif
