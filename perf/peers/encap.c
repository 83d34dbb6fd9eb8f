/* From tenants to the core: classify, validate, look up, impose. */
#include "lanes.h"
#include "rewrite.h"

#define PREFETCH_AHEAD 4
#define FEW_VRFS 1024 /* whose counters stay in the first cache */
#define TAGGED_IP 18  /* where the IP header of a singly tagged frame begins */

struct frame {
    uint32_t l3_offset, outer_tag, inner_tag;
    uint16_t ether_type;
};

/* None, one or two tags; VID 0 counts as untagged. */
static int read_tags(const uint8_t *at, uint32_t bytes, struct frame *frame) {
    *frame = (struct frame){14, 0, 0, load16(at + 12)};
    if (frame->ether_type != WIRE_VLAN && frame->ether_type != WIRE_QINQ)
        return 1;
    if (bytes < 18)
        return 0;
    *frame = (struct frame){18, swap16(load16(at + 14)) & 0xFFFu, 0, load16(at + 16)};
    if (frame->ether_type != WIRE_VLAN && frame->ether_type != WIRE_QINQ)
        return 1;
    if (bytes < 22)
        return 0;
    *frame =
        (struct frame){22, frame->outer_tag, 0x1000u | (swap16(load16(at + 18)) & 0xFFFu), load16(at + 20)};
    return 1;
}

static inline uint64_t class_key(uint64_t mac, uint32_t outer_tag) {
    return mac | (uint64_t)(outer_tag + 1) << 48;
}

static uint32_t find_interface(const struct rig_peer *peer, uint64_t mac, const struct frame *frame) {
    if (frame->inner_tag != 0)
        return (uint32_t)exact6_find(&peer->classes2, frame->inner_tag, (uint64_t[]){mac, frame->outer_tag});
    uint32_t row = peer->vlan_rows[frame->outer_tag];
    return row != MANY_INTERFACES ? row
                                  : (uint32_t)exact4_find(&peer->classes, class_key(mac, frame->outer_tag));
}

static enum drop validate4(const struct interface *interface, const uint8_t *ip, uint32_t available,
                           uint32_t *length, int *link_local) {
    enum drop reason = check_shape4(ip, available, length);
    if (reason == DROP_NONE)
        reason = check_addresses4(ip, link_local);
    if (reason == DROP_NONE && (load32(ip + 12) & interface->source4_mask) != interface->source4)
        reason = DROP_SOURCE_VALIDATION;
    return reason == DROP_NONE ? check_reach4(ip) : reason;
}

static enum drop validate6(const struct interface *interface, const uint8_t *ip, uint32_t available,
                           uint32_t *length, int *link_local) {
    enum drop reason = check_shape6(ip, available, length);
    if (reason == DROP_NONE && is_neighbor_discovery(ip, *length))
        return PUNT_ND;
    if (reason == DROP_NONE)
        reason = check_addresses6(ip, link_local);
    if (reason != DROP_NONE)
        return reason;
    if (is_link_local6(ip + 8))
        return !is_link_local6(ip + 24) && ip[24] != 0xFF ? DROP_LINK_LOCAL : check_reach6(ip, *length);
    if ((load64(ip + 8) & interface->source6_mask[0]) != interface->source6[0] ||
        (load64(ip + 16) & interface->source6_mask[1]) != interface->source6[1])
        return DROP_SOURCE_VALIDATION;
    return check_reach6(ip, *length);
}

/* What the check of a burst needs to prepare the stages after it: a copy, so that it stays in registers. */
struct ahead {
    struct exact4 routes;          /* without buckets when something else is looked up in */
    struct rig_count *received;    /* by interface */
    struct rig_count *next_counts; /* by VRF, of the next stage; NULL when they are few */
};

static ALWAYS_INLINE uint64_t access_key4(const struct interface *from, const uint8_t *ip) {
    return (uint64_t)from->expected4.key_high << 32 | load32(ip + 16);
}

/* A frame in some way unlike the templates, with all the checks one after the other. */
static __attribute__((noinline)) void take_any(struct rig_peer *peer, struct batch *batch,
                                               struct rte_mbuf *packet) {
    uint8_t *at = rte_pktmbuf_mtod(packet, uint8_t *);
    uint32_t bytes = packet->data_len;
    if (packet->nb_segs != 1) {
        drop(peer, packet, DROP_UNSUPPORTED_BUFFER, NO_ROW);
        return;
    }
    struct frame frame;
    if (bytes < 14 || !read_tags(at, bytes, &frame)) {
        drop(peer, packet, DROP_RUNT_FRAME, NO_ROW);
        return;
    }
    uint64_t mac = load64(at + 6) & MAC_MASK;
    struct interface *interface = &peer->interfaces[find_interface(peer, mac, &frame)];
    uint32_t row = row_of(interface);
    if (row == NO_ROW || interface->mac != mac) {
        drop(peer, packet, DROP_UNCLASSIFIED, NO_ROW);
        return;
    }
    uint64_t destination = load64(at) & MAC_MASK;
    uint8_t *ip = at + frame.l3_offset;
    enum drop reason = DROP_NONE;
    uint32_t length = 0;
    int to_many = at[0] & 1, link_local = 0, v6 = frame.ether_type == WIRE_IPV6;
    if (destination != peer->virtual_mac4 && destination != peer->virtual_mac6 && !to_many)
        reason = DROP_NOT_FOR_ROUTER;
    else if (frame.ether_type == WIRE_ARP)
        reason = PUNT_ARP;
    else if (frame.ether_type != WIRE_IPV4 && !v6)
        reason = DROP_NON_IP;
    else {
        reason = (v6 ? validate6 : validate4)(interface, ip, bytes - frame.l3_offset, &length, &link_local);
        if (reason == DROP_NONE && to_many)
            reason = DROP_NOT_FOR_ROUTER;
    }
    count(&peer->columns[RIG_INTERFACE_RX][row], reason == DROP_BAD_IP_HEADER ? 0 : length);
    if (reason != DROP_NONE) {
        drop(peer, packet, reason, row);
        return;
    }
    uint32_t to = batch->count++;
    batch->packets[to] = packet;
    batch->ip[to] = ip;
    batch->interfaces[to] = interface;
    batch->lengths[to] = length;
    batch->flags[to] = (uint8_t)(IS_UNCHECKED_TTL | (v6 ? IS_V6 : 0) | (link_local ? IS_LINK_LOCAL : 0));
    batch->all_flags |= batch->flags[to];
    batch->keys[to] = v6 ? 0 : access_key4(interface, ip);
    batch->count6 += (uint32_t)v6;
}

/* LANES packets pass; those before them may have gone. */
static ALWAYS_INLINE void move_up(struct batch *batch, uint32_t to, uint32_t at) {
    batch->count = to + LANES;
    if (likely(to == at))
        return;
    memmove(batch->packets + to, batch->packets + at, LANES * sizeof(batch->packets[0]));
    memmove(batch->ip + to, batch->ip + at, LANES * sizeof(batch->ip[0]));
    memmove(batch->interfaces + to, batch->interfaces + at, LANES * sizeof(batch->interfaces[0]));
}

/* LANES singly tagged IPv4 frames that are all as they should be; 0 when any is not, and then nothing has
 * been done. */
static ALWAYS_INLINE int take_plain4(struct batch *batch, uint32_t at, uint64_t virtual_mac,
                                     const struct ahead *ahead) {
    struct rte_mbuf *const *packets = batch->packets + at;
    const uint8_t *const *ip = (const uint8_t *const *)batch->ip + at;
    struct interface *const *interfaces = batch->interfaces + at;
    __m256i unlike = _mm256_setzero_si256();
    uint64_t other_mac = 0;
    uint32_t segments = 0, headroom = 0;
    for (int i = 0; i < LANES; i++) {
        const uint8_t *frame = ip[i] - TAGGED_IP;
        __m256i found = _mm256_loadu_si256((const __m256i *)(frame + 6));
        __m256i expected = _mm256_load_si256((const __m256i *)&interfaces[i]->expected4);
        __m256i mask = _mm256_load_si256((const __m256i *)&interfaces[i]->mask4);
        unlike = _mm256_or_si256(unlike, _mm256_and_si256(_mm256_xor_si256(found, expected), mask));
        other_mac |= load64(frame) ^ virtual_mac;
        segments |= packets[i]->nb_segs;
        headroom |= packets[i]->data_off - (TEMPLATE_BYTES - TAGGED_IP);
    }
    lanes words[5];
    lanes_load4(ip, 0, words);
    words[4] = lanes_load1(ip, 16);
    lanes data_bytes = lanes_load_data_len(packets);
    lanes length = lanes_length_high(words[0]);
    lane_mask odd = ((words[0] & 0xFF) != 0x45) | lanes_bad_checksum(words) | lanes_odd_address(words[3]) |
                    lanes_odd_address(words[4]) | ((words[4] & 0xFFFF) == LINK_LOCAL4_WIRE) |
                    ((lane_mask)length < 20) | ((lane_mask)(length + TAGGED_IP) > (lane_mask)data_bytes) |
                    ((words[2] & 0xFE) == 0);
    if (unlikely(((other_mac << 16) != 0) | (segments != 1) | ((int32_t)headroom < 0) | lanes_any(odd) |
                 !_mm256_testz_si256(unlike, unlike)))
        return 0;
    uint32_t to = batch->count;
    lanes_store(batch->lengths + to, length);
    lanes_store(batch->ttl_words + to, lanes_decrement_ttl(words[2]));
    memset(batch->flags + to, 0, LANES);
    for (uint32_t i = 0; i < LANES; i++) {
        uint64_t key = access_key4(interfaces[i], ip[i]);
        batch->keys[to + i] = key;
        if (likely(ahead->routes.buckets != NULL))
            rte_prefetch0(exact4_bucket(&ahead->routes, key));
        if (ahead->next_counts != NULL)
            rte_prefetch0(&ahead->next_counts[interfaces[i]->expected4.key_high / 2]);
        count(&ahead->received[row_of(interfaces[i])], batch->lengths[to + i]);
    }
    move_up(batch, to, at);
    return 1;
}

/* The same for IPv6. */
static ALWAYS_INLINE int take_plain6(struct rig_peer *peer, struct batch *batch, uint32_t at,
                                     uint64_t virtual_mac) {
    struct rte_mbuf *const *packets = batch->packets + at;
    const uint8_t *const *ip = (const uint8_t *const *)batch->ip + at;
    struct interface *const *interfaces = batch->interfaces + at;
    __m256i unlike = _mm256_setzero_si256();
    uint64_t other_mac = 0;
    uint32_t segments = 0, headroom = 0;
    for (int i = 0; i < LANES; i++) {
        const uint8_t *frame = ip[i] - TAGGED_IP;
        __m256i found =
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(frame + 6))),
                                    _mm_loadu_si128((const __m128i *)(ip[i] + 8)), 1);
        __m256i expected = _mm256_load_si256((const __m256i *)&interfaces[i]->expected6);
        __m256i mask = _mm256_load_si256((const __m256i *)&interfaces[i]->mask6);
        unlike = _mm256_or_si256(unlike, _mm256_and_si256(_mm256_xor_si256(found, expected), mask));
        other_mac |= load64(frame) ^ virtual_mac;
        segments |= packets[i]->nb_segs;
        headroom |= packets[i]->data_off - (TEMPLATE_BYTES - TAGGED_IP);
    }
    lanes words[4];
    lanes_load4(ip, 0, words);
    lanes destination = lanes_load1(ip, 24), data_bytes = lanes_load_data_len(packets);
    lanes length = lanes_length_low(words[1]) + 40, next = words[1] >> 16 & 0xFF;
    lane_mask odd = ((words[0] & 0xF0) != 0x60) | lanes_odd_address6(words[2]) |
                    lanes_odd_address6(destination) | ((next != 6) & (next != 17)) | ((words[1] >> 25) == 0) |
                    ((lane_mask)(length + TAGGED_IP) > (lane_mask)data_bytes);
    if (unlikely(((other_mac << 16) != 0) | (segments != 1) | ((int32_t)headroom < 0) | lanes_any(odd) |
                 !_mm256_testz_si256(unlike, unlike)))
        return 0;
    uint32_t to = batch->count;
    lanes_store(batch->lengths + to, length);
    memset(batch->flags + to, IS_V6, LANES);
    struct rig_count *received = peer->columns[RIG_INTERFACE_RX];
    for (uint32_t i = 0; i < LANES; i++) {
        prefetch6(peer, interfaces[i]->expected4.key_high - 1, ip[i] + 24);
        count(&received[row_of(interfaces[i])], batch->lengths[to + i]);
    }
    move_up(batch, to, at);
    batch->all_flags |= IS_V6;
    batch->count6 += LANES;
    return 1;
}

/* Interfaces by tag, and where that does not tell by MAC and tag; nobody's for frames without one. */
static ALWAYS_INLINE void classify(struct rig_peer *peer, struct rte_mbuf **packets, uint32_t n,
                                   struct batch *batch) {
    const uint32_t *vlan_rows = peer->vlan_rows;
    struct interface *interfaces = peer->interfaces;
    uint32_t many[BURST], many_count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i + PREFETCH_AHEAD < n)
            rte_prefetch0(rte_pktmbuf_mtod(packets[i + PREFETCH_AHEAD], void *));
        uint8_t *frame = rte_pktmbuf_mtod(packets[i], uint8_t *);
        uint32_t tag = swap16(load16(frame + 14)) & 0xFFFu, row = vlan_rows[tag];
        batch->packets[i] = packets[i];
        batch->ip[i] = frame + TAGGED_IP;
        if (unlikely(row == MANY_INTERFACES)) {
            uint64_t key = class_key(load64(frame + 6) & MAC_MASK, tag);
            rte_prefetch0(exact4_bucket(&peer->classes, key));
            batch->keys[many_count] = key;
            many[many_count++] = i;
            continue;
        }
        batch->interfaces[i] = interfaces + row;
    }
    for (uint32_t j = 0; j < many_count; j++) {
        uint64_t row = exact4_find(&peer->classes, batch->keys[j]);
        batch->interfaces[many[j]] = interfaces + row;
        rte_prefetch0(interfaces + row);
        rte_prefetch0(&peer->columns[RIG_INTERFACE_RX][row - 1]);
    }
}

static void lookup_batch(struct rig_peer *peer, struct batch *batch) {
    if (batch->count6 == 0) {
        lookup4(peer, batch->keys, batch->count, batch->leaves);
        return;
    }
    uint64_t keys[BURST], leaves4[BURST], leaves6[BURST];
    const uint8_t *addresses[BURST];
    uint32_t spaces[BURST], n4 = 0, n6 = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        if ((batch->flags[i] & IS_V6) == 0) {
            keys[n4++] = batch->keys[i];
            continue;
        }
        spaces[n6] = batch->interfaces[i]->expected4.key_high - 1;
        addresses[n6++] = batch->ip[i] + 24;
    }
    lookup4(peer, keys, n4, leaves4);
    lookup6(peer, spaces, addresses, n6, n4 == 0 ? batch->leaves : leaves6);
    if (n4 == 0)
        return;
    n4 = n6 = 0;
    for (uint32_t i = 0; i < batch->count; i++)
        batch->leaves[i] = (batch->flags[i] & IS_V6) != 0 ? leaves6[n6++] : leaves4[n4++];
}

/* Members in the place of groups; what is needed next is on the way while the rest of the burst is hashed. */
static void choose_members(const struct rig_peer *peer, struct batch *batch) {
    const uint16_t *buckets[BURST];
    uint32_t grouped[BURST], n = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (leaf_kind(batch->leaves[i]) != RIG_TO_GROUP)
            continue;
        const struct group *group = &peer->groups[leaf_row(batch->leaves[i])];
        uint32_t hash = (batch->flags[i] & IS_V6) != 0 ? flow_hash6(batch->ip[i], batch->lengths[i])
                                                       : flow_hash4(batch->ip[i], batch->lengths[i]);
        buckets[n] = &group->buckets[hash & group->mask];
        rte_prefetch0(buckets[n]);
        grouped[n++] = i;
    }
    for (uint32_t j = 0; j < n; j++) {
        uint64_t *leaf = &batch->leaves[grouped[j]];
        *leaf = peer->groups[leaf_row(*leaf)].members[*buckets[j]];
        rte_prefetch0(peer->tunnels[leaf_row(*leaf)].header + TEMPLATE_BYTES - 1);
    }
}

/* Through a tunnel or to a neighbour at the same forwarder. */
static ALWAYS_INLINE enum drop forward(struct rig_peer *peer, struct exits *exits, const struct batch *batch,
                                       uint32_t i, int v6, int checked) {
    uint64_t leaf = batch->leaves[i];
    struct rte_mbuf *packet = batch->packets[i];
    const struct interface *from = batch->interfaces[i];
    uint8_t *ip = batch->ip[i];
    uint32_t length = batch->lengths[i];
    if (likely(leaf_kind(leaf) == RIG_TO_TUNNEL)) {
        enum drop reason = impose(exits, packet, ip, length, leaf, from, v6, checked, batch->ttl_words[i]);
        if (likely(reason == DROP_NONE))
            count(&exits->vrf_counts[from->expected4.key_high / 2], length);
        return reason;
    }
    if (leaf_kind(leaf) != RIG_TO_INTERFACE)
        return DROP_NO_ROUTE;
    enum drop reason = deliver(exits, packet, ip, length, v6, leaf_row(leaf), 0);
    if (reason == DROP_NONE)
        count(&peer->columns[RIG_VRF_LOCAL][from->expected4.key_high / 2], length);
    return reason;
}

static ALWAYS_INLINE enum drop forward_any(struct rig_peer *peer, struct exits *exits,
                                           const struct batch *batch, uint32_t i) {
    if ((batch->flags[i] & IS_LINK_LOCAL) != 0)
        return DROP_LINK_LOCAL;
    if ((batch->flags[i] & IS_V6) != 0)
        return forward(peer, exits, batch, i, 1, 0);
    return (batch->flags[i] & IS_UNCHECKED_TTL) == 0 ? forward(peer, exits, batch, i, 0, 1)
                                                     : forward(peer, exits, batch, i, 0, 0);
}

enum mixture { ALL_PLAIN4, ALL_PLAIN6, MIXED };

/* Moves up in packets what is to be sent. */
static ALWAYS_INLINE uint32_t forward_each(struct rig_peer *peer, const struct batch *batch,
                                           struct rte_mbuf **packets, enum mixture mixture) {
    struct exits exits = exits_of(peer);
    uint32_t sent = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        enum drop reason = mixture == ALL_PLAIN4   ? forward(peer, &exits, batch, i, 0, 1)
                           : mixture == ALL_PLAIN6 ? forward(peer, &exits, batch, i, 1, 1)
                                                   : forward_any(peer, &exits, batch, i);
        if (likely(reason == DROP_NONE))
            packets[sent++] = batch->packets[i];
        else
            drop(peer, batch->packets[i], reason, row_of(batch->interfaces[i]));
    }
    peer->tx_bytes += exits.bytes;
    return sent;
}

static uint32_t forward_batch(struct rig_peer *peer, const struct batch *batch, struct rte_mbuf **packets) {
    if (batch->all_flags == 0)
        return forward_each(peer, batch, packets, ALL_PLAIN4);
    if (batch->all_flags == IS_V6 && batch->count6 == batch->count)
        return forward_each(peer, batch, packets, ALL_PLAIN6);
    return forward_each(peer, batch, packets, MIXED);
}

uint32_t encap_burst(struct rig_peer *peer, struct rte_mbuf **packets, uint32_t n) {
    struct batch batch;
    batch.count = batch.count6 = 0;
    batch.all_flags = 0;
    uint64_t bytes = 0;
    const uint64_t virtual_mac = peer->virtual_mac4;
    const struct ahead ahead = {peer->routes4, peer->columns[RIG_INTERFACE_RX],
                                peer->config.vrfs > FEW_VRFS ? peer->columns[RIG_VRF_ENCAPSULATED] : NULL};
    classify(peer, packets, n, &batch);
    for (uint32_t i = 0; i < n;) {
        uint16_t ether_type = load16(batch.ip[i] - 2);
        uint32_t end = i + LANES <= n ? i + LANES : n;
        int taken =
            end - i == LANES && (ether_type == WIRE_IPV4   ? take_plain4(&batch, i, virtual_mac, &ahead)
                                 : ether_type == WIRE_IPV6 ? take_plain6(peer, &batch, i, peer->virtual_mac6)
                                                           : 0);
        for (; !taken && i < end; i++)
            take_any(peer, &batch, batch.packets[i]);
        i = end;
    }
    for (uint32_t i = 0; i < n; i++)
        bytes += packets[i]->pkt_len;
    peer->columns[RIG_PORT_RX]->packets += n;
    peer->columns[RIG_PORT_RX]->bytes += bytes;
    lookup_batch(peer, &batch);
    if (peer->group_count != 0)
        choose_members(peer, &batch);
    return forward_batch(peer, &batch, packets);
}
