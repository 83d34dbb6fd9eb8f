/* The layout of struct rte_mbuf as src/Dataplane.Dpdk/Mbuf.cs mirrors it. Both sides assert it: src/mbuf.c at
 * compile time, MbufLayoutTests at run time. */
#ifndef DATAPLANE_MBUF_H
#define DATAPLANE_MBUF_H

#define DP_MBUF_SIZE 128

/* X(id, field of struct rte_mbuf, offset in bytes, size in bytes); the ids are those of MbufField in C#. */
#define DP_MBUF_FIELDS(X)                                                                                    \
    X(0, buf_addr, 0, 8)                                                                                     \
    X(1, data_off, 16, 2)                                                                                    \
    X(2, refcnt, 18, 2)                                                                                      \
    X(3, nb_segs, 20, 2)                                                                                     \
    X(4, port, 22, 2)                                                                                        \
    X(5, ol_flags, 24, 8)                                                                                    \
    X(6, packet_type, 32, 4)                                                                                 \
    X(7, pkt_len, 36, 4)                                                                                     \
    X(8, data_len, 40, 2)                                                                                    \
    X(9, vlan_tci, 42, 2)                                                                                    \
    X(10, hash.rss, 44, 4)                                                                                   \
    X(11, buf_len, 54, 2)                                                                                    \
    X(12, pool, 56, 8)                                                                                       \
    X(13, next, 64, 8)                                                                                       \
    X(14, priv_size, 88, 2)

#endif
