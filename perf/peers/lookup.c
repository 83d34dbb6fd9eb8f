/* Longest-prefix match of a burst, by one of three designs. Hosts first; a shorter prefix is searched for by
 * the lengths that its VRF holds, the longest first, except in the FIBs, which know all lengths. */
#include "peer.h"

static __attribute__((noinline)) uint64_t shorter4(const struct rig_peer *peer, uint64_t key) {
    uint32_t space = (uint32_t)(key >> 32) - 1, address = __builtin_bswap32((uint32_t)key);
    for (uint64_t left = peer->lengths[space].v4; left != 0;) {
        uint32_t length = 63u - (uint32_t)__builtin_clzll(left);
        left &= ~(1ull << length);
        uint32_t masked = length == 0 ? 0 : address & (UINT32_MAX << (32 - length));
        uint64_t wanted = key4_prefix(space, __builtin_bswap32(masked), length);
        uint64_t leaf = 0;
        if (peer->lookup == RIG_LOOKUP_HASH) {
            void *data;
            leaf = rte_hash_lookup_data(peer->hash4, &wanted, &data) < 0 ? 0 : (uint64_t)(uintptr_t)data;
        } else {
            leaf = exact4_find(&peer->routes4, wanted);
        }
        if (leaf != 0)
            return leaf;
    }
    return 0;
}

static __attribute__((noinline)) uint64_t shorter6(const struct rig_peer *peer, uint32_t space,
                                                   const uint8_t *address) {
    for (int word = 1; word >= 0; word--) {
        for (uint64_t left = peer->lengths[space].v6[word]; left != 0;) {
            uint32_t length = 63u - (uint32_t)__builtin_clzll(left);
            left &= ~(1ull << length);
            length += 64u * (uint32_t)word;
            uint64_t key[4] = {load64(address), load64(address + 8), space6(space, length), 0};
            mask6(key, length);
            uint64_t leaf = 0;
            if (peer->lookup == RIG_LOOKUP_HASH) {
                void *data;
                leaf = rte_hash_lookup_data(peer->hash6, key, &data) < 0 ? 0 : (uint64_t)(uintptr_t)data;
            } else {
                leaf = exact6_find(&peer->routes6, key[2], key);
            }
            if (leaf != 0)
                return leaf;
        }
    }
    return 0;
}

static void hash_bulk4(const struct rig_peer *peer, const uint64_t *keys, uint32_t n, uint64_t *leaves) {
    const void *pointers[BURST];
    hash_sig_t signatures[BURST];
    uint64_t hits = 0;
    for (uint32_t i = 0; i < n; i++) {
        pointers[i] = &keys[i];
        signatures[i] = hash_of_key4(keys[i]);
    }
    rte_hash_lookup_with_hash_bulk_data(peer->hash4, pointers, signatures, n, &hits, (void **)leaves);
    for (uint64_t misses = ~hits & (UINT64_MAX >> (64 - n)); misses != 0; misses &= misses - 1)
        leaves[__builtin_ctzll(misses)] = 0;
}

static void exact_bulk4(const struct rig_peer *peer, const uint64_t *keys, uint32_t n, uint64_t *leaves) {
    const struct exact4 routes = peer->routes4;
    for (uint32_t i = 0; i < n; i++) {
        leaves[i] = exact4_find(&routes, keys[i]);
        if (unlikely(leaves[i] == 0))
            leaves[i] = shorter4(peer, keys[i]);
    }
}

/* Neighbours in the burst that share a VRF are looked up together. */
static void fib_bulk4(const struct rig_peer *peer, const uint64_t *keys, uint32_t n, uint64_t *leaves) {
    uint32_t addresses[BURST];
    for (uint32_t i = 0; i < n; i++)
        addresses[i] = __builtin_bswap32((uint32_t)keys[i]);
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && keys[end] >> 32 == keys[i] >> 32; end++)
            ;
        rte_fib_lookup_bulk(peer->fib4[(keys[i] >> 32) - 1], addresses + i, leaves + i, (int)(end - i));
    }
    for (uint32_t i = 0; i < n; i++)
        leaves[i] = peer->fib_leaves[leaves[i]];
}

void lookup4(const struct rig_peer *peer, const uint64_t *keys, uint32_t n, uint64_t *leaves) {
    if (n == 0)
        return;
    if (peer->lookup == RIG_LOOKUP_FIB) {
        fib_bulk4(peer, keys, n, leaves);
        return;
    }
    if (peer->lookup == RIG_LOOKUP_EXACT) {
        exact_bulk4(peer, keys, n, leaves);
        return;
    }
    hash_bulk4(peer, keys, n, leaves);
    for (uint32_t i = 0; i < n; i++) {
        if (unlikely(leaves[i] == 0))
            leaves[i] = shorter4(peer, keys[i]);
    }
}

static void hash_bulk6(const struct rig_peer *peer, const uint32_t *spaces, const uint8_t *const *addresses,
                       uint32_t n, uint64_t *leaves) {
    uint64_t keys[BURST][4];
    const void *pointers[BURST];
    hash_sig_t signatures[BURST];
    uint64_t hits = 0;
    for (uint32_t i = 0; i < n; i++) {
        keys[i][0] = load64(addresses[i]);
        keys[i][1] = load64(addresses[i] + 8);
        keys[i][2] = space6(spaces[i], 128);
        keys[i][3] = 0;
        pointers[i] = keys[i];
        signatures[i] = hash_of_key6(keys[i]);
    }
    rte_hash_lookup_with_hash_bulk_data(peer->hash6, pointers, signatures, n, &hits, (void **)leaves);
    for (uint64_t misses = ~hits & (UINT64_MAX >> (64 - n)); misses != 0; misses &= misses - 1)
        leaves[__builtin_ctzll(misses)] = 0;
}

static void exact_bulk6(const struct rig_peer *peer, const uint32_t *spaces, const uint8_t *const *addresses,
                        uint32_t n, uint64_t *leaves) {
    for (uint32_t i = 0; i < n; i++)
        leaves[i] = exact6_find(&peer->routes6, space6(spaces[i], 128), addresses[i]);
}

static void fib_bulk6(const struct rig_peer *peer, const uint32_t *spaces, const uint8_t *const *addresses,
                      uint32_t n, uint64_t *leaves) {
    uint8_t ips[BURST][RTE_FIB6_IPV6_ADDR_SIZE];
    for (uint32_t i = 0; i < n; i++)
        memcpy(ips[i], addresses[i], sizeof(ips[i]));
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && spaces[end] == spaces[i]; end++)
            ;
        rte_fib6_lookup_bulk(peer->fib6[spaces[i]], ips + i, leaves + i, (int)(end - i));
    }
    for (uint32_t i = 0; i < n; i++)
        leaves[i] = peer->fib_leaves[leaves[i]];
}

void lookup6(const struct rig_peer *peer, const uint32_t *spaces, const uint8_t *const *addresses, uint32_t n,
             uint64_t *leaves) {
    if (n == 0)
        return;
    if (peer->lookup == RIG_LOOKUP_FIB) {
        fib_bulk6(peer, spaces, addresses, n, leaves);
        return;
    }
    if (peer->lookup == RIG_LOOKUP_HASH)
        hash_bulk6(peer, spaces, addresses, n, leaves);
    else
        exact_bulk6(peer, spaces, addresses, n, leaves);
    for (uint32_t i = 0; i < n; i++) {
        if (unlikely(leaves[i] == 0))
            leaves[i] = shorter6(peer, spaces[i], addresses[i]);
    }
}
