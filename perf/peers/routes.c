/* The writer's side of lookup.c. */
#include "peer.h"
#include <errno.h>
#include <rte_errno.h>
#include <rte_rib.h>
#include <rte_rib6.h>
#include <stdio.h>
#include <stdlib.h>

#define FIB_TBL8_GROUPS 1024 /* of a VRF: its /24s with longer prefixes */
#define FIB6_TBL8_GROUPS 16384
#define FIB_ROUTES 65536

static uint32_t hash4(const void *key, uint32_t bytes, uint32_t seed) {
    RTE_SET_USED(bytes);
    RTE_SET_USED(seed);
    return hash_of_key4(*(const uint64_t *)key);
}

static uint32_t hash6(const void *key, uint32_t bytes, uint32_t seed) {
    RTE_SET_USED(bytes);
    RTE_SET_USED(seed);
    return hash_of_key6(key);
}

static void unique_name(char name[32], const char *kind) {
    static uint32_t serial;
    snprintf(name, 32, "rig-%s-%u", kind, __atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
}

/* Cuckoo hashing fills up only so far. */
uint32_t hash_slots(uint32_t entries) { return RTE_MAX(entries + entries / 4, 1024u); }

static struct rte_hash *open_hash(const char *name, uint32_t entries, uint32_t key_bytes,
                                  rte_hash_function function) {
    struct rte_hash_parameters parameters = {
        .name = name,
        .entries = hash_slots(entries),
        .key_len = key_bytes,
        .hash_func = function,
        .socket_id = SOCKET_ID_ANY,
    };
    return rte_hash_create(&parameters);
}

struct rte_hash *open_hash4(const char *name, uint32_t entries) {
    return open_hash(name, entries, 8, hash4);
}

int routes_open(struct rig_peer *peer) {
    const struct rig_config *config = &peer->config;
    uint32_t spaces = config->vrfs * 2;
    char name[32];
    peer->lengths = calloc(spaces, sizeof(*peer->lengths));
    if (peer->lengths == NULL)
        return -ENOMEM;
    switch (peer->lookup) {
    case RIG_LOOKUP_HASH:
        unique_name(name, "hash");
        peer->hash4 = open_hash4(name, config->routes4);
        unique_name(name, "hash");
        peer->hash6 = open_hash(name, config->routes6, 32, hash6);
        return peer->hash4 == NULL || peer->hash6 == NULL ? -rte_errno : 0;
    case RIG_LOOKUP_FIB:
        peer->fib_leaf_capacity = config->routes4 + config->routes6 + 1;
        peer->fib_leaf_count = 1;
        peer->fib_leaves = calloc(peer->fib_leaf_capacity, sizeof(*peer->fib_leaves));
        peer->fib4 = calloc(spaces, sizeof(*peer->fib4));
        peer->fib6 = calloc(spaces, sizeof(*peer->fib6));
        return peer->fib_leaves == NULL || peer->fib4 == NULL || peer->fib6 == NULL ? -ENOMEM : 0;
    default:
        if (exact4_open(&peer->routes4, RTE_MAX(config->routes4, 64u)) != 0)
            return -ENOMEM;
        return exact6_open(&peer->routes6, RTE_MAX(config->routes6, 64u));
    }
}

void routes_close(struct rig_peer *peer) {
    rte_hash_free(peer->hash4);
    rte_hash_free(peer->hash6);
    for (uint32_t space = 0; space < peer->config.vrfs * 2; space++) {
        if (peer->fib4 != NULL)
            rte_fib_free(peer->fib4[space]);
        if (peer->fib6 != NULL)
            rte_fib6_free(peer->fib6[space]);
    }
    free(peer->fib4);
    free(peer->fib6);
    free(peer->fib_leaves);
    free(peer->lengths);
    exact4_close(&peer->routes4);
    exact6_close(&peer->routes6);
}

/* A VRF without routes has no FIB: lookups need one, so that the first route of any makes it. */
static int need_fibs(struct rig_peer *peer, uint32_t space, uint32_t family) {
    char name[32];
    if (family == 4 && peer->fib4[space] == NULL) {
        struct rte_fib_conf config = {.type = RTE_FIB_DIR24_8, .default_nh = 0, .max_routes = FIB_ROUTES};
        config.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
        config.dir24_8.num_tbl8 = FIB_TBL8_GROUPS;
        unique_name(name, "fib");
        peer->fib4[space] = rte_fib_create(name, SOCKET_ID_ANY, &config);
        if (peer->fib4[space] == NULL)
            return -rte_errno;
    }
    if (family == 6 && peer->fib6[space] == NULL) {
        struct rte_fib6_conf config = {.type = RTE_FIB6_TRIE, .default_nh = 0, .max_routes = FIB_ROUTES};
        config.trie.nh_sz = RTE_FIB6_TRIE_4B;
        config.trie.num_tbl8 = FIB6_TBL8_GROUPS;
        unique_name(name, "fib6");
        peer->fib6[space] = rte_fib6_create(name, SOCKET_ID_ANY, &config);
        if (peer->fib6[space] == NULL)
            return -rte_errno;
    }
    return 0;
}

/* Next hop of a prefix in its FIB, or 0. */
static uint64_t fib_next_hop(struct rig_peer *peer, uint32_t space, uint32_t family, const uint8_t *address,
                             uint32_t length) {
    uint64_t next_hop = 0;
    if (family == 4) {
        struct rte_rib_node *node = rte_rib_lookup_exact(rte_fib_get_rib(peer->fib4[space]),
                                                         __builtin_bswap32(load32(address)), (uint8_t)length);
        if (node != NULL)
            rte_rib_get_nh(node, &next_hop);
    } else {
        struct rte_rib6_node *node =
            rte_rib6_lookup_exact(rte_fib6_get_rib(peer->fib6[space]), address, (uint8_t)length);
        if (node != NULL)
            rte_rib6_get_nh(node, &next_hop);
    }
    return next_hop;
}

static int set_in_fib(struct rig_peer *peer, uint32_t space, uint32_t family, const uint8_t *address,
                      uint32_t length, uint64_t leaf) {
    int code = need_fibs(peer, space, family);
    if (code != 0)
        return code;
    uint64_t next_hop = fib_next_hop(peer, space, family, address, length);
    if (next_hop != 0) {
        __atomic_store_n(&peer->fib_leaves[next_hop], leaf, __ATOMIC_RELEASE);
        return 0;
    }
    if (peer->fib_leaf_count == peer->fib_leaf_capacity)
        return -ENOSPC;
    next_hop = peer->fib_leaf_count++;
    peer->fib_leaves[next_hop] = leaf;
    return family == 4
               ? rte_fib_add(peer->fib4[space], __builtin_bswap32(load32(address)), (uint8_t)length, next_hop)
               : rte_fib6_add(peer->fib6[space], address, (uint8_t)length, next_hop);
}

/* The prefix as a key, masked. */
static void make_key(uint64_t key[4], uint32_t space, uint32_t family, const uint8_t *address,
                     uint32_t length) {
    if (family == 4) {
        uint32_t masked =
            length == 0 ? 0 : __builtin_bswap32(load32(address)) & (UINT32_MAX << (32 - length));
        key[0] = key4_prefix(space, __builtin_bswap32(masked), length);
        return;
    }
    key[0] = load64(address);
    key[1] = load64(address + 8);
    mask6(key, length);
    key[2] = space6(space, length);
    key[3] = 0;
}

static int is_valid(const struct rig_peer *peer, uint32_t view, uint32_t vrf, uint32_t family,
                    uint32_t length) {
    return view <= RIG_LOCAL_VIEW && vrf < peer->config.vrfs && (family == 4 || family == 6) &&
           length <= (family == 4 ? 32 : 128);
}

int rig_set_route(struct rig_peer *peer, uint32_t view, uint32_t vrf, uint32_t family, const uint8_t *address,
                  uint32_t length, uint32_t next_hop, uint32_t row, uint32_t label) {
    if (!is_valid(peer, view, vrf, family, length))
        return -EINVAL;
    uint32_t space = space_of(vrf, view);
    if (row >= (next_hop == RIG_TO_TUNNEL      ? peer->tunnel_count
                : next_hop == RIG_TO_INTERFACE ? peer->interface_count
                : next_hop == RIG_TO_GROUP     ? peer->group_count
                                               : 0))
        return -EINVAL;
    uint32_t label_ttl = next_hop == RIG_TO_TUNNEL ? peer->tunnels[row].label_ttl : 0;
    uint64_t leaf = leaf_make(next_hop, length, row, label, label_ttl), key[4];
    make_key(key, space, family, address, length);
    int code;
    if (peer->lookup == RIG_LOOKUP_FIB)
        code = set_in_fib(peer, space, family, address, length, leaf);
    else if (peer->lookup == RIG_LOOKUP_HASH)
        code = rte_hash_add_key_data(family == 4 ? peer->hash4 : peer->hash6, key, (void *)(uintptr_t)leaf);
    else
        code = family == 4 ? exact4_set(&peer->routes4, key[0], leaf)
                           : exact6_set(&peer->routes6, key[2], key, leaf);
    if (code < 0)
        return code;
    if (family == 4 && length < 32)
        peer->lengths[space].v4 |= 1ull << length;
    else if (family == 6 && length < 128)
        peer->lengths[space].v6[length / 64] |= 1ull << length % 64;
    return 0;
}

/* The VRF goes on searching for the length; that costs time only. */
int rig_remove_route(struct rig_peer *peer, uint32_t view, uint32_t vrf, uint32_t family,
                     const uint8_t *address, uint32_t length) {
    if (!is_valid(peer, view, vrf, family, length))
        return -EINVAL;
    uint32_t space = space_of(vrf, view);
    uint64_t key[4];
    make_key(key, space, family, address, length);
    if (peer->lookup == RIG_LOOKUP_HASH) {
        int code = rte_hash_del_key(family == 4 ? peer->hash4 : peer->hash6, key);
        return code < 0 ? code : 0;
    }
    if (peer->lookup != RIG_LOOKUP_FIB)
        return family == 4 ? exact4_remove(&peer->routes4, key[0])
                           : exact6_remove(&peer->routes6, key[2], key);
    if ((family == 4 ? (void *)peer->fib4[space] : (void *)peer->fib6[space]) == NULL)
        return -ENOENT;
    return family == 4
               ? rte_fib_delete(peer->fib4[space], __builtin_bswap32(load32(address)), (uint8_t)length)
               : rte_fib6_delete(peer->fib6[space], address, (uint8_t)length);
}
