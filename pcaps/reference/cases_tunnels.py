"""Every encapsulation with every family inside and outside, both directions; classes, entropy, outer rules."""
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.packet import Raw

from .case import Case
from .frames import (FAR4, FAR6, HUB4, REMOTE, REMOTE6, ROUTER, ROUTER6, US4, US6, VM1, VM1_6, VM2, VM2_6, after_hop, overhead, shim,
                     tcp, tunnel, udp, udp_of_length)
from .link import too_big
from .topology import access_port, blue, core_port, interface, red, route, standard

NAMES = {"gre": "mpls-in-gre", "udp": "mpls-in-udp", "ip": "mpls-in-ip"}
IDS = {"gre": ["FWD-06"], "udp": ["FWD-07"], "ip": ["FWD-07"]}


def cases():
    for encap in NAMES:
        for inner in (4, 6):
            for outer in (4, 6):
                yield encapsulate(encap, inner, outer)
                yield decapsulate(encap, inner, outer)
    yield pipe()
    yield outer_ttl()
    yield tunnel_of_its_own()
    yield entropy("udp", FAR4)
    yield entropy("udp6", FAR6)
    yield entropy_of_fragments()
    yield two_core_ports()
    yield jumbo()
    yield gre_checksum()
    yield udp4_checksum()
    yield udp6_zero_checksum_refused()
    yield udp6_zero_checksum_allowed()
    yield access_padding()
    yield core_padding()
    yield longest_prefix()


def ends(family):
    return (VM1, REMOTE) if family == 4 else (VM1_6, REMOTE6)


def encapsulate(encap, inner, outer):
    far = FAR4 if outer == 4 else FAR6
    c = Case("encap-%s-v%d-over-v%d" % (encap, inner, outer), "Encapsulation",
             "IPv%d tenant packets leave as %s over IPv%d" % (inner, NAMES[encap].replace("mpls", "MPLS"), outer),
             IDS[encap] + ["FWD-02", "FWD-04", "FWD-14", "ARC-04", "ARC-16", "ARC-17", "ARC-18"],
             standard(NAMES[encap], far))
    source, target = ends(inner)
    label = 61200 if inner == 4 else 61206
    largest = 1500 - overhead(encap, outer)
    for packet in (udp(source, target), tcp(source, target, seed=1), udp(source, target, size=0, seed=2),
                   udp_of_length(source, target, largest, seed=3)):
        c.guest("vm1", packet).tunnel(far, label, after_hop(packet))
    if encap == "udp":
        c.same_flow(("core0", 0), ("core0", 2), ("core0", 3))
    # The same destination in the other tenant's VRF has another label.
    packet = udp(source, target, seed=4)
    c.guest("vm3", packet).tunnel(far, label + 100, after_hop(packet))
    return c


def decapsulate(encap, inner, outer):
    far = FAR4 if outer == 4 else FAR6
    c = Case("decap-%s-v%d-over-v%d" % (encap, inner, outer), "Decapsulation",
             "%s over IPv%d with IPv%d inside is delivered by interface label, without a lookup"
             % (NAMES[encap].replace("mpls", "MPLS"), outer, inner),
             IDS[encap] + ["FWD-03", "FWD-05", "FWD-08", "FWD-14", "AMB-24", "ARC-05"],
             standard(NAMES[encap], far))
    target, source = ends(inner)
    size = 1500 - overhead(encap, outer)
    for packet in (udp(source, target, ttl=63), tcp(source, target, ttl=63, seed=1),
                   udp(source, target, size=0, ttl=1, seed=2), udp_of_length(source, target, size, ttl=255, seed=3)):
        c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    packet = udp(source, target, ttl=63, seed=4)
    c.from_far(52015, packet).accepted(52015, packet).deliver("vm3", packet)
    return c


def pipe():
    config = standard(interfaces=[
        interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"],
                  **{"class": {"dscp": 10, "traffic-class": 1}}),
        interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128"]),
        interface("vm4", 319, "blue", 52016, ["198.51.100.28/32", "2001:db8:1::28/128"],
                  **{"class": {"dscp": 46, "traffic-class": 5}})],
        vrfs=[blue(far6=FAR6)],
        encapsulation={"default": "mpls-in-gre", "dscp": 8, "traffic-class": 2})
    c = Case("pipe-class", "Encapsulation",
             "Pipe model: the class decides outer DSCP and label TC, the tenant's DSCP and ECN pass untouched both ways",
             ["QOS-05", "FWD-06", "FWD-23"], config)
    for vm, a4, a6, dscp, tc in (("vm1", VM1, VM1_6, 10, 1), ("vm2", VM2, VM2_6, 8, 2),
                                 ("vm4", "198.51.100.28", "2001:db8:1::28", 46, 5)):
        for tos in (0, 0xB8, 0x03, 0xFF):
            packet = udp(a4, REMOTE, tos=tos)
            c.guest(vm, packet).tunnel(FAR4, 61200, after_hop(packet), tc=tc, dscp=dscp)
            packet = udp(a6, REMOTE6, tc=tos)
            c.guest(vm, packet).tunnel(FAR6, 61206, after_hop(packet), tc=tc, dscp=dscp)
    # What goes on from a tunnel to a tunnel has no interface, so it has the default class.
    for packet, far, label in ((udp("192.0.2.9", REMOTE, tos=0xB8), FAR4, 61200), (udp("2001:db8:9::9", REMOTE6, tc=0xB8), FAR6, 61206)):
        c.from_far([shim(3000, tc=7)], packet).accepted(3000, packet).tunnel(far, label, after_hop(packet), tc=2, dscp=8)
    for tos in (0, 0x28, 0x03):
        packet = udp(REMOTE, VM1, tos=tos)
        outer = tunnel("gre", FAR4, US4, [shim(52013, tc=7, ttl=9)], packet, dscp=63, ttl=3)
        outer.tos |= 3
        c.core(outer).accepted(52013, packet).deliver("vm1", packet)
        packet = udp(REMOTE6, VM1_6, tc=tos)
        outer = tunnel("gre", FAR6, US6, [shim(52013, tc=3, ttl=1)], packet, dscp=33)
        c.core(outer).accepted(52013, packet).deliver("vm1", packet)
    return c


def outer_ttl():
    config = standard(vrfs=[blue(far6=FAR6)], encapsulation={"default": "mpls-in-gre", "ttl": 17},
                      interfaces=standard()["interfaces"][:2])
    c = Case("outer-ttl", "Encapsulation", "Outer TTL, hop limit and label TTL come from the configuration, not from inside",
             ["FWD-06", "FWD-23"], config)
    for ttl in (255, 64, 2):
        packet = udp(VM1, REMOTE, ttl=ttl)
        c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet), ttl=17)
        packet = udp(VM1_6, REMOTE6, ttl=ttl)
        c.guest("vm1", packet).tunnel(FAR6, 61206, after_hop(packet), ttl=17)
    return c


def tunnel_of_its_own():
    config = standard(vrfs=[blue(routes=[route(REMOTE, FAR4, 61200), route("198.51.100.50", HUB4, 61250),
                                         route(REMOTE6, FAR6, 61206)])],
                      interfaces=standard()["interfaces"][:2],
                      tunnels=[{"remote": FAR4, "encapsulation": "mpls-in-udp"},
                               {"remote": FAR6, "encapsulation": "mpls-in-ip"}])
    c = Case("tunnel-per-remote", "Encapsulation",
             "Each remote forwarder may have an encapsulation of its own; arriving packets may use any",
             ["FWD-06", "FWD-07", "ARC-18"], config)
    for source, target, far, label in ((VM1, REMOTE, FAR4, 61200), (VM1, "198.51.100.50", HUB4, 61250),
                                       (VM1_6, REMOTE6, FAR6, 61206)):
        packet = udp(source, target)
        c.guest("vm1", packet).tunnel(far, label, after_hop(packet))
    for encap in ("ip", "udp", "gre"):
        packet = udp(REMOTE, VM1)
        c.from_far(52013, packet, encap=encap).accepted(52013, packet).deliver("vm1", packet)
    return c


def entropy(name, far):
    """Interfaces vm1 and vm2 reach each other through the hub here, so both directions of a flow are encapsulated."""
    config = standard("mpls-in-udp", far, vrfs=[blue(routes=[route("198.51.100.0/24", far, 61200),
                                                             route("2001:db8:1::/64", far, 61206)])],
                      interfaces=standard()["interfaces"][:2])
    c = Case("entropy-" + name, "Encapsulation",
             "MPLS-in-UDP: one source port per flow, the same for its reverse direction, different between flows",
             ["FWD-07"], config)
    index = 0
    spread = []
    for flow in range(24):
        ports = dict(sport=50100 + flow, dport=50700)
        back = dict(sport=50700, dport=50100 + flow)
        maker = tcp if flow % 3 == 0 else udp
        first, second = ((VM1, VM2), (VM1_6, VM2_6))[flow % 2]
        label = (61200, 61206)[flow % 2]
        for vm, packet in (("vm1", maker(first, second, seed=flow, **ports)),
                           ("vm2", maker(second, first, seed=flow, **back)),
                           ("vm1", maker(first, second, size=200, seed=flow + 1, ttl=9, **ports))):
            c.guest(vm, packet).tunnel(far, label, after_hop(packet))
        c.same_flow(*[("core0", index + i) for i in range(3)])
        spread.append(index)
        index += 3
    c.distinct = {"port": "core0", "frames": spread, "atLeast": 16}
    return c


def entropy_of_fragments():
    c = Case("entropy-of-fragments", "Encapsulation",
             "Fragments pass as they are, and those of one datagram share a source port, so that they stay on one path",
             ["FWD-07", "FWD-04"], standard("mpls-in-udp", FAR6))
    index = 0
    for ident in (0x5001, 0x5002):
        whole = bytes(udp(VM1, REMOTE, size=1400, sport=50000 + (ident & 15))[UDP])
        pieces = [IP(src=VM1, dst=REMOTE, id=ident, proto=17, flags="MF" if at + 640 < len(whole) else 0, frag=at // 8)
                  / Raw(whole[at:at + 640]) for at in range(0, len(whole), 640)]
        whole = bytes(udp(VM1_6, REMOTE6, size=1400, sport=50000 + (ident & 15))[UDP])
        pieces6 = [IPv6(src=VM1_6, dst=REMOTE6) / IPv6ExtHdrFragment(nh=17, id=ident, offset=at // 8, m=int(at + 640 < len(whole)))
                   / Raw(whole[at:at + 640]) for at in range(0, len(whole), 640)]
        for label, datagram in ((61200, pieces), (61206, pieces6)):
            for piece in datagram:
                c.guest("vm1", piece).tunnel(FAR6, label, after_hop(piece))
            c.same_flow(*[("core0", index + i) for i in range(len(datagram))])
            index += len(datagram)
    for source, target in ((REMOTE, VM1), (REMOTE6, VM1_6)):
        datagram = pieces if source == REMOTE else pieces6
        for piece in datagram:
            piece = piece.copy()
            piece.src, piece.dst = source, target
            c.from_far(52013, piece).accepted(52013, piece).deliver("vm1", piece)
    return c


def two_core_ports():
    second = {"name": "core1", "role": "core", "mac": "02:00:00:00:00:12", "mtu": 1400, "addresses": ["198.18.0.17/24"],
              "neighbors": [{"address": "198.18.0.1", "mac": "02:00:00:00:18:01"}]}
    config = standard(ports=[core_port(), second, standard()["ports"][1]], interfaces=standard()["interfaces"][:2],
                      underlay={"routes": [{"prefix": "192.0.2.0/24", "via": "198.18.0.1"}]},
                      vrfs=[blue(far6="192.0.2.44")])
    c = Case("two-core-ports", "Encapsulation", "The underlay's routes decide by which core port a tunnel leaves; packets may arrive by any",
             ["FWD-06", "ARC-18", "SEC-04"], config)
    four, six = udp(VM1, REMOTE), udp(VM1_6, REMOTE6)
    c.guest("vm1", four).tunnel(FAR4, 61200, after_hop(four))
    c.guest("vm1", six).tunnel("192.0.2.44", 61206, after_hop(six), port="core1", mac="02:00:00:00:18:01")
    four, six = udp(REMOTE, VM1), udp(REMOTE6, VM1_6)
    for far in (FAR4, "192.0.2.44"):
        outer = tunnel("gre", far, US4, 52013, four)
        c.core(outer).accepted(52013, four).deliver("vm1", four)
        c.core(outer, port="core1", dst="02:00:00:00:00:12").accepted(52013, four).deliver("vm1", four)
        c.core(outer, port="core1", dst="02:00:00:00:00:11").drop("not-for-router")
    c.core(tunnel("gre", FAR4, "198.18.0.17", 52013, four), port="core1", dst="02:00:00:00:00:12").drop("not-local")
    # The path MTU is that of the port by which the tunnel leaves.
    longest = udp_of_length(VM1_6, REMOTE6, 1372)
    c.guest("vm1", longest).tunnel("192.0.2.44", 61206, after_hop(longest), port="core1", mac="02:00:00:00:18:01")
    packet = udp_of_length(VM1_6, REMOTE6, 1373)
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER6, 1372))
    return c


def jumbo():
    config = standard(ports=[core_port(mtu=9000), access_port(mtu=9000)])
    c = Case("jumbo-frames", "Encapsulation", "With a larger MTU on both sides larger packets pass, up to the tunnel's overhead",
             ["FWD-23", "FWD-06"], config)
    for packet, label in ((udp_of_length(VM1, REMOTE, 8972, flags="DF"), 61200), (udp_of_length(VM1_6, REMOTE6, 8972), 61206)):
        c.guest("vm1", packet).tunnel(FAR4, label, after_hop(packet))
    packet = udp_of_length(VM1, REMOTE, 8973, flags="DF")
    c.guest("vm1", packet).punt("mtu-exceeded").answered().to_guest("vm1", too_big(packet, ROUTER, 8972))
    packet = udp_of_length(REMOTE, VM1, 8972)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    return c


def gre_checksum():
    c = Case("gre-checksum", "Decapsulation", "A GRE checksum is verified when present, wrong ones are dropped",
             ["FWD-06", "MGT-08"], standard(vrfs=[blue(far6=FAR6), red()]))
    good4, good6 = udp(REMOTE, VM1), udp(REMOTE6, VM1_6)
    c.from_far(52013, good4, gre={"chksum_present": 1}).accepted(52013, good4).deliver("vm1", good4)
    c.from_far(52013, good6, src=FAR6, gre={"chksum_present": 1}).accepted(52013, good6).deliver("vm1", good6)
    odd = udp(REMOTE, VM1, size=33)
    c.from_far(52013, odd, gre={"chksum_present": 1}).accepted(52013, odd).deliver("vm1", odd)
    c.from_far(52013, good4, gre={"chksum_present": 1, "chksum": 0x1234}).drop("gre-checksum")
    c.from_far(52013, odd, gre={"chksum_present": 1, "chksum": 0}).drop("gre-checksum")
    return c


def udp4_checksum():
    c = Case("udp4-checksum", "Decapsulation", "Over IPv4 a zero UDP checksum is accepted, any other must be right",
             ["FWD-07", "MGT-08"], standard("mpls-in-udp"))
    packet, odd = udp(REMOTE, VM1), udp(REMOTE, VM1, size=41)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    for good in (packet, odd):
        outer = tunnel("udp", FAR4, US4, 52013, good, sport=0xC111)
        del outer["UDP"].chksum
        c.core(outer).accepted(52013, good).deliver("vm1", good)
    c.from_far(52013, packet, udp_header={"chksum": 0xBEEF}).drop("udp-checksum")
    return c


def udp6_zero_checksum_refused():
    c = Case("udp6-checksum", "Decapsulation",
             "Over IPv6 the UDP checksum must be there and right (RFC 8200), unless configured otherwise",
             ["FWD-07", "MGT-08"], standard("mpls-in-udp", FAR6))
    for good in (udp(REMOTE6, VM1_6), udp(REMOTE, VM1, size=41)):
        c.from_far(52013, good).accepted(52013, good).deliver("vm1", good)
    c.from_far(52013, udp(REMOTE, VM1), udp_header={"chksum": 0}).drop("udp-checksum")
    c.from_far(52013, udp(REMOTE, VM1), udp_header={"chksum": 0xBEEF}).drop("udp-checksum")
    return c


def udp6_zero_checksum_allowed():
    c = Case("udp6-zero-checksum", "Encapsulation",
             "With udp6-zero-checksum zero is sent and accepted over IPv6 (RFC 6935, RFC 6936)",
             ["FWD-07"], standard("mpls-in-udp", FAR6,
                                  encapsulation={"default": "mpls-in-udp", "udp6-zero-checksum": True}))
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR6, 61200, after_hop(packet), udp_header={"chksum": 0})
    packet = udp(REMOTE, VM1)
    c.from_far(52013, packet, udp_header={"chksum": 0}).accepted(52013, packet).deliver("vm1", packet)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    c.from_far(52013, packet, udp_header={"chksum": 0xBEEF}).drop("udp-checksum")
    return c


def access_padding():
    c = Case("padding-from-guest", "Encapsulation", "Ethernet padding behind a short packet is not carried into the tunnel",
             ["FWD-14", "FWD-04"], standard())
    for packet, pad in ((udp(VM1, REMOTE, size=0), b"\0" * 18), (udp(VM1, REMOTE, size=4), b"\xee" * 14),
                        (udp(VM1_6, REMOTE6, size=0), b"\0" * 3)):
        label = 61206 if ":" in packet.src else 61200
        c.guest("vm1", packet, pad=pad).tunnel(FAR4, label, after_hop(packet))
    return c


def core_padding():
    c = Case("padding-from-underlay", "Decapsulation", "Octets behind the inner packet or the outer one are not delivered",
             ["FWD-14", "FWD-05"], standard("mpls-in-ip"))
    packet = udp(REMOTE, VM1, size=0)
    outer = tunnel("ip", FAR4, US4, 52013, packet)
    c.core(outer, pad=b"\0" * 12).accepted(52013, packet).deliver("vm1", packet)
    c.from_far(52013, bytes(packet) + b"\xee" * 7).accepted(52013, packet).deliver("vm1", packet)
    six = udp(REMOTE6, VM1_6, size=3)
    c.from_far(52013, bytes(six) + b"\xee" * 5).accepted(52013, six).deliver("vm1", six)
    return c


def longest_prefix():
    routes = [route("0.0.0.0/0", HUB4, 60000), route("198.51.100.0/24", FAR4, 60024), route("198.51.100.64/26", HUB4, 60026),
              route(REMOTE, FAR4, 60032), route("::/0", HUB4, 60100), route("2001:db8:1::/48", FAR4, 60148),
              route("2001:db8:1::/64", HUB4, 60164), route(REMOTE6, FAR4, 60228)]
    c = Case("longest-prefix", "Lookup", "The longest matching prefix of the VRF decides tunnel and label, for both families",
             ["FWD-01", "FWD-02", "FWD-04"], standard(vrfs=[blue(routes=routes), red()]))
    for target, far, label in (("192.0.2.9", HUB4, 60000), ("198.51.100.200", FAR4, 60024), ("198.51.100.41", FAR4, 60024),
                               ("198.51.100.64", HUB4, 60026), ("198.51.100.127", HUB4, 60026),
                               ("198.51.100.128", FAR4, 60024), (REMOTE, FAR4, 60032)):
        packet = udp(VM1, target)
        c.guest("vm1", packet).tunnel(far, label, after_hop(packet))
    for target, far, label in (("2001:db8:2::1", HUB4, 60100), ("2001:db8:1:2::1", FAR4, 60148),
                               ("2001:db8:1::ffff", HUB4, 60164), (REMOTE6, FAR4, 60228)):
        packet = udp(VM1_6, target)
        c.guest("vm1", packet).tunnel(far, label, after_hop(packet))
    packet = udp(VM1, "192.0.2.9")
    c.guest("vm3", packet).drop("no-route")
    return c
