/* The columns of a burst. Packets that pass a stage move up, so that a burst without drops is never copied.
 */
#ifndef RIG_BATCH_H
#define RIG_BATCH_H

#include "peer.h"

enum { IS_V6 = 1, IS_LINK_LOCAL = 2, IS_UNCHECKED_TTL = 4, IS_AUTHORISED = 8 };

struct batch {
    uint32_t lengths[BURST] __attribute__((aligned(64))); /* bytes of the IP packet */
    uint32_t ttl_words[BURST]; /* IPv4 with a checked TTL: TTL, protocol and checksum as they go out */
    struct rte_mbuf *packets[BURST];
    uint8_t *ip[BURST];
    struct interface *interfaces[BURST]; /* of origin; nobody's for packets from the core */
    uint64_t keys[BURST];                /* from tenants, IPv4 only */
    uint64_t leaves[BURST];              /* from the core: what the label table says */
    uint32_t labels[BURST],
        sources[BURST] __attribute__((aligned(64))); /* from the core: label, outer source */
    uint8_t flags[BURST];
    uint8_t all_flags; /* those that any packet has */
    uint32_t count, count6;
};

static inline uint32_t row_of(const struct interface *interface) { return interface->expected4.row; }

#endif
