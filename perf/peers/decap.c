/* From the core to tenants: outer header, label, authorised ingress, tenant's header, delivery. */
#include "lanes.h"
#include "rewrite.h"

#define PREFETCH_AHEAD 4
#define OUTER_IP 14
#define AFTER_OUTER4 34
#define CONSTANTS_END 30 /* where the second vector of what never varies begins: the outer destination */

static void expect(uint8_t *bytes, uint8_t *mask, uint32_t at, uint32_t value, uint32_t bits) {
    bytes[at] = (uint8_t)value;
    mask[at] = (uint8_t)bits;
}

void expect_core(struct rig_peer *peer, int udp, int v6) {
    struct expected_core *expected = &peer->expected_core[udp * 2 + v6];
    memset(expected, 0, sizeof(*expected));
    for (uint32_t i = 0; i < 6; i++)
        expect(expected->start, expected->start_mask, i, peer->config.core_mac[i], 0xFF);
    expect(expected->start, expected->start_mask, 12, 0x08, 0xFF);
    expect(expected->start, expected->start_mask, 13, 0x00, 0xFF);
    expect(expected->start, expected->start_mask, 14, 0x45, 0xFF);
    expect(expected->start, expected->start_mask, 20, 0, 0x3F); /* more fragments, offset */
    expect(expected->start, expected->start_mask, 21, 0, 0xFF);
    expect(expected->start, expected->start_mask, 23, udp ? 17 : 47, 0xFF);
    for (uint32_t i = 0; i < 4; i++)
        expect(expected->end, expected->end_mask, i, peer->config.tunnel_end4[i], 0xFF);
    if (udp) {
        expect(expected->end, expected->end_mask, 6, MPLS_IN_UDP_PORT >> 8, 0xFF);
        expect(expected->end, expected->end_mask, 7, MPLS_IN_UDP_PORT & 0xFF, 0xFF);
        expect(expected->end, expected->end_mask, 10, 0, 0xFF); /* no checksum */
        expect(expected->end, expected->end_mask, 11, 0, 0xFF);
    } else {
        expect(expected->end, expected->end_mask, 4, 0, 0xFF);
        expect(expected->end, expected->end_mask, 5, 0, 0xFF);
        expect(expected->end, expected->end_mask, 6, 0x88, 0xFF);
        expect(expected->end, expected->end_mask, 7, 0x47, 0xFF);
    }
    uint32_t label = udp ? 12 : 8;
    expect(expected->end, expected->end_mask, label + 2, 1, 1); /* bottom of stack */
    expect(expected->end, expected->end_mask, label + 4, v6 ? 0x60 : 0x45, v6 ? 0xF0 : 0xFF);
}

struct outer {
    uint8_t *ip, *payload;
    uint32_t bytes; /* of payload */
    uint8_t protocol, v6;
};

static enum drop parse_outer(uint8_t *frame, uint32_t frame_bytes, struct outer *outer) {
    uint32_t available = frame_bytes - 14, length;
    uint16_t ether_type = load16(frame + 12);
    outer->ip = frame + 14;
    outer->v6 = ether_type == WIRE_IPV6;
    if (ether_type == WIRE_IPV4) {
        enum drop reason = check_shape4(outer->ip, available, &length);
        if (reason != DROP_NONE)
            return reason == DROP_BAD_CHECKSUM ? DROP_OUTER_BAD_CHECKSUM : DROP_OUTER_BAD_HEADER;
        uint32_t header = (outer->ip[0] & 15u) * 4;
        outer->protocol = outer->ip[9];
        outer->payload = outer->ip + header;
        outer->bytes = length - header;
        return DROP_NONE;
    }
    if (ether_type == WIRE_ARP)
        return PUNT_UNDERLAY;
    if (!outer->v6)
        return DROP_NON_IP;
    if (check_shape6(outer->ip, available, &length) != DROP_NONE)
        return DROP_OUTER_BAD_HEADER;
    if (is_neighbor_discovery(outer->ip, length))
        return PUNT_UNDERLAY;
    outer->protocol = outer->ip[6];
    outer->payload = outer->ip + 40;
    outer->bytes = length - 40;
    return DROP_NONE;
}

static int is_tunnel_end(const struct rig_peer *peer, const struct outer *outer) {
    if (!outer->v6)
        return peer->tunnel_end4 != 0 && load32(outer->ip + 16) == peer->tunnel_end4;
    return peer->tunnel_end6[0] != 0 && load64(outer->ip + 24) == peer->tunnel_end6[0] &&
           load64(outer->ip + 32) == peer->tunnel_end6[1];
}

static void step(struct outer *outer, uint32_t bytes) {
    outer->payload += bytes;
    outer->bytes -= bytes;
}

static enum drop strip_gre(struct outer *outer) {
    if (outer->bytes < 4)
        return DROP_OUTER_BAD_HEADER;
    uint32_t flags = swap16(load16(outer->payload));
    if ((flags & 0x7FFF) != 0 || load16(outer->payload + 2) != swap16(0x8847))
        return DROP_GRE_UNSUPPORTED;
    if (flags != 0 && outer->bytes < 8)
        return DROP_OUTER_BAD_HEADER;
    if (flags != 0 && fold(sum_words(outer->payload, outer->bytes)) != 0xFFFF)
        return DROP_GRE_CHECKSUM;
    step(outer, flags != 0 ? 8 : 4);
    return DROP_NONE;
}

static enum drop strip_udp(struct outer *outer, int accept_zero6) {
    if (outer->bytes < 8)
        return DROP_OUTER_BAD_HEADER;
    if (load16(outer->payload + 2) != swap16(MPLS_IN_UDP_PORT))
        return DROP_UNSUPPORTED_PROTOCOL;
    uint32_t length = swap16(load16(outer->payload + 4));
    if (length < 8 || length > outer->bytes)
        return DROP_OUTER_BAD_HEADER;
    if (load16(outer->payload + 6) == 0) {
        if (outer->v6 && !accept_zero6)
            return DROP_UDP_CHECKSUM;
    } else {
        uint64_t sum = outer->v6 ? sum_words(outer->ip + 8, 32) : sum_words(outer->ip + 12, 8);
        sum += swap16(length) + (17u << 8) + sum_words(outer->payload, length);
        if (fold(sum) != 0xFFFF)
            return DROP_UDP_CHECKSUM;
    }
    outer->bytes = length;
    step(outer, 8);
    return DROP_NONE;
}

/* Explicit nulls, at most two, then the label at the bottom. */
static enum drop strip_labels(struct outer *outer, uint32_t *label) {
    for (int depth = 0; depth < 3; depth++) {
        if (outer->bytes < 4)
            return DROP_LABEL_STACK;
        uint32_t entry = __builtin_bswap32(load32(outer->payload));
        step(outer, 4);
        if ((uint8_t)entry == 0)
            return DROP_LABEL_TTL;
        *label = entry >> 12;
        if ((entry & 0x100) != 0)
            return DROP_NONE;
        if (*label != 0 && *label != 2)
            return DROP_LABEL_STACK;
    }
    return DROP_LABEL_STACK;
}

static enum drop find_label(const struct rig_peer *peer, struct outer *outer, uint64_t *entry) {
    if (!is_tunnel_end(peer, outer))
        return DROP_NOT_LOCAL;
    if (outer->v6 ? outer->protocol == 44 : (load16(outer->ip + 6) & 0xFF3F) != 0)
        return DROP_OUTER_FRAGMENT;
    if (outer->protocol == (outer->v6 ? 58 : 1))
        return PUNT_UNDERLAY;
    enum drop reason = outer->protocol == 47    ? strip_gre(outer)
                       : outer->protocol == 17  ? strip_udp(outer, peer->config.accept_zero_udp6)
                       : outer->protocol == 137 ? DROP_NONE
                                                : DROP_UNSUPPORTED_PROTOCOL;
    uint32_t label;
    if (reason == DROP_NONE)
        reason = strip_labels(outer, &label);
    if (reason != DROP_NONE)
        return reason;
    *entry = peer->labels[label];
    if (label_kind(*entry) == 0)
        return DROP_UNKNOWN_LABEL;
    uint64_t allowed = outer->v6
                           ? exact6_find(&peer->ingress6, label_vrf(*entry) + 1,
                                         (uint64_t[]){load64(outer->ip + 8), load64(outer->ip + 16)})
                           : exact4_find(&peer->ingress4, label_ingress_key4(*entry, load32(outer->ip + 12)));
    return allowed != 0 ? DROP_NONE : DROP_OUTER_SOURCE;
}

/* A frame that is in some way unlike the templates, with all the checks one after the other. */
static __attribute__((noinline)) void take_any(struct rig_peer *peer, struct batch *batch,
                                               struct rte_mbuf *packet) {
    uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);
    struct outer outer;
    uint64_t entry;
    enum drop reason = DROP_NONE;
    if (packet->nb_segs != 1)
        reason = DROP_UNSUPPORTED_BUFFER;
    else if (packet->data_len < 14)
        reason = DROP_RUNT_FRAME;
    else if ((load64(frame) & MAC_MASK) != peer->core_mac && (frame[0] & 1) == 0)
        reason = DROP_NOT_FOR_ROUTER;
    if (reason == DROP_NONE)
        reason = parse_outer(frame, packet->data_len, &outer);
    if (reason == DROP_NONE)
        reason = find_label(peer, &outer, &entry);
    if (reason != DROP_NONE) {
        drop(peer, packet, reason, NO_ROW);
        return;
    }
    int v6 = outer.bytes != 0 && outer.payload[0] >> 4 == 6, link_local = 0;
    uint32_t length;
    reason = (v6 ? check_tenant6 : check_tenant4)(outer.payload, outer.bytes, &length, &link_local);
    if (reason != DROP_NONE) {
        drop(peer, packet, reason,
             label_kind(entry) == RIG_LABEL_INTERFACE ? label_interface(entry) : NO_ROW);
        return;
    }
    uint32_t to = batch->count++;
    batch->packets[to] = packet;
    batch->ip[to] = outer.payload;
    batch->leaves[to] = entry;
    batch->lengths[to] = length;
    batch->flags[to] =
        (uint8_t)(IS_UNCHECKED_TTL | IS_AUTHORISED | (v6 ? IS_V6 : 0) | (link_local ? IS_LINK_LOCAL : 0));
    batch->all_flags |= batch->flags[to];
}

/* LANES frames over IPv4 that are all as they should be; 0 when any is not, and then nothing has been done.
 */
static ALWAYS_INLINE int take_plain(struct rig_peer *peer, struct batch *batch, uint32_t at,
                                    const struct expected_core *expected, int udp, int v6) {
    struct rte_mbuf *const *packets = batch->packets + at;
    const uint8_t *const *frames = (const uint8_t *const *)batch->ip + at;
    const uint32_t label_at = AFTER_OUTER4 + (udp ? 8 : 4), inner = label_at + 4;
    const __m256i start = _mm256_loadu_si256((const __m256i *)expected->start);
    const __m256i start_mask = _mm256_loadu_si256((const __m256i *)expected->start_mask);
    const __m256i end = _mm256_loadu_si256((const __m256i *)expected->end);
    const __m256i end_mask = _mm256_loadu_si256((const __m256i *)expected->end_mask);
    __m256i unlike_start = _mm256_setzero_si256(), unlike_end = unlike_start;
    uint32_t segments = 0;
    for (int i = 0; i < LANES; i++) {
        __m256i first = _mm256_loadu_si256((const __m256i *)frames[i]);
        __m256i second = _mm256_loadu_si256((const __m256i *)(frames[i] + CONSTANTS_END));
        unlike_start = _mm256_or_si256(unlike_start, _mm256_xor_si256(first, start));
        unlike_end = _mm256_or_si256(unlike_end, _mm256_xor_si256(second, end));
        segments |= packets[i]->nb_segs;
    }
    lanes outer[5], tenant[5];
    lanes_load4(frames, OUTER_IP, outer);
    outer[4] = lanes_load1(frames, OUTER_IP + 16);
    lanes data_bytes = lanes_load_data_len(packets);
    lanes total = lanes_length_high(outer[0]);
    lane_mask odd = lanes_bad_checksum(outer) | ((lane_mask)(total + OUTER_IP) > (lane_mask)data_bytes);
    lanes available = total - (udp ? 32 : 28);
    if (udp) {
        lanes udp_bytes = lanes_length_low(lanes_load1(frames, AFTER_OUTER4 + 4));
        odd |= (lane_mask)(udp_bytes + 20) > (lane_mask)total;
        available = udp_bytes - 12;
    }
    lanes entry = lanes_load1(frames, (int)label_at), length;
    odd |= (entry >> 24) == 0;
    if (v6) {
        lanes second = lanes_load1(frames, (int)inner + 4), next = second >> 16 & 0xFF;
        length = lanes_length_low(second) + 40;
        odd |= lanes_odd_address6(lanes_load1(frames, (int)inner + 8)) |
               lanes_odd_address6(lanes_load1(frames, (int)inner + 24)) | ((next != 6) & (next != 17));
    } else {
        lanes_load4(frames, (int)inner, tenant);
        tenant[4] = lanes_load1(frames, (int)inner + 16);
        length = lanes_length_high(tenant[0]);
        odd |= lanes_bad_checksum(tenant) | lanes_odd_address(tenant[3]) | lanes_odd_address(tenant[4]) |
               ((tenant[4] & 0xFFFF) == LINK_LOCAL4_WIRE) | ((lane_mask)length < 20);
    }
    odd |= (lane_mask)length > (lane_mask)available;
    if (unlikely((segments != 1) | lanes_any(odd) | !_mm256_testz_si256(unlike_start, start_mask) |
                 !_mm256_testz_si256(unlike_end, end_mask)))
        return 0;
    uint32_t to = batch->count;
    lanes_store(batch->lengths + to, length);
    lanes_store(batch->sources + to, outer[3]);
    lanes_store(batch->labels + to, (entry << 12 & 0xFF000) | (entry >> 4 & 0xFF0) | (entry >> 20 & 0xF));
    memset(batch->flags + to, v6 ? IS_V6 : 0, LANES);
    batch->all_flags |= v6 ? IS_V6 : 0;
    if (unlikely(to != at))
        memmove(batch->packets + to, packets, LANES * sizeof(*packets));
    for (uint32_t i = 0; i < LANES; i++) {
        batch->ip[to + i] = (uint8_t *)(uintptr_t)frames[i] + inner;
        rte_prefetch0(&peer->labels[batch->labels[to + i]]);
    }
    batch->count = to + LANES;
    return 1;
}

/* The core view: local routes and supplied ones; the longer prefix wins, of equals the local one. */
static uint64_t lookup_core(const struct rig_peer *peer, uint32_t vrf, const uint8_t *ip, int v6) {
    uint64_t leaves[2];
    for (uint32_t view = RIG_ACCESS_VIEW; view <= RIG_LOCAL_VIEW; view++) {
        uint32_t space = space_of(vrf, view);
        if (v6)
            lookup6(peer, &space, (const uint8_t *[]){ip + 24}, 1, &leaves[view]);
        else
            lookup4(peer, (uint64_t[]){key4(space, load32(ip + 16))}, 1, &leaves[view]);
    }
    uint64_t supplied = leaves[RIG_ACCESS_VIEW], local = leaves[RIG_LOCAL_VIEW];
    return local != 0 && (supplied == 0 || leaf_length(local) >= leaf_length(supplied)) ? local : supplied;
}

static __attribute__((noinline)) enum drop forward_aggregate(struct rig_peer *peer, const struct batch *batch,
                                                             uint32_t i, uint32_t vrf) {
    struct exits exits = exits_of(peer);
    enum drop reason = DROP_NO_ROUTE;
    uint8_t *ip = batch->ip[i];
    uint32_t length = batch->lengths[i];
    int v6 = (batch->flags[i] & IS_V6) != 0;
    count(&peer->columns[RIG_AGGREGATE_LABEL][vrf], length);
    uint64_t leaf = lookup_core(peer, vrf, ip, v6);
    if ((batch->flags[i] & IS_LINK_LOCAL) != 0)
        return DROP_LINK_LOCAL;
    if (leaf_kind(leaf) == RIG_TO_INTERFACE)
        reason = deliver(&exits, batch->packets[i], ip, length, v6, leaf_row(leaf), 0);
    if (leaf_kind(leaf) == RIG_TO_GROUP) {
        const struct group *group = &peer->groups[leaf_row(leaf)];
        uint32_t hash = v6 ? flow_hash6(ip, length) : flow_hash4(ip, length);
        leaf = group->members[group->buckets[hash & group->mask]];
    }
    if (leaf_kind(leaf) == RIG_TO_TUNNEL) {
        reason = impose(&exits, batch->packets[i], ip, length, leaf, peer->interfaces, v6, 0, 0);
        if (reason == DROP_NONE)
            count(&peer->columns[RIG_VRF_ENCAPSULATED][vrf], length);
    }
    peer->tx_bytes += exits.bytes;
    return reason;
}

/* What the loop below reads: a copy, so that it stays in registers. */
struct core_tables {
    const uint64_t *labels;
    struct exact4 ingress;
    struct rig_count *decapsulated, *by_label;
};

/* By label. answers: the interface that answers for a drop. */
static ALWAYS_INLINE enum drop forward(struct rig_peer *peer, const struct core_tables *tables,
                                       struct exits *exits, const struct batch *batch, uint32_t i, int v6,
                                       int any, uint32_t *answers) {
    uint64_t entry = batch->leaves[i];
    uint32_t length = batch->lengths[i], row = label_interface(entry);
    *answers = NO_ROW;
    if (!any || (batch->flags[i] & IS_AUTHORISED) == 0) {
        entry = tables->labels[batch->labels[i]];
        row = label_interface(entry);
        if (unlikely(label_kind(entry) == 0))
            return DROP_UNKNOWN_LABEL;
        if (unlikely(exact4_find(&tables->ingress, label_ingress_key4(entry, batch->sources[i])) == 0))
            return DROP_OUTER_SOURCE;
    }
    count(&tables->decapsulated[label_vrf(entry)], length);
    if (unlikely(label_kind(entry) != RIG_LABEL_INTERFACE))
        return forward_aggregate(peer, batch, i, label_vrf(entry));
    count(&tables->by_label[row], length);
    if (any && (batch->flags[i] & IS_LINK_LOCAL) != 0) {
        *answers = row;
        return DROP_LINK_LOCAL;
    }
    return deliver(exits, batch->packets[i], batch->ip[i], length, any ? (batch->flags[i] & IS_V6) != 0 : v6,
                   row, 1);
}

static ALWAYS_INLINE uint32_t forward_each(struct rig_peer *peer, const struct batch *batch,
                                           struct rte_mbuf **packets, int v6, int any) {
    const struct core_tables tables = {peer->labels, peer->ingress4, peer->columns[RIG_VRF_DECAPSULATED],
                                       peer->columns[RIG_INTERFACE_LABEL]};
    struct exits exits = exits_of(peer);
    uint32_t sent = 0, answers;
    for (uint32_t i = 0; i < batch->count; i++) {
        enum drop reason = forward(peer, &tables, &exits, batch, i, v6, any, &answers);
        if (likely(reason == DROP_NONE))
            packets[sent++] = batch->packets[i];
        else
            drop(peer, batch->packets[i], reason, answers);
    }
    peer->tx_bytes += exits.bytes;
    return sent;
}

static uint32_t forward_batch(struct rig_peer *peer, const struct batch *batch, struct rte_mbuf **packets,
                              int v6, int any) {
    return any  ? forward_each(peer, batch, packets, 0, 1)
           : v6 ? forward_each(peer, batch, packets, 1, 0)
                : forward_each(peer, batch, packets, 0, 0);
}

uint32_t decap_burst(struct rig_peer *peer, struct rte_mbuf **packets, uint32_t n) {
    struct batch batch;
    batch.count = 0;
    batch.all_flags = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i + PREFETCH_AHEAD < n)
            rte_prefetch0(rte_pktmbuf_mtod(packets[i + PREFETCH_AHEAD], void *));
        batch.packets[i] = packets[i];
        batch.ip[i] = rte_pktmbuf_mtod(packets[i], uint8_t *);
        bytes += packets[i]->pkt_len;
    }
    peer->columns[RIG_PORT_RX]->packets += n;
    peer->columns[RIG_PORT_RX]->bytes += bytes;
    int plain_v6 = 0;
    for (uint32_t i = 0; i < n;) {
        int udp = batch.ip[i][23] == 17, v6 = batch.ip[i][udp ? 46 : 42] >> 4 == 6, taken = 0;
        if (i + LANES <= n) {
            const struct expected_core *like = &peer->expected_core[udp * 2 + v6];
            taken =
                udp  ? v6 ? take_plain(peer, &batch, i, like, 1, 1) : take_plain(peer, &batch, i, like, 1, 0)
                 : v6 ? take_plain(peer, &batch, i, like, 0, 1)
                     : take_plain(peer, &batch, i, like, 0, 0);
        }
        uint32_t end = i + LANES <= n ? i + LANES : i + 1;
        for (; !taken && i < end; i++)
            take_any(peer, &batch, batch.packets[i]);
        i = end;
        plain_v6 += taken & v6;
    }
    return batch.all_flags == 0 ? forward_batch(peer, &batch, packets, 0, 0)
           : batch.all_flags == IS_V6 && plain_v6 * LANES == (int)n
               ? forward_batch(peer, &batch, packets, 1, 0)
               : forward_batch(peer, &batch, packets, 0, 1);
}
