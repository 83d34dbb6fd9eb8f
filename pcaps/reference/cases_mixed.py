"""Cases that mix fates, and corners of arithmetic."""
from scapy.layers.inet import IP

from .case import Case
from .frames import (BROADCAST, FAR4, FAR6, HOST1, HUB4, REMOTE, REMOTE6, ROUTER, US4, US6, VIRTUAL4, VM1, VM1_6, VM2, VM2_6, after_hop,
                     echo, payload, shim, tagged, tcp, udp, udp_of_length)
from .link import arp_request, echo_reply, multicast_mac, solicitation, time_exceeded, too_big, virtual_advertisement, virtual_arp_reply
from .topology import blue, red, route, standard


def cases():
    yield ledger()
    yield checksum_corners()
    yield oversized_frame()


def ledger():
    config = standard("mpls-in-udp", vrfs=[blue(far6=FAR6, routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR6, 61206),
                                                                   route(VM2, US4, 52014), route(VM2_6, US6, 52014)]), red(HUB4)])
    c = Case("mixed-ledger", "Mixed", "Twice forty packets of every fate, both directions in turn: the ledger adds up to the last one",
             ["MGT-08", "ARC-02", "ARC-07", "FWD-04", "FWD-05"], config)
    ident = 0
    for turn in range(2):
        for i in range(4):
            seed = turn * 10 + i
            packet = udp(VM1, REMOTE, seed=seed, sport=50200 + i)
            c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
            packet = tcp(REMOTE6, VM1_6, seed=seed)
            c.from_far(52013, packet, src=FAR6).accepted(52013, packet).deliver("vm1", packet)
            packet = udp(VM1, VM2, seed=seed)
            c.guest("vm1", packet).deliver("vm2", after_hop(packet))
            c.guest("vm2", udp(VM1, VM2, seed=seed)).drop("source-validation")
            packet = udp(VM1_6, REMOTE6, seed=seed)
            c.guest("vm3", packet).tunnel(HUB4, 61306, after_hop(packet))
            c.from_far(52015, packet).drop("outer-source")
            packet = udp(REMOTE, VM1, seed=seed)
            c.from_far(3001, packet, src=HUB4).accepted(3001, packet).deliver("vm3", after_hop(packet))
            c.from_far(77777, packet).drop("unknown-label")
        request = arp_request(HOST1, VM1, REMOTE)
        c.guest("vm1", request, dst=BROADCAST).punt("arp").answered().to_guest("vm1", virtual_arp_reply(request))
        query = solicitation(HOST1, VM1_6, REMOTE6)
        c.guest("vm1", query, dst=multicast_mac(query.dst)).punt("nd").answered().to_guest("vm1", virtual_advertisement(query))
        packet = udp(VM1, REMOTE, ttl=1)
        c.guest("vm1", packet).punt("ttl-expired").answered().to_guest("vm1", time_exceeded(packet, ROUTER, ident))
        packet = udp_of_length(VM1, REMOTE, 1469, flags="DF")
        c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER, 1468, ident + 1))
        ping = echo(REMOTE, ROUTER)
        c.from_far(3000, ping).accepted(3000, ping).punt("router-address").answered().packet("blue").tunnel(
            FAR4, 61200, echo_reply(ping, ident + 2))
        ident += 3
        c.guest("vm1", arp_request(HOST1, VM2, REMOTE), dst=BROADCAST).punt("arp").drop("arp-spoofed")
        c.rx("acc0", tagged(VIRTUAL4, HOST1, [319], udp(VM1, REMOTE))).drop("unclassified")
        c.core(udp(REMOTE, VM1), src="02:00:00:00:00:44").drop("not-local")
    return c


def checksum_corners():
    """The incremental update of the header checksum (RFC 1624) at the values where one's complement has two zeros."""
    c = Case("checksum-corners", "Lookup", "The IPv4 header checksum stays right after the TTL goes down, also around 0x0000 and 0xffff",
             ["FWD-04", "ARC-17"], standard(vrfs=[blue(routes=[route(REMOTE, FAR4, 61200), route(VM2, US4, 52014)])],
                                            interfaces=standard()["interfaces"][:2]))
    for target in (REMOTE, VM2):
        for wanted in (0x0000, 0x00FF, 0xFEFF, 0xFEFE, 0xFF00, 0xFFFE, 0x0100, 0x8000, 0x7FFF):
            base = udp(VM1, target, id=0)
            base = IP(bytes(base))
            # The identification takes up the difference between the checksum that is and the one that is wanted.
            base.id = (base.chksum - wanted) % 0xFFFF
            del base.chksum
            packet = IP(bytes(base))
            if packet.chksum != wanted:
                raise AssertionError("checksum %04x instead of %04x" % (packet.chksum, wanted))
            fate = c.guest("vm1", packet)
            if target == REMOTE:
                fate.tunnel(FAR4, 61200, after_hop(packet))
            else:
                fate.deliver("vm2", after_hop(packet))
    # All ones is the other zero: a sender may write it, and a receiver's sum accepts it.
    base = IP(bytes(udp(VM1, REMOTE, id=0)))
    base.id = base.chksum % 0xFFFF
    base.chksum = 0xFFFF
    c.guest("vm1", base).tunnel(FAR4, 61200, after_hop(base))
    return c


def oversized_frame():
    c = Case("drop-unsupported-buffer", "Drops", "A frame longer than one buffer is dropped on either side",
             ["MGT-08"], standard())
    c.rx("acc0", tagged(VIRTUAL4, HOST1, [317], udp_of_length(VM1, REMOTE, 20000))).drop("unsupported-buffer")
    c.core(c.outer([shim(52013)], payload(20000))).drop("unsupported-buffer")
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c
