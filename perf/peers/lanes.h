/* A word of each of several packets side by side: 8 with AVX2, 16 with AVX-512. GCC's vector arithmetic, so
 * that the wide version can be tested on a CPU without it (-DLANES=16). */
#ifndef RIG_LANES_H
#define RIG_LANES_H

#include <immintrin.h>
#include <rte_mbuf.h>
#include <stdint.h>
#include <string.h>

#ifndef LANES
#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
#endif

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t lane_mask __attribute__((vector_size(4 * LANES))); /* what a comparison gives: 0 or -1 */
typedef uint32_t quad __attribute__((vector_size(16)));
typedef uint32_t quad_unaligned __attribute__((vector_size(16), aligned(1)));
typedef uint32_t octet_of_words __attribute__((vector_size(32)));

/* packet_type, pkt_len, data_len and vlan_tci, hash. */
#define MBUF_LENGTHS offsetof(struct rte_mbuf, packet_type)
_Static_assert(offsetof(struct rte_mbuf, data_len) == MBUF_LENGTHS + 8, "the third word");

static inline quad quad_at(const uint8_t *at) { return *(const quad_unaligned *)at; }

#if LANES == 16
#define PER_GROUP(a, b, c, d)                                                                                \
    a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12, d + 12
#else
#define PER_GROUP(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#endif
#define LOW_WORDS(x, y) __builtin_shufflevector(x, y, PER_GROUP(0, LANES + 0, 1, LANES + 1))
#define HIGH_WORDS(x, y) __builtin_shufflevector(x, y, PER_GROUP(2, LANES + 2, 3, LANES + 3))
#define LOW_PAIRS(x, y) __builtin_shufflevector(x, y, PER_GROUP(0, 1, LANES + 0, LANES + 1))
#define HIGH_PAIRS(x, y) __builtin_shufflevector(x, y, PER_GROUP(2, 3, LANES + 2, LANES + 3))

/* 16 octets of packets r, r + 4, r + 8, … one behind the other. */
static inline lanes lanes_row(const uint8_t *const *packets, int r, int offset) {
    octet_of_words low = __builtin_shufflevector(quad_at(packets[r] + offset),
                                                 quad_at(packets[r + 4] + offset), 0, 1, 2, 3, 4, 5, 6, 7);
#if LANES == 16
    octet_of_words high = __builtin_shufflevector(quad_at(packets[r + 8] + offset),
                                                  quad_at(packets[r + 12] + offset), 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    return low;
#endif
}

/* The four words at an offset of LANES packets: words[n] holds word n of each, in the order of the packets.
 */
static inline void lanes_load4(const uint8_t *const *packets, int offset, lanes words[4]) {
    lanes r0 = lanes_row(packets, 0, offset), r1 = lanes_row(packets, 1, offset);
    lanes r2 = lanes_row(packets, 2, offset), r3 = lanes_row(packets, 3, offset);
    lanes low01 = LOW_WORDS(r0, r1), low23 = LOW_WORDS(r2, r3);
    lanes high01 = HIGH_WORDS(r0, r1), high23 = HIGH_WORDS(r2, r3);
    words[0] = LOW_PAIRS(low01, low23);
    words[1] = HIGH_PAIRS(low01, low23);
    words[2] = LOW_PAIRS(high01, high23);
    words[3] = HIGH_PAIRS(high01, high23);
}

/* The word at an offset of at least 12 of LANES packets. */
static inline lanes lanes_load1(const uint8_t *const *packets, int offset) {
    lanes r0 = lanes_row(packets, 0, offset - 12), r1 = lanes_row(packets, 1, offset - 12);
    lanes r2 = lanes_row(packets, 2, offset - 12), r3 = lanes_row(packets, 3, offset - 12);
    return HIGH_PAIRS(HIGH_WORDS(r0, r1), HIGH_WORDS(r2, r3));
}

/* data_len of LANES mbufs. */
static inline lanes lanes_load_data_len(struct rte_mbuf *const *packets) {
    const uint8_t *const *at = (const uint8_t *const *)packets;
    lanes r0 = lanes_row(at, 0, MBUF_LENGTHS), r1 = lanes_row(at, 1, MBUF_LENGTHS);
    lanes r2 = lanes_row(at, 2, MBUF_LENGTHS), r3 = lanes_row(at, 3, MBUF_LENGTHS);
    return LOW_PAIRS(HIGH_WORDS(r0, r1), HIGH_WORDS(r2, r3)) & 0xFFFF;
}

static inline void lanes_store(uint32_t *to, lanes from) { memcpy(to, &from, sizeof(from)); }

/* TTL, protocol and checksum with the TTL one less: the checksum goes up by one, and 0xFFFF is written as 0.
 */
static inline lanes lanes_decrement_ttl(lanes word) {
    lanes carry = (lanes)((word >> 16) >= 0xFFFE) & 0x10000;
    return word - 1 + 0x10000 + carry;
}

static inline int lanes_any(lane_mask mask) {
#if LANES == 16 && defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif LANES == 16
    octet_of_words low = __builtin_shufflevector((lanes)mask, (lanes)mask, 0, 1, 2, 3, 4, 5, 6, 7);
    octet_of_words high = __builtin_shufflevector((lanes)mask, (lanes)mask, 8, 9, 10, 11, 12, 13, 14, 15);
    octet_of_words both = low | high;
    return !_mm256_testz_si256((__m256i)both, (__m256i)both);
#else
    return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#endif
}

/* IPv4 headers of 20 octets as words: lanes that are not zero have a wrong checksum. */
static inline lane_mask lanes_bad_checksum(const lanes words[5]) {
    lanes sum = (words[0] & 0xFFFF) + (words[0] >> 16);
    for (int i = 1; i < 5; i++)
        sum += (words[i] & 0xFFFF) + (words[i] >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return sum != 0xFFFF;
}

/* 16-bit numbers in network order: the two octets at bits 31-16, 15-0. */
static inline lanes lanes_length_high(lanes word) { return (word >> 24) | (word >> 8 & 0xFF00); }
static inline lanes lanes_length_low(lanes word) { return (word >> 8 & 0xFF) | (word << 8 & 0xFF00); }

/* First words of IPv6 addresses that are unspecified, loopback, link-local, multicast or near them. */
static inline lane_mask lanes_odd_address6(lanes word) {
    lane_mask octet = (lane_mask)(word & 0xFF);
    return (octet == 0) | (octet > 0xFD);
}

/* Addresses that are no ordinary unicast: 0/8, 127/8, 224/3. */
static inline lane_mask lanes_odd_address(lanes address) {
    lane_mask octet = (lane_mask)(address & 0xFF);
    return (octet == 0) | (octet == 127) | (octet > 223);
}

#endif
