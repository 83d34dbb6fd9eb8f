"""Flow specifications of VRFs on what guests send (RFC 8955, RFC 8956): what is denied never reaches the fabric."""
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.packet import Raw

from .case import Case
from .frames import FAR4, REMOTE, REMOTE6, VM1, VM1_6, VM2, after_hop, payload, tcp, udp
from .topology import blue, red, standard


def cases():
    yield discarded()
    yield rate_limited()
    yield marked()


def filtered(*filters):
    return standard(vrfs=[blue(filters=[{"match": match, "actions": actions} for match, actions in filters]), red()])


def discarded():
    config = filtered(
        ("dst %s/32; proto =17; dport =50053 >=55000&<=55010" % REMOTE, ["discard"]),
        ("src %s/128; tcp-flags syn&!ack" % VM1_6, ["discard"]),
        ("proto =1; icmp-type =8; length >100", ["discard"]),
        ("fragment isf", ["discard"]),
        ("dport =55005", ["action:none"]))
    c = Case("drop-filtered", "Filters", "What the rules of a VRF discard is dropped where it enters; the rest, and other VRFs, pass",
             ["SIG-20", "ARC-20", "MGT-08"], config)
    for dport, passes in ((50053, False), (50054, True), (54999, True), (55000, False), (55010, False), (55011, True)):
        packet = udp(VM1, REMOTE, dport=dport)
        fate = c.guest("vm1", packet)
        if passes:
            fate.tunnel(FAR4, 61200, after_hop(packet))
        else:
            fate.drop("filtered")
    # Prefixes come before ports: the rule that lets 55005 pass stands behind the first one (RFC 8955 section 5.1).
    c.guest("vm2", udp(VM2, REMOTE, dport=55005)).drop("filtered")
    packet = udp(VM1, REMOTE, dport=50053)
    c.guest("vm3", packet).tunnel(FAR4, 61300, after_hop(packet))

    for flags, passes in (("S", False), ("SA", True), ("A", True), ("SE", False)):
        packet = tcp(VM1_6, REMOTE6, flags=flags)
        fate = c.guest("vm1", packet)
        if passes:
            fate.tunnel(FAR4, 61206, after_hop(packet))
        else:
            fate.drop("filtered")
    behind = IPv6(src=VM1_6, dst=REMOTE6) / IPv6ExtHdrDestOpt() / tcp(VM1_6, REMOTE6, flags="S")[1]
    c.guest("vm1", behind).drop("filtered")

    for size, passes in ((72, True), (73, False)):
        packet = IP(src=VM1, dst=REMOTE, id=7) / ICMP(type=8, id=9, seq=1) / Raw(payload(size))
        fate = c.guest("vm1", packet)
        if passes:
            fate.tunnel(FAR4, 61200, after_hop(packet))
        else:
            fate.drop("filtered")
    first = IP(src=VM1, dst=REMOTE, id=11, flags="MF", proto=17) / Raw(payload(64))
    c.guest("vm1", first).tunnel(FAR4, 61200, after_hop(first))
    later = IP(src=VM1, dst=REMOTE, id=11, frag=8, proto=17) / Raw(payload(64))
    c.guest("vm1", later).drop("filtered")
    later6 = IPv6(src=VM1_6, dst=REMOTE6) / IPv6ExtHdrFragment(nh=17, offset=8, m=0, id=12) / Raw(payload(64))
    c.guest("vm1", later6).drop("filtered")
    return c


def rate_limited():
    c = Case("drop-filter-rate-limited", "Filters", "A rule's rate: what comes while there are tokens passes whole, the debt is paid by waiting",
             ["SIG-20", "MGT-08"], filtered(("proto =17; dport =57000", ["rate:1000"]), ("proto =17; dport =57001", ["rate-packets:2"])))
    # 60 octets take 60 ms at 1000 octets a second; the bucket holds 100.
    for at, passes in ((100_000, True), (100_100, True), (100_200, False), (115_000, False), (121_000, True), (400_000, True)):
        packet = udp(VM1, REMOTE, dport=57000)
        fate = c.guest("vm1", packet, at=at)
        if passes:
            fate.tunnel(FAR4, 61200, after_hop(packet))
        else:
            fate.drop("filter-rate-limited")
    # A fifth of a packet fits the bucket of two packets a second: one passes, then none for 400 ms.
    for at, passes in ((500_000, True), (500_100, False), (899_000, False), (901_000, True)):
        packet = udp(VM1, REMOTE, dport=57001)
        fate = c.guest("vm1", packet, at=at)
        if passes:
            fate.tunnel(FAR4, 61200, after_hop(packet))
        else:
            fate.drop("filter-rate-limited")
    packet = udp(VM1, REMOTE, dport=57002)
    c.guest("vm1", packet, at=901_500).tunnel(FAR4, 61200, after_hop(packet))
    return c


def marked():
    c = Case("filter-mark", "Filters", "A rule sets the DSCP of the tenant's packet and leaves ECN; checksums stay right",
             ["SIG-20"], filtered(("proto =17", ["mark:46", "action:continue"]), ("dscp =8", ["discard"])))
    for tos in (0, 3, 46 << 2 | 1, 255):
        packet = udp(VM1, REMOTE, tos=tos)
        routed = after_hop(packet)
        routed.tos = 46 << 2 | tos & 3
        c.guest("vm1", packet).tunnel(FAR4, 61200, routed)
        packet = udp(VM1_6, REMOTE6, tc=tos)
        routed = after_hop(packet)
        routed.tc = 46 << 2 | tos & 3
        c.guest("vm1", packet).tunnel(FAR4, 61206, routed)
    # The rules behind see the packet as it came.
    c.guest("vm1", udp(VM1, REMOTE, tos=8 << 2)).drop("filtered")
    packet = tcp(VM1, REMOTE, tos=4)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c
