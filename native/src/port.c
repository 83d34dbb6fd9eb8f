#include "dataplane_shim.h"
#include <errno.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct dp_port_info) == 120, "mirrored by PortInformation.Native");
_Static_assert(sizeof(struct dp_port_stats) == 64, "mirrored by PortStatistics");
_Static_assert(sizeof(struct rte_eth_xstat_name) == 64, "dp_port_xstats_names hands out 64 bytes per name");
_Static_assert(sizeof(struct rte_ether_addr) == 6, "a MAC address is six bytes");

int dp_device_attach(const char *bus, const char *name, const char *arguments) {
    return rte_eal_hotplug_add(bus, name, arguments);
}

int dp_device_detach(const char *bus, const char *name) { return rte_eal_hotplug_remove(bus, name); }

int dp_port_by_name(const char *name) {
    uint16_t port;
    int error = rte_eth_dev_get_port_by_name(name, &port);
    return error == 0 ? port : error;
}

int dp_port_next(int port) {
    uint16_t found = (uint16_t)rte_eth_find_next((uint16_t)port);
    return found < RTE_MAX_ETHPORTS ? found : -ENODEV;
}

int dp_port_info(uint16_t port, struct dp_port_info *info) {
    struct rte_eth_dev_info device;
    int error = rte_eth_dev_info_get(port, &device);
    if (error != 0)
        return error;
    memset(info, 0, sizeof(*info));
    snprintf(info->driver, sizeof(info->driver), "%s", device.driver_name);
    error = rte_eth_dev_get_name_by_port(port, info->device);
    info->rss_offloads = device.flow_type_rss_offloads;
    info->min_mtu = device.min_mtu;
    info->max_mtu = device.max_mtu;
    info->max_rx_queues = device.max_rx_queues;
    info->max_tx_queues = device.max_tx_queues;
    info->socket = (int16_t)rte_eth_dev_socket_id(port);
    return error;
}

int dp_port_start(uint16_t port) { return rte_eth_dev_start(port); }

int dp_port_stop(uint16_t port) { return rte_eth_dev_stop(port); }

int dp_port_close(uint16_t port) { return rte_eth_dev_close(port); }

int dp_port_get_mac(uint16_t port, uint8_t mac[6]) {
    return rte_eth_macaddr_get(port, (struct rte_ether_addr *)mac);
}

int dp_port_set_mac(uint16_t port, const uint8_t mac[6]) {
    struct rte_ether_addr address;
    memcpy(address.addr_bytes, mac, sizeof(address.addr_bytes));
    return rte_eth_dev_default_mac_addr_set(port, &address);
}

int dp_port_link(uint16_t port, uint32_t *speed_mbps, int *full_duplex) {
    struct rte_eth_link link;
    int error = rte_eth_link_get_nowait(port, &link);
    if (error != 0)
        return error;
    *speed_mbps = link.link_speed;
    *full_duplex = link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
    return link.link_status == RTE_ETH_LINK_UP;
}

int dp_port_stats(uint16_t port, struct dp_port_stats *stats) {
    struct rte_eth_stats read;
    int error = rte_eth_stats_get(port, &read);
    if (error != 0)
        return error;
    *stats = (struct dp_port_stats){
        .rx_packets = read.ipackets,
        .tx_packets = read.opackets,
        .rx_bytes = read.ibytes,
        .tx_bytes = read.obytes,
        .rx_missed = read.imissed,
        .rx_errors = read.ierrors,
        .tx_errors = read.oerrors,
        .rx_no_mbuf = read.rx_nombuf,
    };
    return 0;
}

int dp_port_stats_reset(uint16_t port) { return rte_eth_stats_reset(port); }

int dp_port_xstats_count(uint16_t port) { return rte_eth_xstats_get_names(port, NULL, 0); }

int dp_port_xstats_names(uint16_t port, char *names, int count) {
    return rte_eth_xstats_get_names(port, (struct rte_eth_xstat_name *)names, (unsigned int)count);
}

int dp_port_xstats_values(uint16_t port, uint64_t *values, int count) {
    return rte_eth_xstats_get_by_id(port, NULL, values, (unsigned int)count);
}
