#include "dataplane_shim.h"
#include <errno.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>
#include <rte_ring.h>

static int result(const void *created) { return created != NULL ? 0 : rte_errno > 0 ? -rte_errno : -ENOMEM; }

int dp_mempool_create(const char *name, uint32_t count, uint32_t cache, uint16_t private_bytes,
                      uint16_t data_room, int socket, void **pool) {
    *pool = rte_pktmbuf_pool_create(name, count, cache, private_bytes, data_room, socket);
    return result(*pool);
}

void dp_mempool_free(void *pool) { rte_mempool_free(pool); }

uint32_t dp_mempool_available(const void *pool) { return rte_mempool_avail_count(pool); }

uint32_t dp_mempool_capacity(const void *pool) { return ((const struct rte_mempool *)pool)->size; }

int dp_ring_create(const char *name, uint32_t count, int socket, int single_producer, int single_consumer,
                   int exact_size, void **ring) {
    unsigned int flags = (single_producer ? RING_F_SP_ENQ : 0) | (single_consumer ? RING_F_SC_DEQ : 0) |
                         (exact_size ? RING_F_EXACT_SZ : 0);
    *ring = rte_ring_create(name, count, socket, flags);
    return result(*ring);
}

void dp_ring_free(void *ring) { rte_ring_free(ring); }

uint32_t dp_ring_count(const void *ring) { return rte_ring_count(ring); }

uint32_t dp_ring_capacity(const void *ring) { return rte_ring_get_capacity(ring); }

int dp_memzone_reserve(const char *name, size_t bytes, uint32_t alignment, int socket, const void **zone) {
    *zone = rte_memzone_reserve_aligned(name, bytes, socket, 0, alignment);
    return result(*zone);
}

int dp_memzone_lookup(const char *name, const void **zone) {
    *zone = rte_memzone_lookup(name);
    return *zone != NULL ? 0 : -ENOENT;
}

int dp_memzone_free(const void *zone) { return rte_memzone_free(zone); }

void *dp_memzone_address(const void *zone) { return ((const struct rte_memzone *)zone)->addr; }

uint64_t dp_memzone_bytes(const void *zone) { return ((const struct rte_memzone *)zone)->len; }
