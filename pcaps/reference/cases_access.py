"""Access side: classification to an interface, and every reason to drop what a guest sends."""
from scapy.layers.inet import IP, UDP, IPOption_LSRR, IPOption_RR, IPOption_Router_Alert, IPOption_SSRR
from scapy.layers.inet6 import (ICMPv6MLReport2, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, IPv6ExtHdrSegmentRouting, PadN)
from scapy.packet import Raw

from .case import Case
from .frames import (BROADCAST, FAR4, HOP4, HOP6, HOST1, HOST2, REMOTE, REMOTE6, ROUTER6, VIRTUAL4, VIRTUAL6, VM1, VM1_6, VM2, VM2_6,
                     after_hop, payload, tagged, tcp, udp)
from .topology import access_port, core_port, interface, standard


def cases():
    yield vlan_and_mac()
    yield vlan_only()
    yield untagged()
    yield qinq()
    yield local_port()
    yield own_virtual_mac()
    yield runt()
    yield not_for_router()
    yield non_ip()
    yield bad_header()
    yield bad_checksum()
    yield martian_source()
    yield martian_destination()
    yield spoofed_source()
    yield link_local()
    yield multicast()
    yield source_route()
    yield ipv4_options()
    yield extension_headers()
    yield no_route()
    yield tenant_cannot_reach_infrastructure()


def vlan_and_mac():
    c = Case("classify-port-mac-vlan", "Classification",
             "(port, MAC, VLAN) finds the interface: one tag on two hosts is two tenants, anything else is nobody's",
             ["EXT-02", "EXT-03", "FWD-03", "FWD-09", "AMB-28", "MGT-08"], standard())
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    c.guest("vm3", packet).tunnel(FAR4, 61300, after_hop(packet))
    second = udp(VM2, REMOTE, seed=1)
    c.guest("vm2", second).tunnel(FAR4, 61200, after_hop(second))
    c.guest("vm1", packet, priority=5).tunnel(FAR4, 61200, after_hop(packet))
    for source, tags in ((HOST2, [318]), ("02:aa:10:c0:ff:99", [317]), (HOST1, [319]), (HOST1, []), (HOST1, [317, 318])):
        c.rx("acc0", tagged(VIRTUAL4, source, tags, packet)).drop("unclassified")
    six = udp(VM1_6, REMOTE6)
    c.rx("acc0", tagged(VIRTUAL6, HOST2, [318], six)).drop("unclassified")
    return c


def vlan_only():
    config = standard(interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"], mac=None),
                                  interface("vm3", 318, "red", 52015, [VM1 + "/32", VM1_6 + "/128"], mac=None)])
    c = Case("classify-port-vlan", "Classification", "(port, VLAN) finds the interface whatever MAC the guest uses",
             ["EXT-03", "FWD-03", "AMB-28"], config)
    for vm, label in (("vm1", 61200), ("vm3", 61300)):
        for mac in (HOST1, HOST2, "02:33:44:55:66:77"):
            packet = udp(VM1, REMOTE)
            c.guest(vm, packet, src=mac).tunnel(FAR4, label, after_hop(packet))
    c.rx("acc0", tagged(VIRTUAL4, HOST1, [319], udp(VM1, REMOTE))).drop("unclassified")
    c.rx("acc0", tagged(VIRTUAL4, HOST1, [], udp(VM1, REMOTE))).drop("unclassified")
    return c


def untagged():
    config = standard(interfaces=[interface("vm1", None, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
                                  interface("vm3", 318, "red", 52015, [VM1 + "/32", VM1_6 + "/128"])])
    c = Case("classify-untagged", "Classification", "An untagged interface beside a tagged one, both directions",
             ["EXT-02", "FWD-03"], config)
    for source, target, vm, label in ((VM1, REMOTE, "vm1", 61200), (VM1_6, REMOTE6, "vm1", 61206),
                                      (VM1, REMOTE, "vm3", 61300)):
        packet = udp(source, target)
        c.guest(vm, packet).tunnel(FAR4, label, after_hop(packet))
    for source, target, vm, label in ((REMOTE, VM1, "vm1", 52013), (REMOTE6, VM1_6, "vm1", 52013),
                                      (REMOTE, VM1, "vm3", 52015)):
        packet = udp(source, target)
        c.from_far(label, packet).accepted(label, packet).deliver(vm, packet)
    # VLAN 0 carries a priority and no VLAN (IEEE 802.1Q): the frame counts as untagged.
    packet = udp(VM1, REMOTE)
    frame = tagged(VIRTUAL4, HOST1, [0], packet, priority=6)
    c.rx("acc0", frame, "vm1", size=len(bytes(packet))).tunnel(FAR4, 61200, after_hop(packet))
    c.rx("acc0", tagged(VIRTUAL4, HOST1, [317], udp(VM1, REMOTE))).drop("unclassified")
    return c


def qinq():
    config = standard(interfaces=[interface("vm1", [100, 317], "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
                                  interface("vm3", [101, 317], "red", 52015, [VM1 + "/32", VM1_6 + "/128"]),
                                  interface("vm2", 317, "blue", 52014, [VM2 + "/32", VM2_6 + "/128"])])
    c = Case("classify-qinq", "Classification",
             "A pair of tags finds the interface (outer TPID 0x88a8 or 0x8100); delivered frames carry both, outer 0x88a8",
             ["EXT-02", "EXT-03", "FWD-03"], config)
    for vm, label in (("vm1", 61200), ("vm3", 61300)):
        for tpid in (0x88A8, 0x8100):
            packet = udp(VM1, REMOTE)
            c.guest(vm, packet, outer_tpid=tpid).tunnel(FAR4, label, after_hop(packet))
    packet = udp(VM2, REMOTE)
    c.guest("vm2", packet).tunnel(FAR4, 61200, after_hop(packet))
    for target, source, vm, label in ((VM1, REMOTE, "vm1", 52013), (VM1_6, REMOTE6, "vm3", 52015),
                                      (VM2, REMOTE, "vm2", 52014)):
        packet = udp(source, target)
        c.from_far(label, packet).accepted(label, packet).deliver(vm, packet)
    for tags in ([102, 317], [100, 318], [317, 100], [100]):
        c.rx("acc0", tagged(VIRTUAL4, HOST1, tags, udp(VM1, REMOTE))).drop("unclassified")
    return c


def local_port():
    config = standard(ports=[core_port(), access_port(), {"name": "tap1", "role": "local", "mac": "02:00:00:00:00:b1"},
                             {"name": "tap2", "role": "local", "mac": "02:00:00:00:00:b2"}],
                      interfaces=[interface("vm1", None, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"], port="tap1"),
                                  interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128"]),
                                  interface("vm3", None, "red", 52015, [VM1 + "/32", VM1_6 + "/128"], port="tap2",
                                            mac=HOST2)])
    c = Case("local-forwarder", "Classification", "Local ports: one interface each, no tag; beside an external one in the same VPN",
             ["ARC-02", "FWD-03", "FWD-22", "ARC-07"], config)
    for source, target, vm, label in ((VM1, REMOTE, "vm1", 61200), (VM1_6, REMOTE6, "vm3", 61306),
                                      (VM2, REMOTE, "vm2", 61200), (VM1, REMOTE, "vm3", 61300)):
        packet = udp(source, target)
        c.guest(vm, packet).tunnel(FAR4, label, after_hop(packet))
    for target, source, vm, label in ((VM1, REMOTE, "vm1", 52013), (VM1_6, REMOTE6, "vm3", 52015),
                                      (VM2, REMOTE, "vm2", 52014)):
        packet = udp(source, target)
        c.from_far(label, packet).accepted(label, packet).deliver(vm, packet)
    packet = udp(VM1, REMOTE)
    c.rx("tap1", tagged("02:99:99:99:99:99", HOST1, [], packet), "vm1").drop("not-for-router")
    return c


def own_virtual_mac():
    config = standard(**{"first-hop": {"mac": "02:fe:00:00:00:01", "mac6": "02:fe:00:00:00:06"}})
    c = Case("virtual-mac-configured", "Classification",
             "Configured virtual MACs replace the VRRP ones; frames to either family's MAC are accepted",
             ["FWD-12", "FWD-13", "FWD-14", "AMB-26"], config)
    for mac in ("02:fe:00:00:00:01", "02:fe:00:00:00:06"):
        for source, target, label in ((VM1, REMOTE, 61200), (VM1_6, REMOTE6, 61206)):
            packet = udp(source, target)
            c.guest("vm1", packet, dst=mac).tunnel(FAR4, label, after_hop(packet))
    for mac in (VIRTUAL4, VIRTUAL6):
        c.guest("vm1", udp(VM1, REMOTE), dst=mac).drop("not-for-router")
    for source, target, mac in ((REMOTE, VM1, "02:fe:00:00:00:01"), (REMOTE6, VM1_6, "02:fe:00:00:00:06")):
        packet = udp(source, target)
        c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet, source=mac)
    return c


def runt():
    c = Case("drop-runt-frame", "Drops", "Frames shorter than their Ethernet and VLAN headers are dropped on either side",
             ["MGT-08"], standard())
    good = tagged(VIRTUAL4, HOST1, [317], udp(VM1, REMOTE))
    for size in (1, 6, 13, 14, 16, 17):
        c.rx("acc0", good[:size]).drop("runt-frame")
    core = c.topmost(udp(REMOTE, VM1))
    for size in (1, 13):
        c.rx("core0", core[:size]).drop("runt-frame")
    return c


def not_for_router():
    c = Case("drop-not-for-router", "Drops", "Frames to somebody else's MAC are dropped on either side",
             ["FWD-14", "MGT-08"], standard())
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet, dst=VIRTUAL6).tunnel(FAR4, 61200, after_hop(packet))
    for mac in (HOST2, "00:00:5e:00:01:02", "00:00:5e:00:02:02", "02:00:00:00:00:11", "02:00:00:00:00:a0"):
        c.guest("vm1", packet, dst=mac).drop("not-for-router")
    for mac in (BROADCAST, "01:00:5e:00:00:05"):  # for one destination in a frame for many stations: RFC 1812, 5.3.4
        c.guest("vm1", packet, dst=mac).drop("not-for-router", header_read=True)
    for mac in ("02:00:00:00:00:12", VIRTUAL4, "02:00:00:00:00:a0"):
        c.core(c.outer(52013, udp(REMOTE, VM1)), dst=mac).drop("not-for-router")
    return c


def non_ip():
    c = Case("drop-non-ip", "Drops", "Only IP is forwarded: other EtherTypes from guests, and tags or other types on the core, are dropped",
             ["ARC-21", "ARC-06", "MGT-08"], standard())
    for kind, dst in ((0x88CC, "01:80:c2:00:00:0e"), (0x8847, VIRTUAL4), (0x0026, "01:80:c2:00:00:00"), (0x88B5, BROADCAST),
                      (0x6558, VIRTUAL4)):
        c.rx("acc0", tagged(dst, HOST1, [317], payload(46), kind=kind), "vm1").drop("non-ip")
    for kind, tags in ((0x88CC, []), (0x8847, []), (0x0800, [317]), (0x86DD, [1, 2]), (0x88B5, [])):
        frame = tagged("02:00:00:00:00:11", "02:00:00:00:00:44", tags, c.outer(52013, udp(REMOTE, VM1)), kind=kind)
        c.rx("core0", frame).drop("non-ip")
    return c


def broken_headers(source4, target4, source6, target6):
    """(EtherType, octets) of packets whose IP header is not acceptable."""
    good, six = bytes(udp(source4, target4)), bytes(udp(source6, target6))

    def patched(octets, offset, value):
        return octets[:offset] + bytes([value]) + octets[offset + 1:]

    return [(0x0800, patched(good, 0, 0x55)), (0x0800, patched(good, 0, 0x44)), (0x0800, patched(good, 0, 0x05)),
            (0x0800, good[:19]), (0x0800, good[:40]),
            (0x0800, bytes(IP(src=source4, dst=target4, len=19) / UDP(sport=50001, dport=50002) / payload(32))),
            (0x0800, bytes(IP(src=source4, dst=target4, len=0) / UDP(sport=50001, dport=50002) / payload(32))),
            (0x0800, bytes(IP(src=source4, dst=target4, len=61) / UDP(sport=50001, dport=50002) / payload(32))),
            (0x0800, bytes(IP(src=source4, dst=target4, ihl=15) / UDP(sport=50001, dport=50002) / payload(4))),
            (0x86DD, patched(six, 0, 0x40)), (0x86DD, patched(six, 0, 0x70)), (0x86DD, six[:39]), (0x86DD, six[:60]),
            (0x86DD, bytes(IPv6(src=source6, dst=target6, plen=41, nh=17) / UDP(sport=50001, dport=50002) / payload(32)))]


def bad_header():
    c = Case("drop-bad-ip-header", "Drops", "Versions, header lengths and total lengths that do not fit are dropped, from guests and from tunnels",
             ["MGT-08", "FWD-04", "FWD-05"], standard())
    for kind, octets in broken_headers(VM1, REMOTE, VM1_6, REMOTE6):
        c.rx("acc0", tagged(VIRTUAL4, HOST1, [317], octets, kind=kind), "vm1").drop("bad-ip-header")
    c.rx("acc0", tagged(VIRTUAL4, HOST1, [317], bytes(udp(VM1_6, REMOTE6)), kind=0x0800), "vm1").drop("bad-ip-header")
    for _, octets in broken_headers(REMOTE, VM1, REMOTE6, VM1_6):
        c.from_far(52013, octets).drop("bad-ip-header", label=52013)
    for octets in (b"\x00" * 40, b"\x55" * 40, b"\xf0" * 40):
        c.from_far(52013, octets).drop("bad-ip-header", label=52013)
    return c


def bad_checksum():
    c = Case("drop-bad-checksum", "Drops", "A wrong IPv4 header checksum is dropped, from guests and from tunnels",
             ["MGT-08"], standard())
    for wrong in (0, 0xFFFF, 0x1234):
        c.guest("vm1", udp(VM1, REMOTE, chksum=wrong)).drop("bad-checksum")
        c.from_far(52013, udp(REMOTE, VM1, chksum=wrong)).drop("bad-checksum", label=52013)
    return c


MARTIAN_SOURCES = ("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.1", "224.0.0.5", "239.1.1.1", "240.0.0.1", "255.255.255.255",
                   "::", "::1", "ff02::1", "ff0e::1")
MARTIAN_DESTINATIONS = ("0.0.0.0", "0.9.9.9", "127.0.0.1", "240.0.0.1", "255.255.255.254", "::", "::1")


def martian_source():
    c = Case("drop-martian-source", "Drops", "Source addresses that no host can have are dropped, from guests and from tunnels",
             ["SEC-02", "MGT-08"], standard())
    for source in MARTIAN_SOURCES:
        c.guest("vm1", udp(source, REMOTE6 if ":" in source else REMOTE)).drop("martian-source")
        c.from_far(52013, udp(source, VM1_6 if ":" in source else VM1)).drop("martian-source", label=52013)
    return c


def martian_destination():
    c = Case("drop-martian-destination", "Drops", "Destination addresses that can never be routed are dropped",
             ["MGT-08"], standard())
    for target in MARTIAN_DESTINATIONS:
        c.guest("vm1", udp(VM1_6 if ":" in target else VM1, target), dst=VIRTUAL4).drop("martian-destination")
        c.from_far(52013, udp(REMOTE6 if ":" in target else REMOTE, target)).drop("martian-destination", label=52013)
    return c


def spoofed_source():
    config = standard(interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128", "198.51.100.32/29"]),
                                  interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128", "2001:db8:1:8::/61"]),
                                  interface("vm3", 317, "red", 52015, ["192.0.2.7/32"], mac=HOST2)])
    c = Case("drop-source-validation", "Drops", "A guest may use only the addresses of its own interface as source (SEC-02)",
             ["SEC-02", "SEC-03", "MGT-08"], config)
    for vm, source, good in (("vm1", VM1, True), ("vm1", VM2, False), ("vm2", VM2, True), ("vm2", VM1, False),
                             ("vm1", "198.51.100.32", True), ("vm1", "198.51.100.39", True), ("vm1", REMOTE, False),
                             ("vm1", "198.51.100.31", False), ("vm1", "198.51.100.1", False), ("vm1", "169.254.7.7", False),
                             ("vm3", VM1, False), ("vm3", "192.0.2.7", True), ("vm1", "192.0.2.7", False),
                             ("vm1", "203.0.113.17", False)):
        packet = udp(source, "198.51.100.40")
        fate = c.guest(vm, packet)
        if good:
            fate.tunnel(FAR4, 61300 if vm == "vm3" else 61200, after_hop(packet))
        else:
            fate.drop("source-validation")
    for vm, source, good in (("vm1", VM1_6, True), ("vm1", VM2_6, False), ("vm2", "2001:db8:1:8::1", True),
                             ("vm2", "2001:db8:1:f:ffff::", True), ("vm2", "2001:db8:1:10::", False),
                             ("vm2", "2001:db8:1:7::1", False), ("vm3", VM1_6, False)):
        packet = udp(source, REMOTE6)
        fate = c.guest(vm, packet)
        if good:
            fate.tunnel(FAR4, 61206, after_hop(packet))
        else:
            fate.drop("source-validation")
    return c


def link_local():
    c = Case("drop-link-local", "Drops", "Link-local addresses are for the link: nothing from or to them is routed, but for the first hop",
             ["FWD-15", "SEC-02", "MGT-08"], standard())
    for source, target in (("fe80::25", REMOTE6), ("fe80::25", "fe80::2"), ("fe80::25", VM2_6), ("fe80::25", ROUTER6), (VM1_6, "fe80::2"),
                           (VM1_6, "fe80:0:0:1::1"), (VM1, "169.254.9.9")):
        c.guest("vm1", udp(source, target)).drop("link-local")
    report = IPv6(src="fe80::25", dst="ff02::16", hlim=1) / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"")]) / ICMPv6MLReport2()
    c.guest("vm1", report, dst="33:33:00:00:00:16").drop("multicast")
    for source, target in ((REMOTE, "169.254.9.9"), (REMOTE, HOP4), (REMOTE6, "fe80::2"), (REMOTE6, HOP6), ("fe80::40", VM1_6)):
        packet = udp(source, target)
        c.from_far(52013, packet).accepted(52013, packet).drop("link-local", label=52013)
        c.from_far(3000, packet).accepted(3000, packet).drop("link-local")
    packet = udp("fe80::40", ROUTER6)
    c.from_far(3000, packet).accepted(3000, packet).drop("link-local")
    return c


def multicast():
    c = Case("drop-multicast", "Drops", "Multicast and limited broadcast of guests and tunnels are dropped and counted",
             ["ARC-06", "MGT-08"], standard())
    for source, target, mac in ((VM1, "224.0.0.251", "01:00:5e:00:00:fb"), (VM1, "239.1.2.3", "01:00:5e:01:02:03"),
                                (VM1, "255.255.255.255", BROADCAST), (VM1_6, "ff02::fb", "33:33:00:00:00:fb"),
                                (VM1_6, "ff0e::1234", "33:33:00:00:12:34")):
        c.guest("vm1", udp(source, target), dst=mac).drop("multicast")
        c.from_far(52013, udp(REMOTE6 if ":" in target else REMOTE, target)).drop("multicast", label=52013)
    return c


def routing0(source, target, behind=None):
    header = IPv6ExtHdrRouting(type=0, segleft=1, addresses=["2001:db8:1::99"], nh=17)
    packet = IPv6(src=source, dst=target)
    for extension in behind or []:
        packet = packet / extension
    return packet / header / UDP(sport=50001, dport=50002) / Raw(payload(32))


def source_route():
    c = Case("drop-source-route", "Drops", "Loose and strict source routes and IPv6 routing header type 0 are dropped",
             ["SEC-02", "MGT-08"], standard())
    for source, target, vm in ((VM1, REMOTE, "vm1"), (REMOTE, VM1, None)):
        for options in ([IPOption_LSRR(routers=["192.0.2.1"])], [IPOption_SSRR(routers=["192.0.2.1"])],
                        [b"\x01", IPOption_LSRR(routers=["192.0.2.1", "192.0.2.2"])]):
            raw = b"".join(bytes(o) for o in options)
            packet = with_options(source, target, raw)
            if vm:
                c.guest(vm, packet).drop("source-route")
            else:
                c.from_far(52013, packet).drop("source-route", label=52013)
    for source, target, vm in ((VM1_6, REMOTE6, "vm1"), (REMOTE6, VM1_6, None)):
        for behind in ([], [IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])],
                       [IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]), IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])]):
            packet = routing0(source, target, behind)
            if vm:
                c.guest(vm, packet).drop("source-route")
            else:
                c.from_far(52013, packet).drop("source-route", label=52013)
    return c


def with_options(source, target, options, **ip):
    """An IPv4 packet with raw option octets, padded to a multiple of four by end-of-list octets."""
    options += b"\0" * (-len(options) % 4)
    body = bytes(UDP(sport=50001, dport=50002, chksum=0) / Raw(payload(32)))
    head = IP(src=source, dst=target, ihl=5 + len(options) // 4, len=20 + len(options) + len(body), proto=17, id=9, **ip)
    octets = bytearray(bytes(head) + options)
    octets[10:12] = b"\0\0"
    octets[10:12] = ones_complement(bytes(octets))
    return IP(bytes(octets) + body)


def ones_complement(octets):
    total = sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (total ^ 0xFFFF).to_bytes(2, "big")


def ipv4_options():
    c = Case("ipv4-options", "Lookup", "Other IPv4 options pass untouched through encapsulation and decapsulation",
             ["FWD-04", "FWD-05", "ARC-04"], standard())
    for options in (bytes(IPOption_RR(routers=["0.0.0.0"] * 9, pointer=4)), bytes(IPOption_Router_Alert()),
                    b"\x44\x0c\x05\x00" + b"\0" * 8, b"\x01\x01\x01\x00", b"\x82\x0b" + b"\0" * 9, b"\x01" * 40,
                    b"\x00\x83\x07\x04"):
        packet = with_options(VM1, REMOTE, options)
        out = with_options(VM1, REMOTE, options, ttl=63)
        c.guest("vm1", packet).tunnel(FAR4, 61200, out)
        packet = with_options(REMOTE, VM1, options, ttl=63)
        c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    return c


def extension_headers():
    c = Case("ipv6-extension-headers", "Lookup", "IPv6 extension headers other than routing type 0 pass untouched",
             ["FWD-04", "FWD-05", "ARC-04"], standard())
    hop, dest = IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]), IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)])
    tail = UDP(sport=50001, dport=50002) / Raw(payload(32))
    for headers in ([hop], [dest], [hop, dest], [IPv6ExtHdrFragment(id=77, m=1, offset=0)], [IPv6ExtHdrFragment(id=77, m=0, offset=8)],
                    [IPv6ExtHdrRouting(type=2, segleft=1, addresses=["2001:db8:1::77"])],
                    [IPv6ExtHdrSegmentRouting(addresses=["2001:db8:1::77"], segleft=0, lastentry=0)]):
        for source, target, out in ((VM1_6, REMOTE6, True), (REMOTE6, VM1_6, False)):
            packet = IPv6(src=source, dst=target)
            for header in headers:
                packet = packet / header.copy()
            fragment = isinstance(headers[0], IPv6ExtHdrFragment)
            packet = packet / (Raw(payload(40)) if fragment and headers[0].offset else tail.copy())
            if fragment:
                packet[IPv6ExtHdrFragment].nh = 17
            packet = IPv6(bytes(packet))
            if out:
                c.guest("vm1", packet).tunnel(FAR4, 61206, after_hop(packet))
            else:
                c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    nothing = IPv6(src=VM1_6, dst=REMOTE6, nh=59, plen=0)
    c.guest("vm1", nothing).tunnel(FAR4, 61206, after_hop(nothing))
    for protocol in (50, 61, 253, 254):
        packet = IP(src=VM1, dst=REMOTE, proto=protocol, id=3) / Raw(payload(20))
        c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def no_route():
    c = Case("drop-no-route", "Drops", "Without a matching route a packet is dropped and counted",
             ["FWD-04", "ARC-20", "MGT-08"], standard())
    for source, target in ((VM1, "198.51.100.41"), (VM1, "192.0.2.1"), (VM1_6, "2001:db8:1::41"), (VM1_6, "2001:db8:9::1"),
                           (VM1, VM2)):
        c.guest("vm1", udp(source, target)).drop("no-route")
    packet = tcp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def tenant_cannot_reach_infrastructure():
    c = Case("no-way-to-infrastructure", "Drops", "Tenant and infrastructure never exchange packets directly (SEC-04)",
             ["SEC-04", "FWD-22", "ARC-14"], standard())
    for source, target in ((VM1, "203.0.113.17"), (VM1, "203.0.113.44"), (VM1, "203.0.113.1"), (VM1_6, "2001:db8:f::17"),
                           (VM1_6, "2001:db8:f::44")):
        c.guest("vm1", udp(source, target)).drop("no-route")
    for source, target in ((REMOTE, VM1), (REMOTE, "198.51.100.1"), ("203.0.113.44", VM1), ("203.0.113.44", "169.254.0.1"),
                           (REMOTE6, VM1_6), ("2001:db8:f::44", VM1_6), ("2001:db8:f::44", "2001:db8:1::1")):
        c.core(udp(source, target), src="02:00:00:00:00:44").drop("not-local")
    return c
