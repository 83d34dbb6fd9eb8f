"""Address resolution and ICMP messages, as hosts and the forwarder send them (RFC 826, RFC 4861, RFC 792, RFC 4443)."""
import ipaddress

from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptMTU, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6)
from scapy.layers.l2 import ARP
from scapy.packet import Raw

from .frames import HOP6, VIRTUAL4, VIRTUAL6, is_v6

ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
ZERO_MAC = "00:00:00:00:00:00"
# Errors are sent with the precedence of network control (RFC 1812 section 4.3.2.5): DSCP CS6.
NETWORK_CONTROL = 0xC0
IPV4_ERROR_LIMIT, IPV6_ERROR_LIMIT = 576, 1280


def arp_request(mac, sender, target):
    return ARP(op=1, hwsrc=mac, psrc=sender, hwdst=ZERO_MAC, pdst=target)


def arp_reply(mac, sender, to_mac, to_address):
    return ARP(op=2, hwsrc=mac, psrc=sender, hwdst=to_mac, pdst=to_address)


def solicited_node(target):
    """ff02::1:ffXX:XXXX of an address (RFC 4291 section 2.7.1)."""
    low = int(ipaddress.IPv6Address(target)) & 0xFFFFFF
    return str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("ff02::1:ff00:0")) | low))


def multicast_mac(group):
    """33:33 and the last four octets of the group (RFC 2464 section 7)."""
    return "33:33:" + ":".join("%02x" % o for o in ipaddress.IPv6Address(group).packed[12:])


def solicitation(mac, source, target, dst=None, hlim=255, **more):
    """A neighbour solicitation; without a source (duplicate address detection) it names no link-layer address."""
    packet = IPv6(src=source, dst=dst or solicited_node(target), hlim=hlim) / ICMPv6ND_NS(tgt=target, **more)
    return packet if source == "::" else packet / ICMPv6NDOptSrcLLAddr(lladdr=mac)


def advertisement(mac, source, target, dst, router=0, solicited=1, override=1):
    return (IPv6(src=source, dst=dst, hlim=255) / ICMPv6ND_NA(tgt=target, R=router, S=solicited, O=override)
            / ICMPv6NDOptDstLLAddr(lladdr=mac))


def router_solicitation(mac, source):
    packet = IPv6(src=source, dst="ff02::2", hlim=255) / ICMPv6ND_RS()
    return packet if source == "::" else packet / ICMPv6NDOptSrcLLAddr(lladdr=mac)


def router_advertisement(to, mtu=1500, mac=VIRTUAL6, source=HOP6):
    return (IPv6(src=source, dst=to, hlim=255) / ICMPv6ND_RA(chlim=64, M=0, O=0, prf=0, routerlifetime=1800)
            / ICMPv6NDOptSrcLLAddr(lladdr=mac) / ICMPv6NDOptMTU(mtu=mtu))


def virtual_arp_reply(request, mac=VIRTUAL4):
    """What the first hop answers to an ARP request."""
    return arp_reply(mac, request.pdst, request.hwsrc, request.psrc)


def virtual_advertisement(query, mac=VIRTUAL6, source=HOP6):
    """What the first hop answers to a neighbour solicitation."""
    target = query[ICMPv6ND_NS].tgt
    if query.src == "::":
        return advertisement(mac, source, target, ALL_NODES, router=1, solicited=0)
    return advertisement(mac, source, target, query.src, router=1)


def echo_reply(request, ident=0, ttl=64):
    """ident: IPv4 identification, which the forwarder counts from 0."""
    if is_v6(request):
        message = request.payload
        return IPv6(src=request.dst, dst=request.src, hlim=ttl, tc=request.tc & 0xFC) / ICMPv6EchoReply(
            id=message.id, seq=message.seq, data=message.data)
    message = request[ICMP]
    return (IP(src=request.dst, dst=request.src, ttl=ttl, id=ident, tos=request.tos & 0xFC)
            / ICMP(type=0, id=message.id, seq=message.seq) / Raw(bytes(message.payload)))


def _about(packet, limit, header):
    return Raw(bytes(packet)[:limit - header - 8])


def time_exceeded(packet, source, ident=0, ttl=64):
    """packet as it arrived; as much of it as fits is quoted."""
    if is_v6(packet):
        return (IPv6(src=source, dst=packet.src, hlim=ttl, tc=NETWORK_CONTROL) / ICMPv6TimeExceeded(code=0)
                / _about(packet, IPV6_ERROR_LIMIT, 40))
    return (IP(src=source, dst=packet.src, ttl=ttl, id=ident, tos=NETWORK_CONTROL) / ICMP(type=11, code=0)
            / _about(packet, IPV4_ERROR_LIMIT, 20))


def too_big(packet, source, mtu, ident=0, ttl=64):
    """Fragmentation needed (RFC 1191) or packet too big; mtu: what a tenant packet may have."""
    if is_v6(packet):
        return (IPv6(src=source, dst=packet.src, hlim=ttl, tc=NETWORK_CONTROL) / ICMPv6PacketTooBig(mtu=mtu)
                / _about(packet, IPV6_ERROR_LIMIT, 40))
    return (IP(src=source, dst=packet.src, ttl=ttl, id=ident, tos=NETWORK_CONTROL)
            / ICMP(type=3, code=4, nexthopmtu=mtu) / _about(packet, IPV4_ERROR_LIMIT, 20))


def ipv4_fragments(packet, mtu):
    """RFC 791 section 3.2 by hand: header without options, the data cut at multiples of eight octets."""
    packet = IP(bytes(packet))
    header, data = packet.copy(), bytes(packet)[20:]
    header.remove_payload()
    first, more = packet.frag, int(packet.flags.MF)
    room = (mtu - 20) // 8 * 8
    pieces = []
    for at in range(0, len(data), room):
        piece = header.copy()
        del piece.len, piece.chksum
        piece.frag = first + at // 8
        piece.flags = "MF" if at + room < len(data) or more else 0
        pieces.append(IP(bytes(piece / Raw(data[at:at + room]))))
    return pieces
