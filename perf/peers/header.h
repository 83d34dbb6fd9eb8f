/* Checks of IP headers one at a time, with the reason when one fails: RFC 791, 1812, 8200, 4291, 5095. */
#ifndef RIG_HEADER_H
#define RIG_HEADER_H

#include "peer.h"

#define LINK_LOCAL4_WIRE 0xFEA9
#define IPV6_LOOPBACK_LOW 0x0100000000000000ull

static inline uint64_t sum_words(const uint8_t *at, uint32_t bytes) {
    uint64_t sum = 0;
    for (; bytes >= 4; bytes -= 4, at += 4)
        sum += load32(at);
    if (bytes >= 2) {
        sum += load16(at);
        at += 2;
        bytes -= 2;
    }
    return bytes != 0 ? sum + *at : sum;
}

static inline uint32_t fold(uint64_t sum) {
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint32_t)((sum & 0xFFFF) + (sum >> 16));
}

static inline enum drop check_shape4(const uint8_t *ip, uint32_t available, uint32_t *length) {
    *length = 0;
    if (available < 20)
        return DROP_BAD_IP_HEADER;
    uint32_t header = (ip[0] & 15u) * 4;
    *length = swap16(load16(ip + 2));
    if (ip[0] >> 4 != 4 || header < 20 || *length < header || *length > available)
        return DROP_BAD_IP_HEADER;
    return fold(sum_words(ip, header)) == 0xFFFF ? DROP_NONE : DROP_BAD_CHECKSUM;
}

static inline enum drop check_shape6(const uint8_t *ip, uint32_t available, uint32_t *length) {
    *length = 0;
    if (available < 40)
        return DROP_BAD_IP_HEADER;
    *length = 40u + swap16(load16(ip + 4));
    return ip[0] >> 4 != 6 || *length > available || *length > UINT16_MAX ? DROP_BAD_IP_HEADER : DROP_NONE;
}

static inline enum drop check_addresses4(const uint8_t *ip, int *link_local) {
    if (ip[12] == 0 || ip[12] == 127 || ip[12] >= 224)
        return DROP_MARTIAN_SOURCE;
    if ((ip[16] == 0 || ip[16] == 127 || ip[16] >= 240) && load32(ip + 16) != UINT32_MAX)
        return DROP_MARTIAN_DESTINATION;
    *link_local = load16(ip + 16) == LINK_LOCAL4_WIRE;
    return DROP_NONE;
}

static inline int is_link_local6(const uint8_t *address) { return (load16(address) & 0xC0FF) == 0x80FE; }

static inline enum drop check_addresses6(const uint8_t *ip, int *link_local) {
    uint64_t source = load64(ip + 8), destination = load64(ip + 24);
    if ((source & 0xFF) == 0xFF ||
        (source == 0 && (load64(ip + 16) == 0 || load64(ip + 16) == IPV6_LOOPBACK_LOW)))
        return DROP_MARTIAN_SOURCE;
    if (destination == 0 && (load64(ip + 32) == 0 || load64(ip + 32) == IPV6_LOOPBACK_LOW))
        return DROP_MARTIAN_DESTINATION;
    *link_local = is_link_local6(ip + 8) || is_link_local6(ip + 24);
    return DROP_NONE;
}

static inline enum drop check_reach4(const uint8_t *ip) {
    if (ip[16] >= 224)
        return DROP_MULTICAST;
    uint32_t header = (ip[0] & 15u) * 4;
    for (uint32_t at = 20; at < header && ip[at] != 0;) {
        if (ip[at] == 131 || ip[at] == 137)
            return DROP_SOURCE_ROUTE;
        if (ip[at] != 1 && (at + 1 >= header || ip[at + 1] < 2))
            break;
        at += ip[at] == 1 ? 1 : ip[at + 1];
    }
    return DROP_NONE;
}

static inline enum drop check_reach6(const uint8_t *ip, uint32_t length) {
    if (ip[24] == 0xFF)
        return DROP_MULTICAST;
    uint8_t next = ip[6];
    for (uint32_t at = 40; (next == 0 || next == 43 || next == 60) && at + 8 <= length;) {
        if (next == 43 && ip[at + 2] == 0)
            return DROP_SOURCE_ROUTE;
        next = ip[at];
        at += (ip[at + 1] + 1u) * 8;
    }
    return DROP_NONE;
}

static inline int is_neighbor_discovery(const uint8_t *ip, uint32_t length) {
    return ip[6] == 58 && length > 40 && (uint8_t)(ip[40] - 133) <= 4;
}

/* Everything of a tenant's packet that has no interface of origin. */
static inline enum drop check_tenant4(const uint8_t *ip, uint32_t available, uint32_t *length,
                                      int *link_local) {
    enum drop reason = check_shape4(ip, available, length);
    if (reason == DROP_NONE)
        reason = check_addresses4(ip, link_local);
    return reason == DROP_NONE ? check_reach4(ip) : reason;
}

static inline enum drop check_tenant6(const uint8_t *ip, uint32_t available, uint32_t *length,
                                      int *link_local) {
    enum drop reason = check_shape6(ip, available, length);
    if (reason == DROP_NONE)
        reason = check_addresses6(ip, link_local);
    return reason == DROP_NONE ? check_reach6(ip, *length) : reason;
}

/* TTL or hop limit down by one; IPv4's checksum up by one (RFC 1141), 0xFFFF written as 0 (RFC 1624). */
static inline void decrement_ttl4(uint8_t *ip) {
    uint32_t checksum = load16(ip + 10) + 1u;
    ip[8]--;
    store16(ip + 10, (uint16_t)(checksum >= 0xFFFF ? checksum - 0xFFFF : checksum));
}

/* The same for both directions of a flow: addresses, protocol and, where there are any, ports; 3-tuple for
 * fragments. */
static inline uint32_t flow_ports(const uint8_t *transport, uint8_t protocol, uint32_t available) {
    if (available < 8 || (protocol != 6 && protocol != 17 && protocol != 132))
        return protocol == 1 && available >= 8 && (transport[0] & 0xF7) == 0 ? load16(transport + 4) : 0;
    uint32_t a = load16(transport), b = load16(transport + 2);
    return a < b ? a << 16 | b : b << 16 | a;
}

static inline uint32_t flow_hash4(const uint8_t *ip, uint32_t length) {
    uint32_t a = load32(ip + 12), b = load32(ip + 16), header = (ip[0] & 15u) * 4;
    uint32_t ports = (load16(ip + 6) & 0xFF3F) != 0 ? 0 : flow_ports(ip + header, ip[9], length - header);
    uint64_t addresses = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    return (uint32_t)_mm_crc32_u64(_mm_crc32_u64(ip[9], addresses), ports);
}

static inline uint32_t flow_hash6(const uint8_t *ip, uint32_t length) {
    uint64_t high = load64(ip + 8) ^ load64(ip + 24), low = load64(ip + 16) + load64(ip + 32);
    uint32_t ports = flow_ports(ip + 40, ip[6], length - 40);
    return (uint32_t)_mm_crc32_u64(_mm_crc32_u64(_mm_crc32_u64(ip[6], high), low), ports);
}

#endif
