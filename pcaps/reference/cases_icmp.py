"""ICMP errors in VPN context, MTU and fragmentation (FWD-23)."""
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6, IPv6ExtHdrFragment
from scapy.packet import Raw

from .cases_tunnels import NAMES
from .case import Case
from .frames import (BROADCAST, FAR4, FAR6, HOP4, HOP6, REMOTE, REMOTE6, ROUTER, ROUTER6, US4, US6, VM1, VM1_6, VM2,
                     VM2_6, after_hop, echo, overhead, payload, tcp, udp, udp_of_length)
from .link import ipv4_fragments, time_exceeded, too_big
from .topology import blue, interface, route, standard


def cases():
    yield ttl_from_guest()
    yield ttl_local()
    yield ttl_from_tunnel()
    yield no_error_about()
    yield error_rate()
    for encap in NAMES:
        for outer in (4, 6):
            yield mtu_of_tunnel(encap, outer)
    yield fragmentation()
    yield configured_path_mtu()
    yield mtu_of_interface_by_label()
    yield mtu_of_interface_by_lookup()


def ttl_from_guest():
    c = Case("ttl-expired-from-guest", "IcmpErrors",
             "A guest whose packet's TTL ends here is told so, by the router address of its VRF or else by the first hop",
             ["FWD-23", "ARC-17", "FWD-15"], standard())
    ident = 0
    for ttl in (1, 0):
        for vm, source in (("vm1", ROUTER), ("vm3", HOP4)):
            for packet in (udp(VM1, REMOTE, ttl=ttl, seed=ttl), tcp(VM1, REMOTE, ttl=ttl, size=1000), echo(VM1, REMOTE, ttl=ttl)):
                fate = c.guest(vm, packet).punt("ttl-expired")
                fate.answered().to_guest(vm, time_exceeded(packet, source, ident),
                                         decode={"outer.src": source, "outer.dst": VM1, "outer.protocol": "1"})
                ident += 1
        for vm, source in (("vm1", ROUTER6), ("vm3", HOP6)):
            for packet in (udp(VM1_6, REMOTE6, ttl=ttl, seed=ttl), tcp(VM1_6, REMOTE6, ttl=ttl, size=1390), echo(VM1_6, REMOTE6, ttl=ttl)):
                c.guest(vm, packet).punt("ttl-expired").answered().to_guest(
                    vm, time_exceeded(packet, source), decode={"outer.src": source, "outer.dst": VM1_6, "icmpv6.type": "3"})
    packet = udp(VM1, REMOTE, ttl=2)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def ttl_local():
    config = standard(vrfs=[blue(routes=[route(VM2, US4, 52014), route(VM2_6, US6, 52014)])], interfaces=standard()["interfaces"][:2])
    c = Case("ttl-expired-local", "IcmpErrors", "From guest to guest is one hop: TTL 2 arrives as 1, TTL 1 comes back as an error",
             ["FWD-21", "FWD-23", "ARC-17"], config)
    for source, target, router in ((VM1, VM2, ROUTER), (VM1_6, VM2_6, ROUTER6)):
        packet = udp(source, target, ttl=2)
        c.guest("vm1", packet).deliver("vm2", after_hop(packet))
        packet = udp(source, target, ttl=1)
        c.guest("vm1", packet).punt("ttl-expired").answered().to_guest("vm1", time_exceeded(packet, router))
    return c


def ttl_from_tunnel():
    c = Case("ttl-expired-from-tunnel", "IcmpErrors",
             "Behind an aggregate label the TTL counts, and the error goes back through the VRF; behind an interface label it does not",
             ["FWD-23", "FWD-19", "ARC-10"], standard())
    ident = 0
    for source, target, router, label in ((REMOTE, VM1, ROUTER, 61200), (REMOTE6, VM1_6, ROUTER6, 61206)):
        for ttl in (1, 0):
            packet = udp(source, target, ttl=ttl)
            fate = c.from_far(3000, packet).accepted(3000, packet).punt("ttl-expired").answered().packet("blue")
            fate.tunnel(FAR4, label, time_exceeded(packet, router, ident))
            ident += ":" not in source
            c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    packet = udp(REMOTE, VM1, ttl=1)
    c.from_far(3001, packet).accepted(3001, packet).punt("ttl-expired").answered().packet("red").tunnel(
        FAR4, 61300, time_exceeded(packet, HOP4, ident))
    packet = udp(REMOTE6, VM1_6, ttl=1)
    c.from_far(3001, packet).accepted(3001, packet).punt("ttl-expired").drop("no-icmp-source")
    packet = udp("192.0.2.55", VM1, ttl=1)
    c.from_far(3000, packet).accepted(3000, packet).punt("ttl-expired").answered().packet("blue").drop("no-route")
    return c


def no_error_about():
    c = Case("icmp-error-suppressed", "IcmpErrors",
             "No error about an error, a later fragment, or a frame to many (RFC 1122 section 3.2.2, RFC 4443 section 2.4)",
             ["FWD-23"], standard())
    inside = bytes(udp(REMOTE, VM1))[:28]
    six = bytes(udp(REMOTE6, VM1_6))[:48]
    for packet in (IP(src=VM1, dst=REMOTE, ttl=1) / ICMP(type=3, code=3) / Raw(inside),
                   IP(src=VM1, dst=REMOTE, ttl=1) / ICMP(type=11, code=0) / Raw(inside),
                   IP(src=VM1, dst=REMOTE, ttl=1, frag=10, proto=17, id=5) / Raw(payload(40)),
                   IPv6(src=VM1_6, dst=REMOTE6, hlim=1) / ICMPv6DestUnreach(code=4) / Raw(six),
                   IPv6(src=VM1_6, dst=REMOTE6, hlim=1, nh=44) / IPv6ExtHdrFragment(nh=17, offset=9, id=6) / Raw(payload(40))):
        c.guest("vm1", packet).punt("ttl-expired").drop("icmp-suppressed")
    c.guest("vm1", udp(VM1, REMOTE, ttl=1), dst=BROADCAST).drop("not-for-router", header_read=True)
    ident = 0
    for packet in (IP(src=VM1, dst=REMOTE, ttl=1, flags="MF", id=5) / UDP(sport=50001, dport=50002, len=80, chksum=0x1111) / Raw(payload(40)),
                   IP(src=VM1, dst=REMOTE, ttl=1, id=7) / ICMP(type=13, ts_ori=1, ts_rx=0, ts_tx=0)):
        c.guest("vm1", packet).punt("ttl-expired").answered().to_guest("vm1", time_exceeded(packet, ROUTER, ident))
        ident += 1
    return c


def error_rate():
    config = standard(limits={"icmp-rate": 3})
    c = Case("icmp-error-rate", "IcmpErrors", "ICMP errors are limited per VRF: the others go without, other VRFs and later seconds do not",
             ["SEC-14", "FWD-23"], config)
    ident = 0
    for start in (1000, 2_500_000):
        for i in range(5):
            packet = udp(VM1, REMOTE, ttl=1, seed=i)
            fate = c.guest("vm1", packet, at=start + i).punt("ttl-expired")
            if i < 3:
                fate.answered().to_guest("vm1", time_exceeded(packet, ROUTER, ident))
                ident += 1
            else:
                fate.drop("icmp-rate-limited")
        packet = udp(VM1, REMOTE, ttl=1, seed=9)
        c.guest("vm3", packet, at=start + 9).punt("ttl-expired").answered().to_guest("vm3", time_exceeded(packet, HOP4, ident))
        ident += 1
    return c


def mtu_of_tunnel(encap, outer):
    far = FAR4 if outer == 4 else FAR6
    fits = 1500 - overhead(encap, outer)
    c = Case("mtu-%s-over-v%d" % (encap, outer), "IcmpErrors",
             "%s over IPv%d: %d octets pass, %d come back with that MTU" % (NAMES[encap].replace("mpls", "MPLS"), outer, fits, fits + 1),
             ["FWD-23", "FWD-06" if encap == "gre" else "FWD-07"], standard(NAMES[encap], far))
    packet = udp_of_length(VM1, REMOTE, fits, flags="DF")
    c.guest("vm1", packet).tunnel(far, 61200, after_hop(packet))
    for ident, length in enumerate((fits + 1, 1500)):
        packet = udp_of_length(VM1, REMOTE, length, flags="DF")
        c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest(
            "vm1", too_big(packet, ROUTER, fits, ident), decode={"icmp.type": "3", "icmp.code": "4", "icmp.mtu": str(fits)})
    packet = udp_of_length(VM1_6, REMOTE6, fits)
    c.guest("vm1", packet).tunnel(far, 61206, after_hop(packet))
    for length in (fits + 1, 1500):
        packet = udp_of_length(VM1_6, REMOTE6, length)
        c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest(
            "vm1", too_big(packet, ROUTER6, fits), decode={"icmpv6.type": "2", "icmpv6.mtu": str(fits)})
    packet = echo(VM1, REMOTE, size=fits - 28 + 1, flags="DF")
    c.guest("vm3", packet).punt("mtu-exceeded").answered().to_guest("vm3", too_big(packet, HOP4, fits, 2))
    return c


def through_fragments(c, vm, packet, mtu, leave):
    """packet is fragmented and its pieces injected again; leave is told each piece's fate and the piece."""
    slow = c.guest(vm, packet).punt("mtu-exceeded").forwarded()
    for piece in ipv4_fragments(packet, mtu):
        leave(slow.packet(vm=vm), piece)


def fragmentation():
    c = Case("ipv4-fragmentation", "IcmpErrors", "IPv4 without DF that is too long for the tunnel goes on in fragments, which hosts can put together",
             ["FWD-23"], standard())

    def leave(fate, piece):
        fate.tunnel(FAR4, 61200, after_hop(piece))

    through_fragments(c, "vm1", udp_of_length(VM1, REMOTE, 1473, id=0x7001), 1472, leave)
    through_fragments(c, "vm1", udp_of_length(VM1, REMOTE, 1500, id=0x7002), 1472, leave)
    through_fragments(c, "vm1", tcp(VM1, REMOTE, size=1460), 1472, leave)
    for flags, offset in (("MF", 0), ("MF", 185), (0, 370)):
        piece = IP(src=VM1, dst=REMOTE, id=0x7003, flags=flags, frag=offset, proto=17) / Raw(
            (bytes(UDP(sport=50001, dport=50002, len=4440, chksum=0)) if not offset else b"") + payload(1480 - (0 if offset else 8)))
        through_fragments(c, "vm1", piece, 1472, leave)
    packet = udp_of_length(VM1, REMOTE, 1472)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def configured_path_mtu():
    config = standard(tunnels=[{"remote": FAR4, "mtu": 1400}, {"remote": FAR6, "mtu": 1300}], vrfs=[
        blue(routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR4, 61206), route("198.51.100.41", FAR6, 61241),
                     route("2001:db8:1::41", FAR6, 61246)])], interfaces=standard()["interfaces"][:2])
    c = Case("mtu-of-path", "IcmpErrors", "A tunnel's path MTU is configurable; IPv6 guests are never told less than 1280",
             ["FWD-23"], config)
    packet = udp_of_length(VM1, REMOTE, 1372, flags="DF")
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    packet = udp_of_length(VM1, REMOTE, 1373, flags="DF")
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER, 1372, 0))
    packet = udp_of_length(VM1_6, REMOTE6, 1373)
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER6, 1372))
    packet = udp_of_length(VM1, "198.51.100.41", 1253, flags="DF")
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER, 1252, 1))
    packet = udp_of_length(VM1_6, "2001:db8:1::41", 1252)
    c.guest("vm1", packet).tunnel(FAR6, 61246, after_hop(packet))
    packet = udp_of_length(VM1_6, "2001:db8:1::41", 1281)
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER6, 1280))
    packet = udp_of_length(VM1_6, "2001:db8:1::41", 1280)
    c.guest("vm1", packet).punt("mtu-exceeded").drop("mtu-too-small")
    return c


def small_interface():
    return [interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
            interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128"], mtu=1300)]


def mtu_of_interface_by_label():
    config = standard(interfaces=small_interface(), vrfs=[blue()])
    c = Case("mtu-of-interface-by-label", "IcmpErrors",
             "What came with an interface's label and is too long for it: the remote sender is told, or IPv4 is fragmented, its TTL as it was",
             ["FWD-23"], config)
    packet = udp_of_length(REMOTE, VM2, 1300, flags="DF")
    c.from_far(52014, packet).accepted(52014, packet).deliver("vm2", packet)
    packet = udp_of_length(REMOTE, VM2, 1301, flags="DF")
    c.from_far(52014, packet).accepted(52014, packet).punt("mtu-exceeded").answered().packet("blue").tunnel(
        FAR4, 61200, too_big(packet, ROUTER, 1300, 0))
    packet = udp_of_length(REMOTE6, VM2_6, 1301)
    c.from_far(52014, packet).accepted(52014, packet).punt("mtu-exceeded").answered().packet("blue").tunnel(
        FAR4, 61206, too_big(packet, ROUTER6, 1300))
    packet = udp_of_length(REMOTE, VM2, 1472, ttl=1, id=0x7011)
    slow = c.from_far(52014, packet).accepted(52014, packet).punt("mtu-exceeded").forwarded()
    for piece in ipv4_fragments(packet, 1300):
        slow.to_guest("vm2", piece)
    return c


def mtu_of_interface_by_lookup():
    config = standard(interfaces=small_interface(), vrfs=[blue(routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR4, 61206),
                                                                       route(VM2, US4, 52014), route(VM2_6, US6, 52014)])])
    c = Case("mtu-of-interface-by-lookup", "IcmpErrors",
             "What is too long for the interface that a lookup found: the sender is told, or IPv4 is fragmented, one hop on",
             ["FWD-23", "FWD-21"], config)
    for source, target, router in ((VM1, VM2, ROUTER), (VM1_6, VM2_6, ROUTER6)):
        more = {} if ":" in source else {"flags": "DF"}
        packet = udp_of_length(source, target, 1300, **more)
        c.guest("vm1", packet).deliver("vm2", after_hop(packet))
        packet = udp_of_length(source, target, 1301, **more)
        c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, router, 1300))
    packet = udp_of_length(REMOTE, VM2, 1301, flags="DF")
    c.from_far(3000, packet).accepted(3000, packet).punt("mtu-exceeded").answered().packet("blue").tunnel(
        FAR4, 61200, too_big(packet, ROUTER, 1300, 1))
    through_fragments(c, "vm1", udp_of_length(VM1, VM2, 1500, id=0x7021), 1300, lambda fate, piece: fate.deliver("vm2", after_hop(piece)))
    packet = udp_of_length(REMOTE, VM2, 1400, id=0x7022)
    slow = c.from_far(3000, packet).accepted(3000, packet).punt("mtu-exceeded").forwarded()
    for piece in ipv4_fragments(packet, 1300):
        fate = slow.packet("blue")
        fate.label = 3000
        fate.deliver("vm2", after_hop(piece))
    return c
