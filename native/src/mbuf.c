#include "dataplane_mbuf.h"
#include "dataplane_shim.h"
#include <errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#define ASSERT_FIELD(id, field, offset, size)                                                                \
    _Static_assert(offsetof(struct rte_mbuf, field) == (offset), "Mbuf.cs: offset of " #field);              \
    _Static_assert(sizeof(((struct rte_mbuf *)0)->field) == (size), "Mbuf.cs: size of " #field);
DP_MBUF_FIELDS(ASSERT_FIELD)
_Static_assert(sizeof(struct rte_mbuf) == DP_MBUF_SIZE, "Mbuf.cs: size of rte_mbuf");

int dp_mbuf_size(void) { return (int)sizeof(struct rte_mbuf); }

int dp_mbuf_offset(int field) {
#define FIELD_CASE(id, name, offset, size)                                                                   \
    case id:                                                                                                 \
        return (int)offsetof(struct rte_mbuf, name);
    switch (field) {
        DP_MBUF_FIELDS(FIELD_CASE)
    default:
        return -EINVAL;
    }
}

int dp_mbuf_timestamp_offset(void) {
    int offset = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL);
    return offset >= 0 ? offset : -ENOENT;
}

uint64_t dp_mbuf_timestamp_flag(void) {
    int bit = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, NULL);
    return bit >= 0 ? 1ULL << bit : 0;
}
