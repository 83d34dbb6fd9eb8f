#!/usr/bin/python3
"""Writes vrrp.json: VRRPv3 frames as scapy builds them, and packets that RFC 9568 section 7.1 says to discard.

    /usr/bin/python3 tests/Dataplane.SlowPath.Tests/vectors/make_vrrp_vectors.py

Port 1 of TestTopology.cs. "sent" are frames that an election with these settings must send, octet by octet. "received" are IP packets with
what becomes of them.
"""
import json
import os

from scapy.config import conf
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import Dot1Q, Ether
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.packet import Raw
from scapy.utils import checksum

conf.verb = 0
OTHER4, OTHER6 = "192.0.2.3", "fe80::3"
sent, received = [], []


def packet(source, virtual, vrid, priority, interval, ttl=255, tos=0xC0, ipid=0):
    body = VRRPv3(vrid=vrid, priority=priority, ipcount=1, adv=interval, addrlist=[virtual])
    if ":" in source:
        return IPv6(src=source, dst="ff02::12", hlim=ttl, nh=112, tc=tos) / body
    return IP(src=source, dst="224.0.0.18", ttl=ttl, proto=112, tos=tos, id=ipid) / body


def without_pseudo_header(ip):
    raw = bytearray(bytes(ip))
    raw[26:28] = b"\0\0"
    raw[26:28] = checksum(bytes(raw[20:])).to_bytes(2, "big")
    return bytes(raw)


def send(name, source, virtual, vrid=1, priority=100, interval=100, vlan=0, pseudo=True):
    ip = packet(source, virtual, vrid, priority, interval)
    v6 = ":" in source
    ether = Ether(src="00:00:5e:00:0%d:%02x" % (2 if v6 else 1, vrid), dst="33:33:00:00:00:12" if v6 else "01:00:5e:00:00:12")
    if vlan:
        ether = ether / Dot1Q(vlan=vlan)
    ether.lastlayer().type = 0x86DD if v6 else 0x0800
    body = bytes(ip) if pseudo else without_pseudo_header(ip)
    sent.append(dict(name=name, address=source, virtualAddress=virtual, vrid=vrid, priority=priority, interval=interval, vlan=vlan,
                     pseudoHeader=pseudo, frame=(bytes(ether / Raw(body))).hex()))


def receive(name, data, fault="None", priority=0, interval=0, source=""):
    received.append(dict(name=name, packet=bytes(data).hex(), fault=fault, priority=priority, interval=interval, source=source))


def changed(data, at, value):
    raw = bytearray(bytes(data))
    raw[at] = value
    return bytes(raw)


def resummed(data, at, value):
    """As changed, with the VRRP checksum of the IPv4 packet right again."""
    return without_pseudo_header(changed(data, at, value))


send("IPv4", "192.0.2.2", "169.254.0.1")
send("IPv4 in a VLAN, fast", "192.0.2.2", "169.254.0.1", vrid=7, priority=254, interval=1, vlan=4000)
send("IPv4, slowest", "192.0.2.2", "169.254.0.1", vrid=255, priority=1, interval=4095)
send("IPv4 without pseudo-header", "192.0.2.2", "169.254.0.1", pseudo=False)
send("IPv6", "fe80::2", "fe80::1")
send("IPv6 in a VLAN", "fe80::2", "fe80::1", vrid=9, priority=200, interval=20, vlan=2)

good4, good6 = packet(OTHER4, "169.254.0.1", 1, 150, 25), packet(OTHER6, "fe80::1", 1, 150, 25)
receive("IPv4", good4, priority=150, interval=25, source=OTHER4)
receive("IPv4 without pseudo-header", without_pseudo_header(good4), priority=150, interval=25, source=OTHER4)
receive("IPv4 with padding", bytes(good4) + bytes(14), priority=150, interval=25, source=OTHER4)
receive("IPv4 with three addresses", IP(src=OTHER4, dst="224.0.0.18", ttl=255, proto=112) / VRRPv3(
    vrid=1, priority=150, ipcount=3, adv=25, addrlist=["169.254.0.1", "192.0.2.9", "192.0.2.10"]), priority=150, interval=25, source=OTHER4)
receive("IPv4 that resigns", packet(OTHER4, "169.254.0.1", 1, 0, 25), priority=0, interval=25, source=OTHER4)
receive("IPv6", good6, priority=150, interval=25, source=OTHER6)
receive("IPv4 through a router", packet(OTHER4, "169.254.0.1", 1, 150, 25, ttl=254), "HopLimit")
receive("IPv6 through a router", packet(OTHER6, "fe80::1", 1, 150, 25, ttl=254), "HopLimit")
receive("IPv4 header checksum", changed(good4, 10, bytes(good4)[10] ^ 1), "IpHeader")
receive("IPv4 fragment", IP(src=OTHER4, dst="224.0.0.18", ttl=255, proto=112, flags="MF") / bytes(good4)[20:], "IpHeader")
receive("IPv6 fragment", IPv6(src=OTHER6, dst="ff02::12", hlim=255) / IPv6ExtHdrFragment(nh=112, m=1) / bytes(good6)[40:], "IpHeader")
receive("nothing", b"", "IpHeader")
receive("IPv4 header cut off", bytes(good4)[:19], "IpHeader")
receive("version 2", IP(src=OTHER4, dst="224.0.0.18", ttl=255, proto=112) / VRRP(vrid=1, priority=150, ipcount=1, addrlist=["169.254.0.1"]), "Version")
receive("another type", resummed(good4, 20, 0x32), "Type")
receive("header cut off", IP(src=OTHER4, dst="224.0.0.18", ttl=255, proto=112) / bytes(good4)[20:27], "Length")
receive("address cut off", IP(src=OTHER4, dst="224.0.0.18", ttl=255, proto=112) / bytes(good4)[20:31], "Length")
receive("more addresses than there are", resummed(good4, 23, 200), "Length")
receive("no address", resummed(good4, 23, 0), "Length")
receive("IPv4 checksum", changed(good4, 22, 151), "Checksum")
receive("IPv6 checksum", changed(good6, 42, 151), "Checksum")
receive("interval of zero", packet(OTHER4, "169.254.0.1", 1, 150, 0), "Interval")

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vrrp.json"), "w", encoding="ascii") as out:
    json.dump(dict(sent=sent, received=received), out, indent=1)
    out.write("\n")
