"""Core side: every reason to drop what arrives from the underlay."""
from scapy.layers.inet import GRE, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN
from scapy.packet import Raw

from .case import Case
from .frames import (CORE_MAC, FAR4, FAR6, HUB4, HUB6, REMOTE, REMOTE6, US4, US6, VM1, VM1_6, after_hop, payload, shim,
                     tagged, tunnel, udp)
from .topology import blue, core_port, red, route, standard


def cases():
    yield outer_header()
    yield outer_checksum()
    yield not_local()
    yield outer_fragment()
    yield unsupported_protocol()
    yield gre_unsupported()
    yield label_ttl()
    yield label_stack()
    yield unknown_label()
    yield wrong_outer_source()
    yield second_core_address()
    yield outer_options()


def inner():
    return udp(REMOTE, VM1)


def outer_header():
    c = Case("drop-outer-bad-header", "Drops", "Outer IP headers that do not fit are dropped", ["MGT-08"],
             standard(vrfs=[blue(far6=FAR6), red()]))
    good, six = bytes(c.outer(52013, inner())), bytes(tunnel("gre", FAR6, US6, 52013, inner()))
    for octets in (b"\x55" + good[1:], b"\x44" + good[1:], b"\x65" + good[1:], good[:19], good[:50],
                   bytes(tunnel("gre", FAR4, US4, 52013, inner(), len=19)), bytes(tunnel("gre", FAR4, US4, 52013, inner(), len=200))):
        c.rx("core0", tagged(CORE_MAC, "02:00:00:00:00:44", [], octets, kind=0x0800)).drop("outer-bad-header")
    for octets in (b"\x40" + six[1:], b"\x70" + six[1:], six[:39], six[:60], bytes(tunnel("gre", FAR6, US6, 52013, inner(), plen=300))):
        c.rx("core0", tagged(CORE_MAC, "02:00:00:00:00:44", [], octets, kind=0x86DD)).drop("outer-bad-header")
    return c


def outer_checksum():
    c = Case("drop-outer-bad-checksum", "Drops", "A wrong checksum of the outer IPv4 header is dropped", ["MGT-08"], standard())
    for wrong in (0, 0xFFFF, 0x4321):
        c.from_far(52013, inner(), chksum=wrong).drop("outer-bad-checksum")
    return c


def not_local():
    c = Case("drop-not-local", "Drops", "The core takes only what is addressed to it: no routing between underlay and tenants",
             ["SEC-04", "FWD-22", "ARC-14", "MGT-08"], standard(vrfs=[blue(far6=FAR6), red()]))
    for target in ("203.0.113.99", "192.0.2.1", VM1, "224.0.0.5", "255.255.255.255", "203.0.113.255"):
        c.from_far(52013, inner(), dst=target).drop("not-local")
    for target in ("2001:db8:f::99", VM1_6, "ff02::5", "fe80::77"):
        c.from_far(52013, inner(), src=FAR6, dst=target).drop("not-local")
    c.core(udp(FAR4, VM1)).drop("not-local")
    return c


def outer_fragment():
    c = Case("drop-outer-fragment", "Drops", "Fragments of the outer packet are dropped: the ingress keeps to the path MTU and sets DF",
             ["FWD-23", "MGT-08"], standard(vrfs=[blue(far6=FAR6), red()]))
    for flags, offset in (("MF", 0), (0, 10), ("MF", 100)):
        c.from_far(52013, inner(), flags=flags, frag=offset).drop("outer-fragment")
    for more, offset in ((1, 0), (0, 8), (0, 0)):
        body = bytes(GRE(proto=0x8847) / shim(52013) / inner())
        packet = IPv6(src=FAR6, dst=US6, hlim=64) / IPv6ExtHdrFragment(nh=47, m=more, offset=offset, id=5) / Raw(body)
        c.core(packet).drop("outer-fragment")
    return c


def unsupported_protocol():
    c = Case("drop-unsupported-protocol", "Drops", "Other protocols to the forwarder's own address are dropped", ["MGT-08", "SEC-04"],
             standard(vrfs=[blue(far6=FAR6), red()]))
    for source, target in ((FAR4, US4), (FAR6, US6)):
        base = IPv6(src=source, dst=target) if ":" in source else IP(src=source, dst=target)
        for upper in (TCP(sport=50003, dport=179, flags="S"), UDP(sport=50001, dport=6636) / payload(20),
                      UDP(sport=6635, dport=50002) / payload(20)):
            c.core(base.copy() / upper).drop("unsupported-protocol")
    for protocol in (4, 41, 50, 89, 132, 253):
        c.core(IP(src=FAR4, dst=US4, proto=protocol) / Raw(payload(40))).drop("unsupported-protocol")
        c.core(IPv6(src=FAR6, dst=US6, nh=protocol) / Raw(payload(40))).drop("unsupported-protocol")
    for header in (IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]), IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])):
        header.nh = 47
        c.core(IPv6(src=FAR6, dst=US6) / header / GRE(proto=0x8847) / shim(52013) / inner()).drop("unsupported-protocol")
    return c


def gre_unsupported():
    c = Case("drop-gre-unsupported", "Drops", "GRE with a key, a sequence number, routing, another version or protocol is dropped",
             ["FWD-06", "MGT-08"], standard())
    for header in ({"key_present": 1, "key": 7}, {"seqnum_present": 1, "seqence_number": 1}, {"version": 1}, {"proto": 0x0800},
                   {"proto": 0x86DD}, {"proto": 0x8848}, {"proto": 0x6558}, {"key_present": 1, "chksum_present": 1}):
        c.from_far(52013, inner(), gre=header).drop("gre-unsupported")
    for flags in (0x4000, 0x0800, 0x0400, 0x0100, 0x0008):
        octets = flags.to_bytes(2, "big") + b"\x88\x47" + bytes(shim(52013) / inner())
        c.core(IP(src=FAR4, dst=US4, proto=47) / Raw(octets)).drop("gre-unsupported")
    for octets in (b"", b"\0\0\x88", b"\x80\0\x88\x47\0\0\0"):
        c.core(IP(src=FAR4, dst=US4, proto=47) / Raw(octets)).drop("outer-bad-header")
    return c


def label_ttl():
    c = Case("drop-label-ttl", "Labels", "A label stack entry with TTL 0 is dropped", ["FWD-05", "MGT-08"], standard())
    packet = inner()
    c.from_far([shim(52013, ttl=0)], packet).drop("label-ttl")
    c.from_far([shim(3000, ttl=0)], packet).drop("label-ttl")
    c.from_far([shim(0, bottom=0, ttl=0), shim(52013)], packet).drop("label-ttl")
    c.from_far([shim(0, bottom=0, ttl=64), shim(52013, ttl=0)], packet).drop("label-ttl")
    c.from_far([shim(52013, ttl=1)], packet).accepted(52013, packet).deliver("vm1", packet)
    return c


def label_stack():
    c = Case("drop-label-stack", "Labels", "The VPN label must be the bottom of the stack, and the stack must be there",
             ["FWD-05", "MGT-08"], standard("mpls-in-ip"))
    packet = inner()
    c.from_far([shim(52013, bottom=0), shim(52014)], packet).drop("label-stack")
    c.from_far([shim(3000, bottom=0), shim(52013)], packet).drop("label-stack")
    for octets in (b"", b"\x0c\xb2\xd1", bytes(shim(0, bottom=0)), bytes(shim(0, bottom=0)) + b"\x0c\xb2"):
        c.core(IP(src=FAR4, dst=US4, proto=137) / Raw(octets)).drop("label-stack")
        c.core(IP(src=FAR4, dst=US4, proto=47) / Raw(b"\0\0\x88\x47" + octets)).drop("label-stack")
    return c


def unknown_label():
    c = Case("drop-unknown-label", "Labels", "Labels that are nobody's, and reserved ones that mean nothing here, are dropped",
             ["FWD-05", "FWD-08", "MGT-08"], standard())
    packet = inner()
    for label in (52012, 52016, 16, 1048575, 61200, 3, 1, 7, 0, 2):
        c.from_far(label, packet).drop("unknown-label")
    c.from_far([shim(0, bottom=0), shim(999)], packet).drop("unknown-label")
    return c


def wrong_outer_source():
    own = [route(REMOTE, FAR4, 61200), route(REMOTE6, FAR6, 61206), route(VM1, US4, 52013), route(VM1_6, US6, 52013)]
    config = standard(vrfs=[blue(routes=own, **{"accept-from": ["203.0.113.60", "2001:db8:f::60"]}), red(HUB4)])
    c = Case("drop-outer-source", "Labels", "A label is good only from forwarders that are legitimate for its VRF (SEC-09)",
             ["SEC-09", "SEC-01", "MGT-08"], config)
    four, six = inner(), udp(REMOTE6, VM1_6)
    for packet in (four, six):
        for source, label, good in ((FAR4, 52013, True), (FAR6, 52013, True), ("203.0.113.60", 52013, True),
                                    ("2001:db8:f::60", 52013, True), (HUB4, 52013, False), (HUB6, 52013, False),
                                    ("203.0.113.99", 52013, False), ("2001:db8:f::99", 52013, False),
                                    (HUB4, 52015, True), (FAR4, 52015, False), ("203.0.113.60", 52015, False),
                                    (US4, 52013, False), (US6, 52013, False)):
            fate = c.from_far(label, packet, src=source)
            if good:
                fate.accepted(label, packet).deliver("vm1" if label == 52013 else "vm3", packet)
            else:
                fate.drop("outer-source")
    c.from_far(3000, four, src=HUB4).drop("outer-source")
    return c


def second_core_address():
    config = standard(ports=[core_port(addresses=[US4 + "/24", "198.18.0.17/24", US6 + "/64", "2001:db8:e::17/64"]),
                             standard()["ports"][1]], vrfs=[blue(far6=FAR6), red()])
    c = Case("tunnel-end-address", "Decapsulation", "Tunnels end only at the infrastructure address, not at other own addresses",
             ["SEC-04", "FWD-05"], config)
    packet = inner()
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    c.from_far(52013, packet, src=FAR6).accepted(52013, packet).deliver("vm1", packet)
    c.from_far(52013, packet, dst="198.18.0.17").drop("not-local")
    c.from_far(52013, packet, src=FAR6, dst="2001:db8:e::17").drop("not-local")
    for encap in ("udp", "ip"):
        c.from_far(52013, packet, encap=encap, dst="198.18.0.17").drop("not-local")
    c.from_far(52013, packet, dst="198.18.0.17", flags="MF").drop("outer-fragment")
    return c


def outer_options():
    c = Case("outer-ipv4-options", "Decapsulation", "Options in the outer IPv4 header do not hide the tunnel behind it",
             ["FWD-05", "FWD-06"], standard())
    packet = inner()
    outer = c.outer(52013, packet)
    outer.options = [Raw(b"\x94\x04\x00\x00")]
    c.core(IP(bytes(outer))).accepted(52013, packet).deliver("vm1", packet)
    back = udp(VM1, REMOTE)
    c.guest("vm1", back).tunnel(FAR4, 61200, after_hop(back))
    return c
