#!/usr/bin/python3
"""Writes vectors.json: punted packets and the bytes that the slow path must make of them.

The expected bytes come from scapy, not from the code under test. Run with Debian's python3-scapy:

    /usr/bin/python3 tests/Dataplane.SlowPath.Tests/vectors/make_vectors.py

The topology below is the one of TestTopology.cs:
  port 0 core0  MAC 02:00:00:00:00:11, 203.0.113.17/24, 2001:db8:f::17/64
  port 1        access; port 2 local (one tap)
  VRF 0 blue    router addresses 198.51.100.1 and 2001:db8:1::1;  VRF 1 red: none
  interface 0   port 1, VLAN 317, MAC 02:aa:10:c0:ff:ee, blue, 198.51.100.25/32, 2001:db8:1::25/128, MTU 1500
  interface 1   port 1, QinQ 100/200, no MAC, red, 10.1.0.0/24, 2001:db8:2::/64, MTU 1400
  interface 2   port 2, untagged, no MAC, blue, 198.51.100.0/27, 2001:db8:1::26/128, MTU 1500
  tunnel 0      port 0, next hop 203.0.113.44;  tunnel 1: port 0, next hop 2001:db8:f::1
"""
import json
import os

from scapy.config import conf
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP, IPOption_RR, IPOption
from scapy.layers.inet6 import (
    ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA, ICMPv6ND_RS,
    ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr, ICMPv6NDOptMTU, ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig, ICMPv6TimeExceeded, ICMPv6DestUnreach, IPv6, IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

conf.verb = 0

CORE_MAC = "02:00:00:00:00:11"
PEER_MAC = "02:00:00:00:00:44"
ROUTER_MAC = "02:00:00:00:00:01"
VMAC4 = "00:00:5e:00:01:01"
VMAC6 = "00:00:5e:00:02:01"
GUEST_MAC = "02:aa:10:c0:ff:ee"
RED_MAC = "02:bb:00:00:00:05"
TAP_MAC = "02:cc:00:00:00:26"
BROADCAST = "ff:ff:ff:ff:ff:ff"
ALL_NODES_MAC = "33:33:00:00:00:01"

BLUE, RED = 0, 1
NONE = -1

cases = []


class Interface:
    def __init__(self, index, port, vrf, mac, tags):
        self.index, self.port, self.vrf, self.mac, self.tags = index, port, vrf, mac, tags

    def frame(self, source, destination, payload):
        layer = Ether(src=source, dst=destination)
        if len(self.tags) == 2:
            layer = layer / Dot1AD(vlan=self.tags[0]) / Dot1Q(vlan=self.tags[1])
        elif len(self.tags) == 1:
            layer = layer / Dot1Q(vlan=self.tags[0])
        if isinstance(payload, bytes):
            layer.lastlayer().type = 0x0800 if payload[0] >> 4 == 4 else 0x86dd
        return layer / payload

    @property
    def l3(self):
        return 14 + 4 * len(self.tags)


GUEST = Interface(0, 1, BLUE, GUEST_MAC, [317])
QINQ = Interface(1, 1, RED, RED_MAC, [100, 200])
TAP = Interface(2, 2, BLUE, TAP_MAC, [])


def hexed(packet):
    return bytes(packet).hex()


def sent(port, interface, packet):
    return {"port": port, "interface": interface, "frame": hexed(packet)}


def to_guest(interface, family, payload, destination=None):
    source = VMAC4 if family == 4 else VMAC6
    return sent(interface.port, interface.index, interface.frame(source, destination or interface.mac, payload))


def injected(vrf, view, packet, source=NONE, keep_ttl=False):
    return {"vrf": vrf, "view": view, "source": source, "keepTtl": keep_ttl, "packet": hexed(packet)}


def originated(vrf, packet):
    """A datagram of the forwarder's own: its TTL is not decremented."""
    return injected(vrf, "Core", packet, keep_ttl=True)


def delivered(vrf, target, packet):
    """A datagram for an interface, without lookup and with its TTL as it is."""
    return {"vrf": vrf, "view": "Delivery", "source": target, "keepTtl": True, "packet": hexed(packet)}


def case(group, name, reason, l3, frame, *, origin="Access", port=1, interface=NONE, target=NONE, keep_ttl=False,
         vrf=BLUE, tunnel=0, mtu=0, disposition="Answered", drop="None", frames=(), injections=()):
    cases.append({
        "group": group, "name": name, "reason": reason, "origin": origin, "port": port, "interface": interface,
        "target": target, "keepTtl": keep_ttl, "vrf": vrf, "tunnel": tunnel, "mtu": mtu, "l3Offset": l3,
        "frame": hexed(frame), "disposition": disposition, "drop": drop, "frames": list(frames),
        "injections": list(injections)})


def access(group, name, reason, interface, payload, *, source=None, destination=VMAC4, **rest):
    frame = interface.frame(source or interface.mac, destination, payload)
    case(group, name, reason, interface.l3, frame, port=interface.port, interface=interface.index,
         vrf=interface.vrf, **rest)


def core(group, name, reason, inner, **rest):
    """A packet after decapsulation: what stands before the inner header is the outer one."""
    outer = Ether(src=PEER_MAC, dst=CORE_MAC) / IP(src="203.0.113.44", dst="203.0.113.17", proto=47)
    behind = bytes.fromhex("00008847") + bytes.fromhex("0cb2d140")
    frame = bytes(outer / Raw(behind + bytes(inner)))
    case(group, name, reason, 14 + 20 + 8, frame, origin="Core", port=0, **rest)


def underlay(group, name, reason, frame, **rest):
    case(group, name, reason, 14, frame, origin="Core", port=0, **rest)


def dropped(reason):
    return {"disposition": "Dropped", "drop": reason}


# --- ARP from guests: FWD-11, FWD-13, FWD-16, EXT-09, AMB-27, SEC-03 -------------------------------------------------

def arp_request(interface, sender, target, mac=None):
    return ARP(op=1, hwsrc=mac or interface.mac, psrc=sender, hwdst="00:00:00:00:00:00", pdst=target)


def arp_answer(interface, sender, target, mac=None):
    return to_guest(interface, 4, ARP(op=2, hwsrc=VMAC4, psrc=target, hwdst=mac or interface.mac, pdst=sender))


for what, target in [("a VM elsewhere", "198.51.100.40"), ("an unused address", "198.51.100.99"),
                     ("a gateway", "198.51.100.1"), ("another gateway", "198.51.100.254"),
                     ("the link-local first hop", "169.254.0.1"), ("an address of no VPN", "8.8.8.8")]:
    access("FWD-11", f"ARP for {what}", "Arp", GUEST, arp_request(GUEST, "198.51.100.25", target),
           destination=BROADCAST, frames=[arp_answer(GUEST, "198.51.100.25", target)])
access("FWD-11", "ARP with Ethernet padding", "Arp", GUEST,
       arp_request(GUEST, "198.51.100.25", "198.51.100.40") / Raw(bytes(18)),
       destination=BROADCAST, frames=[arp_answer(GUEST, "198.51.100.25", "198.51.100.40")])
access("EXT-09", "ARP on a QinQ link", "Arp", QINQ, arp_request(QINQ, "10.1.0.5", "10.1.0.254"),
       destination=BROADCAST, frames=[arp_answer(QINQ, "10.1.0.5", "10.1.0.254")])
access("EXT-09", "ARP of a bridged guest behind the NIC's MAC", "Arp", GUEST,
       arp_request(GUEST, "198.51.100.25", "198.51.100.40", "02:00:00:00:99:99"), destination=VMAC4,
       frames=[to_guest(GUEST, 4, ARP(op=2, hwsrc=VMAC4, psrc="198.51.100.40", hwdst="02:00:00:00:99:99",
                                      pdst="198.51.100.25"))])
access("FWD-11", "ARP on a local interface", "Arp", TAP, arp_request(TAP, "198.51.100.26", "198.51.100.40"),
       destination=BROADCAST, frames=[arp_answer(TAP, "198.51.100.26", "198.51.100.40")])
access("AMB-27", "ARP probe of the own address", "Arp", GUEST, arp_request(GUEST, "0.0.0.0", "198.51.100.25"),
       destination=BROADCAST, **dropped("DadOwnAddress"))
access("AMB-27", "gratuitous ARP of the own address", "Arp", GUEST,
       arp_request(GUEST, "198.51.100.25", "198.51.100.25"), destination=BROADCAST, **dropped("DadOwnAddress"))
access("AMB-27", "ARP probe of another's address is answered", "Arp", GUEST,
       arp_request(GUEST, "0.0.0.0", "198.51.100.40"), destination=BROADCAST,
       frames=[arp_answer(GUEST, "0.0.0.0", "198.51.100.40")])
access("AMB-27", "ARP probe of the router's address inside the own prefix is answered", "Arp", TAP,
       arp_request(TAP, "0.0.0.0", "198.51.100.1"), destination=BROADCAST,
       frames=[arp_answer(TAP, "0.0.0.0", "198.51.100.1")])
access("SEC-03", "ARP from another's address", "Arp", GUEST, arp_request(GUEST, "198.51.100.40", "198.51.100.1"),
       destination=BROADCAST, **dropped("ArpSpoofed"))
access("SEC-03", "gratuitous ARP of the router's address inside the own prefix", "Arp", TAP,
       arp_request(TAP, "198.51.100.1", "198.51.100.1"), destination=BROADCAST, **dropped("ArpSpoofed"))
access("SEC-03", "ARP reply from another's address", "Arp", GUEST,
       ARP(op=2, hwsrc=GUEST_MAC, psrc="198.51.100.40", hwdst=VMAC4, pdst="198.51.100.1"), **dropped("ArpSpoofed"))
access("SEC-14", "ARP reply that nobody asked for", "Arp", GUEST,
       ARP(op=2, hwsrc=GUEST_MAC, psrc="198.51.100.25", hwdst=VMAC4, pdst="198.51.100.1"), **dropped("Unsolicited"))
for what, packet in [
        ("hardware type 6", ARP(hwtype=6, op=1, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="198.51.100.1")),
        ("operation 3", ARP(op=3, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="198.51.100.1")),
        ("a multicast sender", ARP(op=1, hwsrc="01:00:5e:00:00:01", psrc="198.51.100.25", pdst="198.51.100.1")),
        ("a multicast target", ARP(op=1, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="224.0.0.1")),
        ("a broadcast target", ARP(op=1, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="255.255.255.255")),
        ("an empty target", ARP(op=1, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="0.0.0.0")),
        ("27 octets", Raw(bytes(ARP(op=1, hwsrc=GUEST_MAC, psrc="198.51.100.25", pdst="198.51.100.1"))[:27]))]:
    frame = Ether(src=GUEST_MAC, dst=BROADCAST) / Dot1Q(vlan=317, type=0x0806) / Raw(bytes(packet))
    case("FWD-11", f"ARP with {what}", "Arp", 18, frame, interface=0, **dropped("ArpMalformed"))


# --- ND from guests --------------------------------------------------------------------------------------------------

def solicited_node(address):
    tail = bytes(IPv6(dst=address))[37:40]
    return "ff02::1:ff%02x:%02x%02x" % tuple(tail), "33:33:ff:%02x:%02x:%02x" % tuple(tail)


def nd(source, destination, message, hop_limit=255):
    return IPv6(src=source, dst=destination, hlim=hop_limit) / message


def solicitation(interface, source, target, unicast=False, option=True):
    group, _ = solicited_node(target)
    message = ICMPv6ND_NS(tgt=target)
    if option:
        message = message / ICMPv6NDOptSrcLLAddr(lladdr=interface.mac)
    return nd(source, target if unicast else group, message)


def advertisement(interface, destination, target, solicited=1, mac=None):
    return to_guest(interface, 6, nd("fe80::1", destination, ICMPv6ND_NA(R=1, S=solicited, O=1, tgt=target)
                                     / ICMPv6NDOptDstLLAddr(lladdr=VMAC6)), mac)


for what, target in [("a VM elsewhere", "2001:db8:1::40"), ("an unused address", "2001:db8:1::dead"),
                     ("the link-local first hop", "fe80::1"), ("a gateway", "2001:db8:1::1")]:
    access("FWD-11", f"ND for {what}", "Nd", GUEST, solicitation(GUEST, "2001:db8:1::25", target),
           destination=solicited_node(target)[1], frames=[advertisement(GUEST, "2001:db8:1::25", target)])
access("FWD-11", "ND from a link-local source", "Nd", GUEST, solicitation(GUEST, "fe80::aa:10ff:fec0:ffee", "fe80::1"),
       destination=solicited_node("fe80::1")[1], frames=[advertisement(GUEST, "fe80::aa:10ff:fec0:ffee", "fe80::1")])
access("FWD-11", "unicast ND probe of the first hop", "Nd", GUEST,
       solicitation(GUEST, "2001:db8:1::25", "fe80::1", unicast=True, option=False), destination=VMAC6,
       frames=[advertisement(GUEST, "2001:db8:1::25", "fe80::1")])
access("EXT-09", "ND on a QinQ link", "Nd", QINQ, solicitation(QINQ, "2001:db8:2::5", "2001:db8:2::6"),
       destination=solicited_node("2001:db8:2::6")[1], frames=[advertisement(QINQ, "2001:db8:2::5", "2001:db8:2::6")])
access("AMB-27", "DAD of the own address", "Nd", GUEST, solicitation(GUEST, "::", "2001:db8:1::25", option=False),
       destination=solicited_node("2001:db8:1::25")[1], **dropped("DadOwnAddress"))
access("AMB-27", "DAD of a link-local address of its own", "Nd", GUEST,
       solicitation(GUEST, "::", "fe80::aa:10ff:fec0:ffee", option=False),
       destination=solicited_node("fe80::aa:10ff:fec0:ffee")[1], **dropped("DadOwnAddress"))
for target in ["2001:db8:1::40", "fe80::1", "2001:db8:1::1"]:
    access("AMB-27", f"DAD of {target} is answered to all nodes", "Nd", GUEST,
           solicitation(GUEST, "::", target, option=False), destination=solicited_node(target)[1],
           frames=[advertisement(GUEST, "ff02::1", target, solicited=0, mac=ALL_NODES_MAC)])
access("SEC-03", "ND from another's address", "Nd", GUEST, solicitation(GUEST, "2001:db8:1::40", "2001:db8:1::1"),
       destination=VMAC6, **dropped("NdSpoofed"))
access("SEC-03", "ND from the first hop's address", "Nd", GUEST, solicitation(GUEST, "fe80::1", "2001:db8:1::1"),
       destination=VMAC6, **dropped("NdSpoofed"))
access("SEC-03", "ND advertisement of another's address", "Nd", GUEST,
       nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NA(S=1, O=1, tgt="2001:db8:1::40")
          / ICMPv6NDOptDstLLAddr(lladdr=GUEST_MAC)), destination=VMAC6, **dropped("NdSpoofed"))
access("SEC-03", "router advertisement from a guest", "Nd", GUEST,
       nd("fe80::aa:10ff:fec0:ffee", "ff02::1", ICMPv6ND_RA()), destination=ALL_NODES_MAC, **dropped("NdRogueRouter"))
access("SEC-03", "redirect from a guest", "Nd", GUEST,
       nd("fe80::aa:10ff:fec0:ffee", "fe80::1", ICMPv6ND_Redirect(tgt="fe80::2", dst="2001:db8::1")),
       destination=VMAC6, **dropped("NdRogueRouter"))
access("SEC-14", "ND advertisement that nobody asked for", "Nd", GUEST,
       nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NA(S=1, O=1, tgt="2001:db8:1::25")
          / ICMPv6NDOptDstLLAddr(lladdr=GUEST_MAC)), destination=VMAC6, **dropped("Unsolicited"))
access("SEC-14", "unsolicited ND announcement", "Nd", GUEST,
       nd("2001:db8:1::25", "ff02::1", ICMPv6ND_NA(S=0, O=1, tgt="2001:db8:1::25")
          / ICMPv6NDOptDstLLAddr(lladdr=GUEST_MAC)), destination=ALL_NODES_MAC, **dropped("Unsolicited"))

good = solicitation(GUEST, "2001:db8:1::25", "2001:db8:1::1")
bad_option = nd("2001:db8:1::25", solicited_node("2001:db8:1::1")[0],
                ICMPv6ND_NS(tgt="2001:db8:1::1") / Raw(bytes.fromhex("0100aabbccddeeff")))
long_option = nd("2001:db8:1::25", solicited_node("2001:db8:1::1")[0],
                 ICMPv6ND_NS(tgt="2001:db8:1::1") / Raw(bytes.fromhex("0102aabbccddeeff")))
for what, packet in [
        ("hop limit 254", nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NS(tgt="fe80::1"), hop_limit=254)),
        ("a wrong checksum", nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NS(tgt="fe80::1", cksum=0x1234))),
        ("code 1", nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NS(tgt="fe80::1", code=1))),
        ("a multicast target", nd("2001:db8:1::25", "fe80::1", ICMPv6ND_NS(tgt="ff02::5"))),
        ("an option of length zero", bad_option),
        ("an option beyond the end", long_option),
        ("a source option in DAD", nd("::", solicited_node("2001:db8:1::40")[0], ICMPv6ND_NS(tgt="2001:db8:1::40")
                                      / ICMPv6NDOptSrcLLAddr(lladdr=GUEST_MAC))),
        ("DAD by unicast", nd("::", "2001:db8:1::40", ICMPv6ND_NS(tgt="2001:db8:1::40"))),
        ("a destination options header", IPv6(src="2001:db8:1::25", dst="fe80::1", hlim=255)
         / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) / ICMPv6ND_NS(tgt="fe80::1")),
        ("a solicited multicast advertisement", nd("2001:db8:1::25", "ff02::1",
                                                   ICMPv6ND_NA(S=1, tgt="2001:db8:1::25"))),
        ("half a solicitation", Raw(bytes(good)[:60]))]:
    frame = Ether(src=GUEST_MAC, dst=VMAC6) / Dot1Q(vlan=317, type=0x86dd) / Raw(bytes(packet))
    case("FWD-11", f"ND with {what}", "Nd", 18, frame, interface=0, **dropped("NdMalformed"))


def router_advertisement(interface, destination, mtu, mac=None):
    return to_guest(interface, 6, nd("fe80::1", destination, ICMPv6ND_RA(
        chlim=64, M=0, O=0, routerlifetime=1800, reachabletime=0, retranstimer=0, prf=0)
        / ICMPv6NDOptSrcLLAddr(lladdr=VMAC6) / ICMPv6NDOptMTU(mtu=mtu)), mac)


access("FWD-15", "router solicitation", "Nd", GUEST,
       nd("fe80::aa:10ff:fec0:ffee", "ff02::2", ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=GUEST_MAC)),
       destination="33:33:00:00:00:02", frames=[router_advertisement(GUEST, "fe80::aa:10ff:fec0:ffee", 1500)])
access("FWD-15", "router solicitation without address", "Nd", QINQ, nd("::", "ff02::2", ICMPv6ND_RS()),
       destination="33:33:00:00:00:02", frames=[router_advertisement(QINQ, "ff02::1", 1400, ALL_NODES_MAC)])
access("FWD-15", "router solicitation without address but with option", "Nd", GUEST,
       nd("::", "ff02::2", ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=GUEST_MAC)),
       destination="33:33:00:00:00:02", **dropped("NdMalformed"))

# --- Echo to the forwarder inside the VPN: FWD-15 --------------------------------------------------------------------

DATA = bytes(range(56))


def echo4(source, destination, **ip):
    return IP(src=source, dst=destination, id=0x4242, ttl=64, **ip) / ICMP(type=8, id=7, seq=9) / Raw(DATA)


def reply4(source, destination, tos=0):
    return IP(src=source, dst=destination, id=0, ttl=64, tos=tos) / ICMP(type=0, id=7, seq=9) / Raw(DATA)


def echo6(source, destination, tc=0):
    return IPv6(src=source, dst=destination, hlim=64, tc=tc) / ICMPv6EchoRequest(id=7, seq=9, data=DATA)


def reply6(source, destination, tc=0):
    return IPv6(src=source, dst=destination, hlim=64, tc=tc) / ICMPv6EchoReply(id=7, seq=9, data=DATA)


for address in ["198.51.100.1", "169.254.0.1"]:
    access("FWD-15", f"echo to {address}", "RouterAddress", GUEST, echo4("198.51.100.25", address),
           frames=[to_guest(GUEST, 4, reply4(address, "198.51.100.25"))])
for address in ["2001:db8:1::1", "fe80::1"]:
    access("FWD-15", f"echo to {address}", "RouterAddress", GUEST, echo6("2001:db8:1::25", address), destination=VMAC6,
           frames=[to_guest(GUEST, 6, reply6(address, "2001:db8:1::25"))])
access("FWD-15", "echo to fe80::1 from a link-local address", "RouterAddress", QINQ,
       echo6("fe80::5", "fe80::1"), destination=VMAC6, frames=[to_guest(QINQ, 6, reply6("fe80::1", "fe80::5"))])
access("FWD-15", "echo with DSCP, ECN and padding", "RouterAddress", GUEST,
       bytes(IP(src="198.51.100.25", dst="198.51.100.1", tos=0xbb) / ICMP(type=8, id=7, seq=9) / Raw(b"ab"))
       + bytes(16),
       frames=[to_guest(GUEST, 4, IP(src="198.51.100.1", dst="198.51.100.25", id=0, tos=0xb8, ttl=64)
                        / ICMP(type=0, id=7, seq=9) / Raw(b"ab"))])
core("FWD-15", "echo from a VM elsewhere", "RouterAddress", echo4("198.51.100.40", "198.51.100.1"),
     injections=[originated(BLUE, reply4("198.51.100.1", "198.51.100.40"))])
core("FWD-15", "IPv6 echo from a VM elsewhere", "RouterAddress", echo6("2001:db8:1::40", "2001:db8:1::1", tc=0x28),
     injections=[originated(BLUE, reply6("2001:db8:1::1", "2001:db8:1::40", tc=0x28))])
for what, packet, reason in [
        ("a TCP segment", IP(src="198.51.100.25", dst="198.51.100.1") / TCP(dport=179), "NoListener"),
        ("a UDP datagram", IPv6(src="2001:db8:1::25", dst="2001:db8:1::1") / UDP(dport=53), "NoListener"),
        ("an echo reply", IP(src="198.51.100.25", dst="198.51.100.1") / ICMP(type=0), "IcmpUnsupported"),
        ("a timestamp request", IP(src="198.51.100.25", dst="198.51.100.1") / ICMP(type=13), "IcmpUnsupported"),
        ("a wrong ICMP checksum", IP(src="198.51.100.25", dst="198.51.100.1") / ICMP(type=8, chksum=1),
         "IcmpMalformed"),
        ("a wrong ICMPv6 checksum", IPv6(src="2001:db8:1::25", dst="fe80::1") / ICMPv6EchoRequest(cksum=1),
         "IcmpMalformed"),
        ("half an ICMP header", IP(src="198.51.100.25", dst="198.51.100.1", proto=1) / Raw(b"\x08\x00\xf7\xff"),
         "IcmpMalformed"),
        ("a first fragment", IP(src="198.51.100.25", dst="198.51.100.1", flags="MF") / ICMP(type=8), "Fragment"),
        ("an IPv6 fragment", IPv6(src="2001:db8:1::25", dst="2001:db8:1::1") / IPv6ExtHdrFragment(offset=8, nh=58)
         / Raw(bytes(16)), "Fragment")]:
    access("FWD-15", f"router address gets {what}", "RouterAddress", GUEST, packet, **dropped(reason))

# --- ICMP errors: FWD-23 ---------------------------------------------------------------------------------------------


def error4(source, destination, quoted, **icmp):
    return IP(src=source, dst=destination, id=0, ttl=64, tos=0xc0) / ICMP(**icmp) / Raw(bytes(quoted)[:548])


def error6(source, destination, quoted, message):
    return IPv6(src=source, dst=destination, hlim=64, tc=0xc0) / message / Raw(bytes(quoted)[:1232])


short4 = IP(src="198.51.100.25", dst="198.51.100.40", ttl=1, id=77) / UDP(sport=1, dport=33434) / Raw(DATA)
access("FWD-23", "TTL expires", "TtlExpired", GUEST, short4,
       frames=[to_guest(GUEST, 4, error4("198.51.100.1", "198.51.100.25", short4, type=11, code=0))])
access("FWD-23", "TTL expires, frame padded", "TtlExpired", GUEST, bytes(short4) + bytes(9),
       frames=[to_guest(GUEST, 4, error4("198.51.100.1", "198.51.100.25", short4, type=11, code=0))])
red4 = IP(src="10.1.0.5", dst="10.9.0.1", ttl=1) / UDP(sport=1, dport=33434) / Raw(DATA)
access("FWD-23", "TTL expires in a VRF without router address", "TtlExpired", QINQ, red4,
       frames=[to_guest(QINQ, 4, error4("169.254.0.1", "10.1.0.5", red4, type=11, code=0))])
red6 = IPv6(src="2001:db8:2::5", dst="2001:db8:9::1", hlim=1) / UDP(sport=1, dport=33434) / Raw(DATA)
access("FWD-23", "hop limit expires in a VRF without router address", "TtlExpired", QINQ, red6, destination=VMAC6,
       frames=[to_guest(QINQ, 6, error6("fe80::1", "2001:db8:2::5", red6, ICMPv6TimeExceeded(code=0)))])
blue6 = IPv6(src="2001:db8:1::25", dst="2001:db8:1::40", hlim=1, fl=0x12345, tc=0xb8) / UDP(dport=33434) / Raw(DATA)
access("FWD-23", "hop limit expires", "TtlExpired", GUEST, blue6, destination=VMAC6,
       frames=[to_guest(GUEST, 6, error6("2001:db8:1::1", "2001:db8:1::25", blue6, ICMPv6TimeExceeded(code=0)))])
far4 = IP(src="198.51.100.40", dst="198.51.100.26", ttl=1) / UDP(dport=33434) / Raw(DATA)
core("FWD-23", "TTL of a packet from the core expires", "TtlExpired", far4,
     injections=[originated(BLUE, error4("198.51.100.1", "198.51.100.40", far4, type=11, code=0))])
core("FWD-23", "TTL of a packet from the core expires, no router address", "TtlExpired", far4, vrf=RED,
     injections=[originated(RED, error4("169.254.0.1", "198.51.100.40", far4, type=11, code=0))])
far6 = IPv6(src="2001:db8:1::40", dst="2001:db8:1::26", hlim=1) / UDP(dport=33434) / Raw(DATA)
core("FWD-23", "hop limit of a packet from the core expires", "TtlExpired", far6,
     injections=[originated(BLUE, error6("2001:db8:1::1", "2001:db8:1::40", far6, ICMPv6TimeExceeded(code=0)))])
core("FWD-23", "hop limit of a packet from the core expires, no router address", "TtlExpired", far6, vrf=RED,
     **dropped("NoIcmpSource"))

case("FWD-23", "TTL of a packet that lost its frame to an injection", "TtlExpired", 0, short4, interface=0,
     injections=[originated(BLUE, error4("198.51.100.1", "198.51.100.25", short4, type=11, code=0))])

big4 = IP(src="198.51.100.25", dst="198.51.100.40", flags="DF", id=5) / ICMP(type=8, id=1, seq=2) / Raw(bytes(1445))
access("FWD-23", "1473 octets with DF", "MtuExceeded", GUEST, big4, mtu=1472,
       frames=[to_guest(GUEST, 4, error4("198.51.100.1", "198.51.100.25", big4, type=3, code=4, nexthopmtu=1472))])
big6 = IPv6(src="2001:db8:1::25", dst="2001:db8:1::40") / ICMPv6EchoRequest(data=bytes(1453))
access("FWD-23", "IPv6 larger than the tunnel", "MtuExceeded", GUEST, big6, destination=VMAC6, mtu=1472,
       frames=[to_guest(GUEST, 6, error6("2001:db8:1::1", "2001:db8:1::25", big6, ICMPv6PacketTooBig(mtu=1472)))])
access("FWD-23", "IPv6 larger than a tunnel below 1280", "MtuExceeded", GUEST, big6, destination=VMAC6, mtu=1252,
       frames=[to_guest(GUEST, 6, error6("2001:db8:1::1", "2001:db8:1::25", big6, ICMPv6PacketTooBig(mtu=1280)))])
access("FWD-23", "IPv6 of 1280 octets for a tunnel below", "MtuExceeded", GUEST,
       IPv6(src="2001:db8:1::25", dst="2001:db8:1::40") / UDP() / Raw(bytes(1232)), destination=VMAC6, mtu=1252,
       **dropped("MtuTooSmall"))
access("FWD-23", "packet that fits", "MtuExceeded", GUEST,
       IP(src="198.51.100.25", dst="198.51.100.40") / UDP() / Raw(bytes(1444)), mtu=1472, **dropped("InconsistentPunt"))
farbig4 = IP(src="198.51.100.40", dst="10.1.0.5", flags="DF") / UDP() / Raw(bytes(1400))
core("FWD-23", "from the core too big for an interface", "MtuExceeded", farbig4, vrf=RED, mtu=1400, target=1,
     keep_ttl=True,
     injections=[originated(RED, error4("169.254.0.1", "198.51.100.40", farbig4, type=3, code=4,
                                              nexthopmtu=1400))])

for what, packet in [
        ("an ICMP error", IP(src="198.51.100.25", dst="198.51.100.40", ttl=1) / ICMP(type=3, code=1) / Raw(DATA)),
        ("an ICMP redirect", IP(src="198.51.100.25", dst="198.51.100.40", ttl=1) / ICMP(type=5) / Raw(DATA)),
        ("an ICMP header cut to nothing", IP(src="198.51.100.25", dst="198.51.100.40", ttl=1, proto=1)),
        ("a later fragment", IP(src="198.51.100.25", dst="198.51.100.40", ttl=1, frag=10, proto=17) / Raw(DATA)),
        ("an unspecified source", IP(src="0.0.0.0", dst="198.51.100.40", ttl=1) / UDP()),
        ("a multicast source", IP(src="224.0.0.9", dst="198.51.100.40", ttl=1) / UDP()),
        ("a broadcast source", IP(src="255.255.255.255", dst="198.51.100.40", ttl=1) / UDP()),
        ("a loopback source", IP(src="127.0.0.1", dst="198.51.100.40", ttl=1) / UDP()),
        ("a multicast destination", IP(src="198.51.100.25", dst="224.0.0.9", ttl=1) / UDP()),
        ("a broadcast destination", IP(src="198.51.100.25", dst="255.255.255.255", ttl=1) / UDP()),
        ("an ICMPv6 error", IPv6(src="2001:db8:1::25", dst="2001:db8:1::40", hlim=1) / ICMPv6DestUnreach()),
        ("an ICMPv6 error behind extension headers", IPv6(src="2001:db8:1::25", dst="2001:db8:1::40", hlim=1)
         / IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))]) / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))])
         / ICMPv6DestUnreach()),
        ("a later IPv6 fragment", IPv6(src="2001:db8:1::25", dst="2001:db8:1::40", hlim=1)
         / IPv6ExtHdrFragment(offset=4, nh=17) / Raw(DATA)),
        ("an unspecified IPv6 source", IPv6(src="::", dst="2001:db8:1::40", hlim=1) / UDP())]:
    access("FWD-23", f"no error about {what}", "TtlExpired", GUEST, packet, **dropped("IcmpSuppressed"))
access("FWD-23", "no error about a link-layer broadcast", "TtlExpired", GUEST, short4, destination=BROADCAST,
       **dropped("IcmpSuppressed"))
first6 = (IPv6(src="2001:db8:1::25", dst="2001:db8:1::40", hlim=1) / IPv6ExtHdrFragment(offset=0, m=1, nh=17, id=3)
          / UDP(len=100, chksum=1) / Raw(DATA))
access("FWD-23", "error about a first IPv6 fragment", "TtlExpired", GUEST, first6, destination=VMAC6,
       frames=[to_guest(GUEST, 6, error6("2001:db8:1::1", "2001:db8:1::25", first6, ICMPv6TimeExceeded(code=0)))])

# --- Fragmentation: FWD-23, RFC 791 ----------------------------------------------------------------------------------

PAYLOAD = bytes(i * 7 & 0xff for i in range(3001))


def part(start, end, more, options=(), offset=0, **ip):
    return IP(src="198.51.100.25", dst="198.51.100.40", id=0x1234, ttl=9, proto=253, flags="MF" if more else 0,
              frag=offset + start // 8, options=list(options), **ip) / Raw(PAYLOAD[start:end])


whole = part(0, 3001, False)
access("FWD-23", "no DF: three fragments", "MtuExceeded", GUEST, whole, mtu=1472, disposition="Forwarded",
       injections=[injected(BLUE, "Access", part(0, 1448, True), 0),
                   injected(BLUE, "Access", part(1448, 2896, True), 0),
                   injected(BLUE, "Access", part(2896, 3001, False), 0)])
core("FWD-23", "no DF from the core", "MtuExceeded", whole, mtu=1500, disposition="Forwarded",
     injections=[injected(BLUE, "Core", part(0, 1480, True)), injected(BLUE, "Core", part(1480, 2960, True)),
                 injected(BLUE, "Core", part(2960, 3001, False))])
# Router alert (148) and the stream id (136) have the copied flag, record route (7) and NOP have not.
alert = IPOption(bytes.fromhex("94040000"))
stream = IPOption(bytes.fromhex("88040102"))
record = IPOption_RR(pointer=4, routers=["0.0.0.0", "0.0.0.0"])
access("FWD-23", "options by their copied flag", "MtuExceeded", GUEST,
       part(0, 2000, False, [IPOption_NOP(), alert, record, stream]), mtu=1400, disposition="Forwarded",
       injections=[injected(BLUE, "Access", part(0, 1360, True, [IPOption_NOP(), alert, record, stream]), 0),
                   injected(BLUE, "Access", part(1360, 2000, False, [alert, stream]), 0)])
access("FWD-23", "fragment of a fragment", "MtuExceeded", GUEST, part(0, 1600, True, offset=100), mtu=820,
       disposition="Forwarded",
       injections=[injected(BLUE, "Access", part(0, 800, True, offset=100), 0),
                   injected(BLUE, "Access", part(800, 1600, True, offset=100), 0)])
access("FWD-23", "options that run beyond the header", "MtuExceeded", GUEST,
       part(0, 2000, False, [IPOption(bytes.fromhex("94ff0000"))]), mtu=1400, **dropped("Malformed"))


core("FWD-23", "no DF with an interface label: delivered in fragments", "MtuExceeded", whole, mtu=1500, target=0,
     keep_ttl=True, disposition="Forwarded",
     injections=[delivered(BLUE, 0, part(0, 1480, True)), delivered(BLUE, 0, part(1480, 2960, True)),
                 delivered(BLUE, 0, part(2960, 3001, False))])
core("FWD-23", "the forwarder's own datagram for a tunnel, in fragments", "MtuExceeded", whole, mtu=1500, keep_ttl=True,
     disposition="Forwarded",
     injections=[originated(BLUE, part(0, 1480, True)), originated(BLUE, part(1480, 2960, True)),
                 originated(BLUE, part(2960, 3001, False))])

# --- Resolution of guests: the question, and the packet that waits ---------------------------------------------------

access("SEC-14", "destination is not the interface's", "NeighborUnresolved", GUEST,
       IP(src="198.51.100.25", dst="192.0.2.1") / UDP(), target=2, **dropped("NotOnLink"))
access("FWD-14", "guest asked by ARP from the router address", "NeighborUnresolved", GUEST,
       IP(src="198.51.100.25", dst="198.51.100.26") / UDP() / Raw(DATA), target=2, disposition="Held",
       frames=[to_guest(TAP, 4, ARP(op=1, hwsrc=VMAC4, psrc="198.51.100.1", hwdst="00:00:00:00:00:00",
                                    pdst="198.51.100.26"), BROADCAST)])
core("FWD-14", "guest asked by ARP from the first-hop address", "NeighborUnresolved",
     IP(src="10.9.0.1", dst="10.1.0.5") / UDP() / Raw(DATA), vrf=RED, target=1, disposition="Held",
     frames=[to_guest(QINQ, 4, ARP(op=1, hwsrc=VMAC4, psrc="169.254.0.1", hwdst="00:00:00:00:00:00", pdst="10.1.0.5"),
                      BROADCAST)])
core("FWD-14", "guest asked by ND", "NeighborUnresolved",
     IPv6(src="2001:db8:9::1", dst="2001:db8:2::5") / UDP() / Raw(DATA), vrf=RED, target=1, disposition="Held",
     frames=[to_guest(QINQ, 6, nd("fe80::1", solicited_node("2001:db8:2::5")[0], ICMPv6ND_NS(tgt="2001:db8:2::5")
                                  / ICMPv6NDOptSrcLLAddr(lladdr=VMAC6)), solicited_node("2001:db8:2::5")[1])])

# --- Underlay --------------------------------------------------------------------------------------------------------

underlay("underlay", "ARP for our address", "UnderlayArp",
         Ether(src=ROUTER_MAC, dst=BROADCAST)
         / ARP(op=1, hwsrc=ROUTER_MAC, psrc="203.0.113.1", hwdst="00:00:00:00:00:00", pdst="203.0.113.17")
         / Raw(bytes(18)),
         frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=ROUTER_MAC)
                      / ARP(op=2, hwsrc=CORE_MAC, psrc="203.0.113.17", hwdst=ROUTER_MAC, pdst="203.0.113.1"))])
underlay("underlay", "ARP probe of our address is answered", "UnderlayArp",
         Ether(src=ROUTER_MAC, dst=BROADCAST)
         / ARP(op=1, hwsrc=ROUTER_MAC, psrc="0.0.0.0", hwdst="00:00:00:00:00:00", pdst="203.0.113.17"),
         frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=ROUTER_MAC)
                      / ARP(op=2, hwsrc=CORE_MAC, psrc="203.0.113.17", hwdst=ROUTER_MAC, pdst="0.0.0.0"))])
underlay("SEC-04", "ARP on the underlay for a tenant's address", "UnderlayArp",
         Ether(src=ROUTER_MAC, dst=BROADCAST) / ARP(op=1, hwsrc=ROUTER_MAC, psrc="203.0.113.1", pdst="198.51.100.25"),
         **dropped("NotForUs"))
underlay("underlay", "somebody else announces our address", "UnderlayArp",
         Ether(src=ROUTER_MAC, dst=BROADCAST) / ARP(op=1, hwsrc=ROUTER_MAC, psrc="203.0.113.17", pdst="203.0.113.17"),
         **dropped("AddressConflict"))
underlay("underlay", "ARP reply on the underlay that nobody asked for", "UnderlayArp",
         Ether(src=ROUTER_MAC, dst=CORE_MAC)
         / ARP(op=2, hwsrc=ROUTER_MAC, psrc="203.0.113.1", hwdst=CORE_MAC, pdst="203.0.113.17"),
         **dropped("Unsolicited"))


def core_na(destination, solicited, mac):
    return sent(0, NONE, Ether(src=CORE_MAC, dst=mac)
                / nd("2001:db8:f::17", destination, ICMPv6ND_NA(R=1, S=solicited, O=1, tgt="2001:db8:f::17")
                     / ICMPv6NDOptDstLLAddr(lladdr=CORE_MAC)))


group, group_mac = solicited_node("2001:db8:f::17")
underlay("underlay", "ND for our address", "UnderlayNd",
         Ether(src=ROUTER_MAC, dst=group_mac) / nd("2001:db8:f::1", group, ICMPv6ND_NS(tgt="2001:db8:f::17")
                                                   / ICMPv6NDOptSrcLLAddr(lladdr=ROUTER_MAC)),
         frames=[core_na("2001:db8:f::1", 1, ROUTER_MAC)])
underlay("underlay", "DAD of our address is answered", "UnderlayNd",
         Ether(src=ROUTER_MAC, dst=group_mac) / nd("::", group, ICMPv6ND_NS(tgt="2001:db8:f::17")),
         frames=[core_na("ff02::1", 0, ALL_NODES_MAC)])
underlay("SEC-04", "ND on the underlay for a tenant's address", "UnderlayNd",
         Ether(src=ROUTER_MAC, dst=CORE_MAC) / nd("2001:db8:f::1", solicited_node("2001:db8:1::25")[0],
                                                  ICMPv6ND_NS(tgt="2001:db8:1::25")), **dropped("NotForUs"))
underlay("underlay", "router advertisement of the underlay", "UnderlayNd",
         Ether(src=ROUTER_MAC, dst=ALL_NODES_MAC) / nd("fe80::9", "ff02::1", ICMPv6ND_RA()), **dropped("NotForUs"))
underlay("underlay", "echo to our address", "UnderlayLocal",
         Ether(src=ROUTER_MAC, dst=CORE_MAC) / echo4("192.0.2.9", "203.0.113.17"),
         frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=ROUTER_MAC) / reply4("203.0.113.17", "192.0.2.9"))])
underlay("underlay", "IPv6 echo to our address", "UnderlayLocal",
         Ether(src=ROUTER_MAC, dst=CORE_MAC) / echo6("2001:db8:a::9", "2001:db8:f::17"),
         frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=ROUTER_MAC) / reply6("2001:db8:f::17", "2001:db8:a::9"))])
underlay("underlay", "ICMP error of the underlay", "UnderlayLocal",
         Ether(src=ROUTER_MAC, dst=CORE_MAC) / IP(src="192.0.2.9", dst="203.0.113.17") / ICMP(type=3, code=4)
         / Raw(DATA), **dropped("IcmpUnsupported"))
access("underlay", "next hop asked by ARP", "UnderlayUnresolved", GUEST,
       IP(src="198.51.100.25", dst="198.51.100.40") / UDP() / Raw(DATA), disposition="Held",
       frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=BROADCAST)
                    / ARP(op=1, hwsrc=CORE_MAC, psrc="203.0.113.17", hwdst="00:00:00:00:00:00", pdst="203.0.113.44"))])
group, group_mac = solicited_node("2001:db8:f::1")
access("underlay", "next hop asked by ND", "UnderlayUnresolved", GUEST,
       IP(src="198.51.100.25", dst="198.51.100.40") / UDP() / Raw(DATA), tunnel=1, disposition="Held",
       frames=[sent(0, NONE, Ether(src=CORE_MAC, dst=group_mac)
                    / nd("2001:db8:f::17", group, ICMPv6ND_NS(tgt="2001:db8:f::1")
                         / ICMPv6NDOptSrcLLAddr(lladdr=CORE_MAC)))])

names = [c["name"] for c in cases]
assert len(names) == len(set(names)), {n for n in names if names.count(n) > 1}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.json"), "w", encoding="utf-8") as out:
    json.dump(cases, out, indent=1)
    out.write("\n")
print(f"{len(cases)} cases")
