#include "dataplane_shim.h"
#include <errno.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>

int dp_port_from_rings(const char *name, void *const *rx, unsigned int rx_count, void *const *tx,
                       unsigned int tx_count, int socket) {
    rte_errno = 0;
    int port = rte_eth_from_rings(name, (struct rte_ring *const *)rx, rx_count, (struct rte_ring *const *)tx,
                                  tx_count, socket < 0 ? 0 : (unsigned int)socket);
    return port >= 0 ? port : rte_errno > 0 ? -rte_errno : -ENODEV;
}
