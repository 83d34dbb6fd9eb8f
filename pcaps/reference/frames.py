"""Frames by scapy: what tenants send and receive, and what the underlay carries (RFC 4023, RFC 7510, RFC 3032).

Every function returns a scapy packet or bytes; nothing here knows the forwarder.
"""
import logging

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

from scapy.contrib.mpls import MPLS                                              # noqa: E402
from scapy.layers.inet import GRE, ICMP, IP, TCP, UDP                            # noqa: E402
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6                            # noqa: E402
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether                            # noqa: E402
from scapy.packet import Raw, bind_layers                                        # noqa: E402

bind_layers(GRE, MPLS, proto=0x8847)
bind_layers(UDP, MPLS, dport=6635)

# The forwarder's underlay side.
CORE_MAC = "02:00:00:00:00:11"
US4, US6 = "203.0.113.17", "2001:db8:f::17"
# Two remote forwarders.
FAR4, FAR6, FAR_MAC = "203.0.113.44", "2001:db8:f::44", "02:00:00:00:00:44"
HUB4, HUB6, HUB_MAC = "203.0.113.50", "2001:db8:f::50", "02:00:00:00:00:50"
NEIGHBOR_MAC = {FAR4: FAR_MAC, FAR6: FAR_MAC, HUB4: HUB_MAC, HUB6: HUB_MAC}

# The first hop that every guest sees (RFC 5798 virtual router MACs of VRID 1).
VIRTUAL4, VIRTUAL6 = "00:00:5e:00:01:01", "00:00:5e:00:02:01"
HOP4, HOP6 = "169.254.0.1", "fe80::1"

# Physical NICs of two end-systems.
HOST1, HOST2 = "02:aa:10:c0:ff:ee", "02:aa:10:c0:ff:01"
BROADCAST = "ff:ff:ff:ff:ff:ff"

# Tenant addresses.
VM1, VM1_6 = "198.51.100.25", "2001:db8:1::25"
VM2, VM2_6 = "198.51.100.26", "2001:db8:1::26"
REMOTE, REMOTE6 = "198.51.100.40", "2001:db8:1::40"
ROUTER, ROUTER6 = "198.51.100.1", "2001:db8:1::1"

ENTROPY = 0xC000               # stands for whatever entropy source port the forwarder chose (RFC 7510 section 3)
MPLS_IN_UDP = 6635


def payload(size, seed=0):
    """Tenant payload: printable, no zero run, different for each seed."""
    return bytes(0x21 + (seed * 7 + i * 3) % 90 for i in range(size))


def is_v6(packet):
    return isinstance(packet, IPv6)


def udp(src, dst, size=32, sport=50001, dport=50002, ttl=64, seed=0, **ip):
    """A UDP datagram of a tenant; size counts payload octets. Ports are ones that no tshark dissector claims."""
    layer = UDP(sport=sport, dport=dport)
    if ":" in src:
        return IPv6(src=src, dst=dst, hlim=ttl, **ip) / layer / Raw(payload(size, seed))
    ip.setdefault("id", 0x1000 + seed)
    return IP(src=src, dst=dst, ttl=ttl, **ip) / layer / Raw(payload(size, seed))


def udp_of_length(src, dst, length, **kw):
    """A UDP datagram whose IP packet is exactly length octets long."""
    return udp(src, dst, size=length - (48 if ":" in src else 28), **kw)


def tcp(src, dst, size=32, sport=50003, dport=50004, ttl=64, seed=0, flags="PA", **ip):
    layer = TCP(sport=sport, dport=dport, seq=1000 + seed, ack=2000, flags=flags, window=4096)
    if ":" in src:
        return IPv6(src=src, dst=dst, hlim=ttl, **ip) / layer / Raw(payload(size, seed))
    ip.setdefault("id", 0x2000 + seed)
    return IP(src=src, dst=dst, ttl=ttl, **ip) / layer / Raw(payload(size, seed))


def echo(src, dst, ident=7, seq=1, size=32, ttl=64, **ip):
    if ":" in src:
        return IPv6(src=src, dst=dst, hlim=ttl, **ip) / ICMPv6EchoRequest(id=ident, seq=seq, data=payload(size))
    ip.setdefault("id", 0x3000 + seq)
    return IP(src=src, dst=dst, ttl=ttl, **ip) / ICMP(type=8, id=ident, seq=seq) / Raw(payload(size))


def after_hop(packet):
    """The packet one IP hop later: TTL or hop limit lower by one, header checksum worked out anew."""
    routed = packet.copy()
    if is_v6(routed):
        routed.hlim -= 1
    else:
        routed.ttl -= 1
        del routed.chksum
    return routed


def ip_length(packet):
    """Octets of the IP packet as its own header tells them."""
    raw = bytes(packet)
    return 40 + int.from_bytes(raw[4:6], "big") if raw[0] >> 4 == 6 else int.from_bytes(raw[2:4], "big")


def ethertype(packet):
    if isinstance(packet, ARP):
        return 0x0806
    return 0x86DD if bytes(packet)[0] >> 4 == 6 else 0x0800


def tagged(dst, src, tags, packet, kind=None, outer_tpid=0x88A8, priority=0):
    """An Ethernet frame with no, one or two VLAN tags around packet (scapy packet or bytes)."""
    kind = ethertype(packet) if kind is None else kind
    inner = packet if not isinstance(packet, (bytes, bytearray)) else Raw(bytes(packet))
    if not tags:
        return bytes(Ether(dst=dst, src=src, type=kind) / inner)
    if len(tags) == 1:
        return bytes(Ether(dst=dst, src=src, type=0x8100) / Dot1Q(vlan=tags[0], prio=priority, type=kind) / inner)
    outer, second = tags
    layer = Dot1AD if outer_tpid == 0x88A8 else Dot1Q
    return bytes(Ether(dst=dst, src=src, type=outer_tpid) / layer(vlan=outer, type=0x8100)
                 / Dot1Q(vlan=second, prio=priority, type=kind) / inner)


def shim(label, bottom=1, tc=0, ttl=64):
    """One label stack entry (RFC 3032 section 2.1)."""
    return MPLS(label=label, s=bottom, cos=tc, ttl=ttl)


def outer_ip(src, dst, protocol, ttl=64, dscp=0, **more):
    """Outer header by the rules of encapsulation: id 0, DF, no ECN (IPv4); flow label 0 (IPv6)."""
    if ":" in src:
        return IPv6(src=src, dst=dst, nh=protocol, hlim=ttl, tc=dscp << 2, **more)
    more.setdefault("id", 0)
    more.setdefault("flags", "DF")
    return IP(src=src, dst=dst, proto=protocol, ttl=ttl, tos=dscp << 2, **more)


def tunnel(encap, src, dst, labels, inner, sport=ENTROPY, gre=None, udp_header=None, **outer):
    """The outer IP packet. labels: a label number, or a list of MPLS layers; encap: gre | udp | ip."""
    stack = shim(labels) if isinstance(labels, int) else None
    for entry in [] if stack is not None else labels:
        stack = entry if stack is None else stack / entry
    inner = inner if not isinstance(inner, (bytes, bytearray)) else Raw(bytes(inner))
    body = inner if stack is None else stack / inner
    if encap == "gre":
        return outer_ip(src, dst, 47, **outer) / GRE(**{"proto": 0x8847, **(gre or {})}) / body
    if encap == "ip":
        return outer_ip(src, dst, 137, **outer) / body
    header = {"sport": sport, "dport": MPLS_IN_UDP}
    if ":" not in src:
        header["chksum"] = 0
    return outer_ip(src, dst, 17, **outer) / UDP(**{**header, **(udp_header or {})}) / body


def overhead(encap, outer_family):
    """Octets that a tunnel adds: outer IP header, GRE or UDP header, one label stack entry."""
    return (40 if outer_family == 6 else 20) + {"gre": 4, "udp": 8, "ip": 0}[encap] + 4
