/* Reading a peer's counters. */
#include "peer.h"
#include <errno.h>

static const char *const names[DROP_REASONS] = {
    "none",
    "runt-frame",
    "not-for-router",
    "unclassified",
    "non-ip",
    "bad-ip-header",
    "bad-checksum",
    "martian-source",
    "martian-destination",
    "source-validation",
    "source-route",
    "multicast",
    "link-local",
    "no-route",
    "outer-bad-header",
    "outer-bad-checksum",
    "not-local",
    "outer-fragment",
    "unsupported-protocol",
    "gre-unsupported",
    "gre-checksum",
    "udp-checksum",
    "label-stack",
    "unknown-label",
    "label-ttl",
    "outer-source",
    "tx-full",
    "unsupported-buffer",
    "arp",
    "nd",
    "ttl-expired",
    "mtu-exceeded",
    "underlay",
};

const char *rig_drop_name(uint32_t reason) { return reason < DROP_REASONS ? names[reason] : NULL; }

int rig_read_counters(const struct rig_peer *peer, uint32_t column, struct rig_count *rows,
                      uint32_t capacity) {
    if (column >= RIG_COLUMNS)
        return -EINVAL;
    uint32_t count = peer->column_rows[column];
    memcpy(rows, peer->columns[column], (count < capacity ? count : capacity) * sizeof(*rows));
    return (int)count;
}

void rig_reset_counters(struct rig_peer *peer) {
    for (uint32_t column = 0; column < RIG_COLUMNS; column++)
        memset(peer->columns[column], 0, peer->column_rows[column] * sizeof(struct rig_count));
}
