#include "dataplane_shim.h"
#include <rte_ethdev.h>

uint64_t dp_rss_ip(void) { return RTE_ETH_RSS_IP; }

uint64_t dp_rss_tcp_udp(void) { return RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP; }

int dp_port_configure(uint16_t port, uint16_t rx_queues, uint16_t tx_queues, uint64_t rss_requested,
                      uint64_t *rss) {
    struct rte_eth_dev_info device;
    int error = rte_eth_dev_info_get(port, &device);
    if (error != 0)
        return error;
    struct rte_eth_conf configuration = {0};
    *rss = rx_queues > 1 ? rss_requested & device.flow_type_rss_offloads : 0;
    if (*rss != 0) {
        configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        configuration.rx_adv_conf.rss_conf.rss_hf = *rss;
    }
    return rte_eth_dev_configure(port, rx_queues, tx_queues, &configuration);
}

int dp_port_clamp_descriptors(uint16_t port, uint16_t *rx, uint16_t *tx) {
    return rte_eth_dev_adjust_nb_rx_tx_desc(port, rx, tx);
}

int dp_port_rx_queue(uint16_t port, uint16_t queue, uint16_t descriptors, void *pool) {
    return rte_eth_rx_queue_setup(port, queue, descriptors, (unsigned int)rte_eth_dev_socket_id(port), NULL,
                                  pool);
}

int dp_port_tx_queue(uint16_t port, uint16_t queue, uint16_t descriptors) {
    return rte_eth_tx_queue_setup(port, queue, descriptors, (unsigned int)rte_eth_dev_socket_id(port), NULL);
}

int dp_port_get_mtu(uint16_t port) {
    uint16_t mtu;
    int error = rte_eth_dev_get_mtu(port, &mtu);
    return error == 0 ? mtu : error;
}

int dp_port_set_mtu(uint16_t port, uint16_t mtu) { return rte_eth_dev_set_mtu(port, mtu); }

int dp_port_set_promiscuous(uint16_t port, int on) {
    return on ? rte_eth_promiscuous_enable(port) : rte_eth_promiscuous_disable(port);
}

int dp_port_set_allmulticast(uint16_t port, int on) {
    return on ? rte_eth_allmulticast_enable(port) : rte_eth_allmulticast_disable(port);
}
