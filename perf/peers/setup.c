/* A peer's rows: interfaces, tunnels, groups, labels, ingresses. */
#define ALLOW_EXPERIMENTAL_API /* rte_vect_set_max_simd_bitwidth */
#include "header.h"
#include "peer.h"
#include <errno.h>
#include <rte_vect.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_SOURCE 255

int rig_abi_version(void) { return RIG_ABI_VERSION; }

static uint64_t mac_wire(const uint8_t mac[6]) {
    uint64_t wire = 0;
    memcpy(&wire, mac, 6);
    return wire;
}

static void *rows(size_t count, size_t bytes) { return table_memory(RTE_MAX(count, 1u) * bytes); }

static int open_columns(struct rig_peer *peer) {
    const struct rig_config *config = &peer->config;
    for (uint32_t column = 0; column < RIG_COLUMNS; column++) {
        uint32_t count = config->interfaces;
        if (column == RIG_PORT_RX || column == RIG_PORT_TX)
            count = 1;
        else if (column == RIG_VRF_ENCAPSULATED || column == RIG_VRF_DECAPSULATED ||
                 column == RIG_VRF_LOCAL || column == RIG_AGGREGATE_LABEL)
            count = config->vrfs;
        else if (column == RIG_TUNNEL)
            count = config->tunnels;
        else if (column == RIG_DROPS)
            count = DROP_REASONS;
        peer->column_rows[column] = count;
        peer->columns[column] = rows(count, sizeof(struct rig_count));
        if (peer->columns[column] == NULL)
            return -ENOMEM;
    }
    return 0;
}

static int open_tables(struct rig_peer *peer) {
    const struct rig_config *config = &peer->config;
    peer->vlan_rows = rows(VLANS, sizeof(uint32_t));
    peer->interfaces = rows(config->interfaces + 1, sizeof(struct interface));
    peer->tunnels = rows(config->tunnels, sizeof(struct tunnel));
    peer->groups = rows(config->groups, sizeof(struct group));
    peer->labels = rows(LABELS, sizeof(uint64_t));
    if (peer->vlan_rows == NULL || peer->interfaces == NULL || peer->tunnels == NULL ||
        peer->groups == NULL || peer->labels == NULL)
        return -ENOMEM;
    /* Nobody's interface, also that of packets from the core, is like no frame that passes the other checks:
     * neither the source nor the version may be. */
    peer->interfaces[0].mac = UINT64_MAX;
    peer->interfaces[0].expected4.version_tos = (uint16_t)(0x45 | config->default_tos << 8);
    peer->interfaces[0].expected4.label_tc = __builtin_bswap32((uint32_t)(config->default_tc & 7) << 9);
    peer->interfaces[0].expected4.row = NO_ROW;
    peer->interfaces[0].expected4.source = peer->interfaces[0].mask4.source = UINT32_MAX;
    peer->interfaces[0].expected6.version = peer->interfaces[0].mask6.version = 0xF0;
    if (exact4_open(&peer->classes, RTE_MAX(config->interfaces, 64u)) != 0 ||
        exact6_open(&peer->classes2, RTE_MAX(config->interfaces, 64u)) != 0 ||
        exact4_open(&peer->ingress4, RTE_MAX(config->ingresses, 64u)) != 0 ||
        exact6_open(&peer->ingress6, RTE_MAX(config->ingresses, 64u)) != 0)
        return -ENOMEM;
    return open_columns(peer);
}

struct rig_peer *rig_create(const struct rig_config *config) {
    struct rig_peer *peer = calloc(1, sizeof(*peer));
    if (peer == NULL)
        return NULL;
    rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_512);
    peer->config = *config;
    peer->lookup = config->lookup == RIG_LOOKUP_BEST ? RIG_LOOKUP_EXACT : (enum rig_lookup)config->lookup;
    peer->virtual_mac4 = mac_wire(config->virtual_mac4);
    peer->virtual_mac6 = mac_wire(config->virtual_mac6);
    peer->core_mac = mac_wire(config->core_mac);
    peer->tunnel_end4 = load32(config->tunnel_end4);
    peer->tunnel_end6[0] = load64(config->tunnel_end6);
    peer->tunnel_end6[1] = load64(config->tunnel_end6 + 8);
    for (int i = 0; i < 4; i++)
        expect_core(peer, i / 2, i % 2);
    if (open_tables(peer) != 0 || routes_open(peer) != 0) {
        rig_destroy(peer);
        return NULL;
    }
    static const char *const names[] = {"", "rte_hash", "rte_fib", "exact"};
    snprintf(peer->description, sizeof(peer->description), "%s, %s", names[peer->lookup],
#ifdef __AVX512F__
             "512-bit"
#else
             "256-bit"
#endif
    );
    return peer;
}

void rig_destroy(struct rig_peer *peer) {
    if (peer == NULL)
        return;
    routes_close(peer);
    for (uint32_t group = 0; group < peer->group_count; group++) {
        free(peer->groups[group].buckets);
        free(peer->groups[group].members);
    }
    for (uint32_t column = 0; column < RIG_COLUMNS; column++)
        free(peer->columns[column]);
    exact4_close(&peer->classes);
    exact6_close(&peer->classes2);
    exact4_close(&peer->ingress4);
    exact6_close(&peer->ingress6);
    free(peer->vlan_rows);
    free(peer->interfaces);
    free(peer->tunnels);
    free(peer->groups);
    free(peer->labels);
    free(peer);
}

const char *rig_description(const struct rig_peer *peer) { return peer->description; }

/* Templates for the common frame: one tag, no IPv4 options. */
static void fill_templates(struct interface *interface, const struct rig_interface *settings) {
    struct expected4 *expected4 = &interface->expected4, *mask4 = &interface->mask4;
    struct expected6 *expected6 = &interface->expected6, *mask6 = &interface->mask6;
    memset(mask4, 0, sizeof(*mask4));
    memset(mask6, 0, sizeof(*mask6));
    expected4->source_mac = expected6->source_mac = (uint32_t)interface->mac;
    expected4->source_mac_end = expected6->source_mac_end = (uint16_t)(interface->mac >> 32);
    expected4->tpid = expected6->tpid = WIRE_VLAN;
    expected4->tci = expected6->tci = swap16(settings->vlan);
    expected4->ether_type = WIRE_IPV4;
    expected6->ether_type = WIRE_IPV6;
    mask4->source_mac = mask6->source_mac = UINT32_MAX;
    mask4->source_mac_end = mask6->source_mac_end = UINT16_MAX;
    mask4->tpid = mask6->tpid = mask4->ether_type = mask6->ether_type = UINT16_MAX;
    mask4->tci = mask6->tci = swap16(0x0FFF);
    expected6->version = 0x60;
    mask6->version = 0xF0;
    expected4->source = interface->source4;
    mask4->source = interface->source4_mask;
    memcpy(expected6->source, interface->source6, 16);
    memcpy(mask6->source, interface->source6_mask, 16);
    if (settings->source4_length == NO_SOURCE)
        expected4->ether_type = 0;
    if (settings->source6_length == NO_SOURCE)
        expected6->ether_type = 0;
    expected4->version_tos = (uint16_t)(0x45 | settings->tos << 8);
    expected4->label_tc = __builtin_bswap32((uint32_t)(settings->tc & 7) << 9);
    expected4->key_high = space_of(settings->vrf, RIG_ACCESS_VIEW) + 1;
}

/* Destination, virtual MAC, tags, EtherType, aligned to the end. */
static uint8_t fill_header(uint8_t header[24], const struct rig_interface *settings, const uint8_t source[6],
                           uint16_t ether_type) {
    uint8_t bytes[24], *at = bytes;
    memcpy(at, settings->mac, 6);
    memcpy(at + 6, source, 6);
    at += 12;
    if (settings->vlan != 0) {
        store16(at, settings->inner_vlan != 0 ? WIRE_QINQ : WIRE_VLAN);
        store16(at + 2, swap16(settings->vlan));
        at += 4;
    }
    if (settings->inner_vlan != 0) {
        store16(at, WIRE_VLAN);
        store16(at + 2, swap16(settings->inner_vlan));
        at += 4;
    }
    store16(at, ether_type);
    uint8_t length = (uint8_t)(at + 2 - bytes);
    memcpy(header + 24 - length, bytes, length);
    return length;
}

int rig_add_interface(struct rig_peer *peer, const struct rig_interface *settings) {
    if (peer->interface_count == peer->config.interfaces)
        return -ENOSPC;
    if (settings->vrf >= peer->config.vrfs || settings->vlan >= VLANS || settings->inner_vlan >= VLANS)
        return -EINVAL;
    uint32_t row = peer->interface_count;
    struct interface *interface = &peer->interfaces[row + 1];
    interface->mac = mac_wire(settings->mac);
    interface->mtu = settings->mtu;
    interface->vrf = settings->vrf;
    if (settings->source4_length == NO_SOURCE) {
        interface->source4 = 1; /* nothing under a mask of zero is one */
    } else {
        uint32_t mask = settings->source4_length == 0 ? 0 : UINT32_MAX << (32 - settings->source4_length);
        interface->source4_mask = __builtin_bswap32(mask);
        interface->source4 = load32(settings->source4) & interface->source4_mask;
    }
    if (settings->source6_length == NO_SOURCE) {
        interface->source6[0] = 1;
    } else {
        memset(interface->source6_mask, 0xFF, 16);
        mask6(interface->source6_mask, settings->source6_length);
        interface->source6[0] = load64(settings->source6) & interface->source6_mask[0];
        interface->source6[1] = load64(settings->source6 + 8) & interface->source6_mask[1];
    }
    fill_templates(interface, settings);
    interface->expected4.row = row;
    interface->header_bytes = fill_header(interface->header4, settings, peer->config.virtual_mac4, WIRE_IPV4);
    fill_header(interface->header6, settings, peer->config.virtual_mac6, WIRE_IPV6);

    peer->interface_count++;
    if (settings->inner_vlan != 0)
        return exact6_set(&peer->classes2, 0x1000u | settings->inner_vlan,
                          (uint64_t[]){interface->mac, settings->vlan}, row + 1) == 0
                   ? (int)row
                   : -ENOSPC;
    if (exact4_set(&peer->classes, interface->mac | (uint64_t)(settings->vlan + 1u) << 48, row + 1) != 0)
        return -ENOSPC;
    uint32_t *there = &peer->vlan_rows[settings->vlan];
    *there = *there == 0 ? row + 1 : MANY_INTERFACES;
    return (int)row;
}

int rig_add_tunnel(struct rig_peer *peer, const struct rig_tunnel *settings) {
    static const uint8_t protocols[] = {47, 17, 137};
    static const uint8_t overheads[] = {8, 12, 4};
    if (peer->tunnel_count == peer->config.tunnels)
        return -ENOSPC;
    if ((settings->family != 4 && settings->family != 6) || settings->encapsulation > RIG_MPLS_IN_IP)
        return -EINVAL;
    int v6 = settings->family == 6;
    struct tunnel *tunnel = &peer->tunnels[peer->tunnel_count];
    uint32_t overhead = overheads[settings->encapsulation] + (v6 ? 40u : 20u);
    uint8_t protocol = protocols[settings->encapsulation];
    tunnel->header_bytes = (uint8_t)(14 + overhead);
    tunnel->inner_mtu = (uint16_t)(settings->path_mtu < overhead ? 0 : settings->path_mtu - overhead);
    tunnel->label_ttl = settings->ttl;
    tunnel->udp = settings->encapsulation == RIG_MPLS_IN_UDP;
    tunnel->outer6 = (uint8_t)v6;
    tunnel->zero_udp6 = settings->zero_udp6;
    tunnel->kind = v6                                           ? OTHER_TUNNEL
                   : settings->encapsulation == RIG_MPLS_IN_GRE ? GRE_OVER_IPV4
                   : settings->encapsulation == RIG_MPLS_IN_UDP ? UDP_OVER_IPV4
                                                                : OTHER_TUNNEL;
    uint8_t *header = tunnel->header + TEMPLATE_BYTES - tunnel->header_bytes;
    memcpy(header, settings->destination_mac, 6);
    memcpy(header + 6, settings->source_mac, 6);
    store16(header + 12, v6 ? WIRE_IPV6 : WIRE_IPV4);
    uint8_t *outer = header + 14, *payload = outer + (v6 ? 40 : 20);
    if (v6) {
        outer[0] = 0x60;
        outer[6] = protocol;
        outer[7] = settings->ttl;
        memcpy(outer + 8, peer->config.tunnel_end6, 16);
        memcpy(outer + 24, settings->remote, 16);
        tunnel->pseudo_header_sum = fold(sum_words(outer + 8, 32) + ((uint32_t)protocol << 8));
    } else {
        outer[6] = 0x40; /* DF (RFC 4023 section 5.1) */
        outer[8] = settings->ttl;
        outer[9] = protocol;
        memcpy(outer + 12, peer->config.tunnel_end4, 4);
        memcpy(outer + 16, settings->remote, 4);
        tunnel->checksum_base = fold(sum_words(outer, 20)); /* the first word varies */
    }
    if (settings->encapsulation == RIG_MPLS_IN_GRE)
        store16(payload + 2, swap16(0x8847));
    else if (settings->encapsulation == RIG_MPLS_IN_UDP)
        store16(payload + 2, swap16(MPLS_IN_UDP_PORT));
    return (int)peer->tunnel_count++;
}

int rig_add_group(struct rig_peer *peer, const struct rig_member *members, uint32_t member_count,
                  const uint16_t *buckets, uint32_t bucket_count) {
    if (peer->group_count == peer->config.groups)
        return -ENOSPC;
    if (bucket_count == 0 || (bucket_count & (bucket_count - 1)) != 0)
        return -EINVAL;
    struct group *group = &peer->groups[peer->group_count];
    group->buckets = rows(bucket_count, sizeof(uint16_t));
    group->members = rows(member_count, sizeof(uint64_t));
    if (group->buckets == NULL || group->members == NULL)
        return -ENOMEM;
    group->mask = bucket_count - 1;
    for (uint32_t i = 0; i < member_count; i++) {
        if (members[i].tunnel >= peer->tunnel_count)
            return -EINVAL;
        uint32_t ttl = peer->tunnels[members[i].tunnel].label_ttl;
        group->members[i] = leaf_make(RIG_TO_TUNNEL, 0, members[i].tunnel, members[i].label, ttl);
    }
    for (uint32_t i = 0; i < bucket_count; i++) {
        if (buckets[i] >= member_count)
            return -EINVAL;
        group->buckets[i] = buckets[i];
    }
    return (int)peer->group_count++;
}

int rig_set_label(struct rig_peer *peer, uint32_t label, uint32_t kind, uint32_t vrf, uint32_t interface) {
    if (label >= LABELS || vrf >= peer->config.vrfs || kind > RIG_LABEL_AGGREGATE ||
        (kind == RIG_LABEL_INTERFACE && interface >= peer->interface_count))
        return -EINVAL;
    peer->labels[label] = label_make(kind, vrf, kind == RIG_LABEL_INTERFACE ? interface : 0);
    return 0;
}

int rig_allow_ingress(struct rig_peer *peer, uint32_t vrf, uint32_t family, const uint8_t *source) {
    if (vrf >= peer->config.vrfs || (family != 4 && family != 6))
        return -EINVAL;
    if (family == 4)
        return exact4_set(&peer->ingress4, key4(vrf, load32(source)), 1);
    return exact6_set(&peer->ingress6, vrf + 1, (uint64_t[]){load64(source), load64(source + 8)}, 1);
}
