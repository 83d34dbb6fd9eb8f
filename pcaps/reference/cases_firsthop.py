"""The first hop as guests see it: ARP, neighbour discovery, duplicate address detection, echo (FWD-11 to FWD-17)."""
import struct

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6ND_RA, ICMPv6ND_Redirect, IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import ARP
from scapy.packet import Raw

from .case import Case
from .frames import (BROADCAST, FAR4, HOP4, HOP6, HOST1, HOST2, REMOTE, REMOTE6, ROUTER, ROUTER6, VIRTUAL4, VIRTUAL6, VM1,
                     VM1_6, VM2, VM2_6, after_hop, echo, payload, tagged, udp)
from .link import (ALL_NODES, ALL_NODES_MAC, advertisement, arp_reply, arp_request, echo_reply, multicast_mac,
                   router_advertisement, router_solicitation, solicitation, solicited_node, virtual_advertisement,
                   virtual_arp_reply)
from .topology import interface, red, standard

HOST1_LL, HOST2_LL = "fe80::aa:10ff:fec0:ffee", "fe80::aa:10ff:fec0:ff01"


def cases():
    yield arp_any_target()
    yield arp_duplicate_detection()
    yield arp_spoofed()
    yield arp_malformed()
    yield arp_tags()
    yield configured_first_hop()
    yield nd_any_target()
    yield nd_duplicate_detection()
    yield nd_spoofed()
    yield nd_malformed()
    yield nd_router()
    yield nd_rogue_router()
    yield echo_from_guest()
    yield echo_through_tunnel()
    yield router_address_other()
    yield punt_rate()


def answered(c, vm, request, **more):
    """An ARP request that the first hop answers."""
    c.guest(vm, request, dst=more.pop("dst", BROADCAST), **more).punt("arp").answered().to_guest(
        vm, virtual_arp_reply(request), mac=request.hwsrc,
        decode={"arp.opcode": "2", "arp.src.hw_mac": VIRTUAL4, "arp.src.proto_ipv4": request.pdst,
                "arp.dst.proto_ipv4": request.psrc})


def arp_any_target():
    c = Case("arp-any-target", "FirstHop",
             "Every ARP request of a guest is answered with the virtual MAC, wherever the target is and whether it exists",
             ["FWD-11", "FWD-13", "FWD-15", "FWD-16", "FWD-17", "EXT-09", "EXT-11", "ARC-06", "AMB-26"], standard())
    for target in (REMOTE, VM2, "198.51.100.99", ROUTER, "198.51.100.254", HOP4, "192.0.2.1", "203.0.113.17"):
        answered(c, "vm1", arp_request(HOST1, VM1, target))
    for target in (REMOTE, ROUTER, HOP4):
        answered(c, "vm3", arp_request(HOST2, VM1, target))
    answered(c, "vm2", arp_request(HOST1, VM2, VM1))
    answered(c, "vm1", arp_request(HOST1, VM1, REMOTE), dst=VIRTUAL4)
    answered(c, "vm1", arp_request(HOST1, VM1, REMOTE), pad=b"\0" * 14)
    return c


def arp_duplicate_detection():
    c = Case("arp-duplicate-detection", "FirstHop",
             "Probes and announcements of the asker's own address meet silence; probes for any other address are answered",
             ["AMB-27", "FWD-11"], standard())
    for request in (arp_request(HOST1, "0.0.0.0", VM1), arp_request(HOST1, VM1, VM1)):
        c.guest("vm1", request, dst=BROADCAST).punt("arp").drop("dad-own-address")
    c.guest("vm2", arp_request(HOST1, "0.0.0.0", VM2), dst=BROADCAST).punt("arp").drop("dad-own-address")
    for target in (VM2, REMOTE, "198.51.100.99"):
        answered(c, "vm1", arp_request(HOST1, "0.0.0.0", target))
    answered(c, "vm2", arp_request(HOST1, "0.0.0.0", VM1))
    c.guest("vm1", arp_reply(HOST1, VM1, BROADCAST, VM1), dst=BROADCAST).punt("arp").drop("unsolicited")
    return c


def arp_spoofed():
    c = Case("arp-spoofed", "FirstHop", "ARP with a sender address that is not the interface's is dropped and teaches nothing",
             ["SEC-03", "SEC-14", "FWD-11"], standard())
    for sender, target in ((VM2, REMOTE), (ROUTER, VM1), (HOP4, HOP4), ("192.0.2.1", VM1), (VM2, VM2)):
        c.guest("vm1", arp_request(HOST1, sender, target), dst=BROADCAST).punt("arp").drop("arp-spoofed")
    c.guest("vm1", arp_reply(HOST1, VM2, VIRTUAL4, ROUTER), dst=VIRTUAL4).punt("arp").drop("arp-spoofed")
    c.guest("vm1", arp_reply(HOST1, VM1, VIRTUAL4, ROUTER), dst=VIRTUAL4).punt("arp").drop("unsolicited")
    packet = udp(REMOTE, VM2)
    c.from_far(52014, packet).accepted(52014, packet).deliver("vm2", packet)
    return c


def arp_malformed():
    c = Case("arp-malformed", "FirstHop", "ARP that is not Ethernet and IPv4, cut off, or of another operation is dropped",
             ["FWD-11", "MGT-08"], standard())
    good = arp_request(HOST1, VM1, REMOTE)
    for change in ({"hwtype": 6}, {"ptype": 0x86DD}, {"hwlen": 8}, {"plen": 16}, {"op": 3}, {"op": 0}, {"hwsrc": "01:00:5e:00:00:01"},
                   {"pdst": "255.255.255.255"}, {"pdst": "224.0.0.1"}, {"pdst": "0.0.0.0"}):
        request = bytearray(bytes(good))
        if "hwtype" in change:
            request[0:2] = change["hwtype"].to_bytes(2, "big")
        elif "ptype" in change:
            request[2:4] = change["ptype"].to_bytes(2, "big")
        elif "hwlen" in change:
            request[4] = change["hwlen"]
        elif "plen" in change:
            request[5] = change["plen"]
        else:
            altered = good.copy()
            for name, value in change.items():
                setattr(altered, name, value)
            request = bytes(altered)
        c.guest("vm1", ARP(bytes(request)), dst=BROADCAST).punt("arp").drop("arp-malformed")
    for size in (0, 8, 27):
        frame = tagged(BROADCAST, HOST1, [317], bytes(good)[:size], kind=0x0806)
        c.rx("acc0", frame, "vm1").punt("arp").drop("arp-malformed")
    return c


def arp_tags():
    config = standard(interfaces=[interface("vm1", None, "blue", 52013, [VM1 + "/32"], mac=None),
                                  interface("vm2", [100, 317], "blue", 52014, [VM2 + "/32"]),
                                  interface("vm3", 317, "red", 52015, [VM1 + "/32"], mac=HOST2)])
    c = Case("arp-tags", "FirstHop", "Answers go out as the question came: untagged, tagged or double tagged, to the asker's MAC",
             ["FWD-11", "EXT-09", "EXT-02"], config)
    answered(c, "vm1", arp_request(HOST1, VM1, REMOTE), src=HOST1)
    answered(c, "vm1", arp_request(HOST2, VM1, REMOTE), src=HOST2)
    answered(c, "vm2", arp_request(HOST1, VM2, REMOTE))
    answered(c, "vm3", arp_request(HOST2, VM1, REMOTE))
    return c


def configured_first_hop():
    mac4, mac6 = "02:fe:00:00:00:01", "02:fe:00:00:00:06"
    config = standard(vrfs=[red(name="blue", label=3000)], interfaces=standard()["interfaces"][:1],
                      **{"first-hop": {"mac": mac4, "mac6": mac6, "address": "169.254.7.1", "address6": "fe80::7:1"}})
    c = Case("first-hop-configured", "FirstHop", "First-hop MACs and link-local addresses are configurable",
             ["FWD-12", "FWD-13", "FWD-15", "AMB-26", "AMB-49"], config)
    request = arp_request(HOST1, VM1, "169.254.7.1")
    c.guest("vm1", request, dst=BROADCAST).punt("arp").answered().to_guest(
        "vm1", virtual_arp_reply(request, mac4), source=mac4)
    query = solicitation(HOST1, HOST1_LL, "fe80::7:1")
    c.guest("vm1", query, dst=multicast_mac(query.dst)).punt("nd").answered().to_guest(
        "vm1", virtual_advertisement(query, mac6, "fe80::7:1"), source=mac6)
    ask = router_solicitation(HOST1, HOST1_LL)
    c.guest("vm1", ask, dst=multicast_mac(ask.dst)).punt("nd").answered().to_guest(
        "vm1", router_advertisement(HOST1_LL, mac=mac6, source="fe80::7:1"), source=mac6)
    ping = echo(VM1, "169.254.7.1")
    c.guest("vm1", ping, dst=mac4).punt("router-address").answered().to_guest("vm1", echo_reply(ping), source=mac4)
    ping = echo(HOST1_LL, "fe80::7:1")
    c.guest("vm1", ping, dst=mac6).punt("router-address").answered().to_guest("vm1", echo_reply(ping), source=mac6)
    c.guest("vm1", echo(VM1, HOP4), dst=mac4).drop("link-local")
    c.guest("vm1", echo(HOST1_LL, HOP6), dst=mac6).drop("link-local")
    return c


def advertised(c, vm, query, dst=None):
    """A solicitation that the first hop answers."""
    group = query.dst.startswith("ff")
    unspecified = query.src == "::"
    target = query.payload.tgt
    c.guest(vm, query, dst=dst or (multicast_mac(query.dst) if group else VIRTUAL6)).punt("nd").answered().to_guest(
        vm, virtual_advertisement(query), mac=ALL_NODES_MAC if unspecified else None,
        decode={"icmpv6.type": "136", "icmpv6.nd.na.target_address": target, "icmpv6.opt.linkaddr": VIRTUAL6,
                "outer.dst": ALL_NODES if unspecified else query.src})


def nd_any_target():
    c = Case("nd-any-target", "FirstHop",
             "Every neighbour solicitation of a guest is answered with the virtual MAC: router, solicited, override",
             ["FWD-11", "FWD-13", "FWD-15", "FWD-16", "FWD-17", "EXT-09", "AMB-26"], standard())
    for target in (REMOTE6, VM2_6, "2001:db8:1::99", ROUTER6, HOP6, "2001:db8:9::1", "fe80::99"):
        advertised(c, "vm1", solicitation(HOST1, VM1_6, target))
        advertised(c, "vm1", solicitation(HOST1, HOST1_LL, target))
    advertised(c, "vm3", solicitation(HOST2, VM1_6, REMOTE6))
    advertised(c, "vm1", solicitation(HOST1, HOST1_LL, HOP6, dst=HOP6))
    advertised(c, "vm1", solicitation(HOST1, VM1_6, ROUTER6, dst=ROUTER6))
    return c


def nd_duplicate_detection():
    c = Case("nd-duplicate-detection", "FirstHop",
             "Duplicate address detection of the asker's own addresses meets silence; of any other address it is answered to all nodes",
             ["AMB-27", "FWD-11"], standard())
    for vm, target in (("vm1", VM1_6), ("vm1", HOST1_LL), ("vm2", VM2_6), ("vm3", VM1_6)):
        query = solicitation(HOST1, "::", target)
        c.guest(vm, query, dst=multicast_mac(query.dst)).punt("nd").drop("dad-own-address")
    for target in (VM2_6, REMOTE6, ROUTER6, HOP6):
        advertised(c, "vm1", solicitation(HOST1, "::", target))
    return c


def nd_spoofed():
    c = Case("nd-spoofed", "FirstHop", "Neighbour discovery from or about addresses that are not the guest's is dropped",
             ["SEC-03", "SEC-14", "FWD-11"], standard())
    for source in (VM2_6, ROUTER6, HOP6, "2001:db8:9::1"):
        query = solicitation(HOST1, source, REMOTE6)
        c.guest("vm1", query, dst=multicast_mac(query.dst)).punt("nd").drop("nd-spoofed")
    for target in (VM2_6, ROUTER6, HOP6):
        told = advertisement(HOST1, HOST1_LL, target, HOP6)
        c.guest("vm1", told).punt("nd").drop("nd-spoofed")
    told = advertisement(HOST1, HOST1_LL, VM1_6, HOP6)
    c.guest("vm1", told).punt("nd").drop("unsolicited")
    told = advertisement(HOST1, HOST1_LL, VM1_6, ALL_NODES, solicited=0)
    c.guest("vm1", told, dst=ALL_NODES_MAC).punt("nd").drop("unsolicited")
    return c


def nd_malformed():
    c = Case("nd-malformed", "FirstHop", "Neighbour discovery that RFC 4861 says to discard is discarded",
             ["FWD-11", "MGT-08"], standard())
    bad = [solicitation(HOST1, VM1_6, REMOTE6, hlim=254), solicitation(HOST1, VM1_6, REMOTE6, hlim=1),
           solicitation(HOST1, VM1_6, REMOTE6, code=1), solicitation(HOST1, VM1_6, REMOTE6, cksum=0x1234),
           solicitation(HOST1, VM1_6, "ff02::5", dst=solicited_node(REMOTE6)),
           solicitation(HOST1, "::", REMOTE6, dst=HOP6)]
    zero = bytearray(bytes(solicitation(HOST1, VM1_6, REMOTE6)))
    zero[65] = 0
    bad.append(rebuilt(bytes(zero)))
    short = IPv6(bytes(solicitation(HOST1, VM1_6, REMOTE6))[:40 + 20])
    short.plen = 20
    bad.append(rebuilt(bytes(short)))
    for query in bad:
        c.guest("vm1", query, dst=multicast_mac(query.dst) if query.dst.startswith("ff") else VIRTUAL6).punt("nd").drop("nd-malformed")
    return c


def rebuilt(octets):
    """The ICMPv6 message as it is, with a checksum that is right for it."""
    head, body = octets[:40], bytearray(octets[40:])
    body[2:4] = b"\0\0"
    pseudo = head[8:40] + struct.pack(">II", len(body), 58)
    total = sum(struct.unpack(">%dH" % ((len(pseudo) + len(body)) // 2), pseudo + bytes(body)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body[2:4] = struct.pack(">H", total ^ 0xFFFF)
    return IPv6(head + bytes(body))


def nd_router():
    config = standard()
    config["interfaces"][2]["mtu"] = 1400
    c = Case("nd-router-solicitation", "FirstHop",
             "Router solicitations get a default router of 1800 s without prefixes, with the interface's MTU",
             ["FWD-15", "FWD-13", "AMB-26", "AMB-49"], config)
    ask = router_solicitation(HOST1, HOST1_LL)
    c.guest("vm1", ask, dst=multicast_mac(ask.dst)).punt("nd").answered().to_guest("vm1", router_advertisement(HOST1_LL))
    ask = router_solicitation(HOST1, "::")
    c.guest("vm1", ask, dst=multicast_mac(ask.dst)).punt("nd").answered().to_guest(
        "vm1", router_advertisement(ALL_NODES), mac=ALL_NODES_MAC)
    ask = router_solicitation(HOST2, HOST2_LL)
    c.guest("vm3", ask, dst=multicast_mac(ask.dst)).punt("nd").answered().to_guest("vm3", router_advertisement(HOST2_LL, mtu=1400))
    return c


def nd_rogue_router():
    c = Case("nd-rogue-router", "FirstHop", "Guests are never routers: their router advertisements and redirects are dropped",
             ["SEC-03", "SEC-14"], standard())
    told = IPv6(src=HOST1_LL, dst=ALL_NODES, hlim=255) / ICMPv6ND_RA(routerlifetime=1800)
    c.guest("vm1", told, dst=ALL_NODES_MAC).punt("nd").drop("nd-rogue-router")
    told = IPv6(src=HOST1_LL, dst=VM2_6, hlim=255) / ICMPv6ND_Redirect(tgt=HOST1_LL, dst=REMOTE6)
    c.guest("vm1", told).punt("nd").drop("nd-rogue-router")
    return c


def echo_from_guest():
    c = Case("echo-first-hop", "FirstHop", "Echo to the first-hop address and to the VRF's router addresses is answered to the guest",
             ["FWD-15", "AMB-49", "FWD-22"], standard())
    ident = 0
    for vm, source, target in (("vm1", VM1, HOP4), ("vm1", VM1, ROUTER), ("vm3", VM1, HOP4), ("vm2", VM2, ROUTER)):
        for ping in (echo(source, target, seq=1), echo(source, target, seq=2, size=1000, tos=0xBB)):
            c.guest(vm, ping).punt("router-address").answered().to_guest(vm, echo_reply(ping, ident))
            ident += 1
    for vm, source, target in (("vm1", VM1_6, ROUTER6), ("vm1", HOST1_LL, HOP6), ("vm1", VM1_6, HOP6), ("vm3", HOST2_LL, HOP6)):
        for ping in (echo(source, target, seq=1), echo(source, target, seq=2, size=1000, tc=0xBB)):
            c.guest(vm, ping).punt("router-address").answered().to_guest(vm, echo_reply(ping))
    c.guest("vm3", echo(VM1, ROUTER)).drop("no-route")
    c.guest("vm1", echo(VM1, ROUTER, ttl=1)).punt("router-address").answered().to_guest("vm1", echo_reply(echo(VM1, ROUTER), ident))
    return c


def echo_through_tunnel():
    c = Case("echo-through-tunnel", "FirstHop", "Echo to a router address that came by tunnel is answered through the VRF",
             ["FWD-15", "FWD-05", "SEC-04"], standard())
    for ident, ping in enumerate((echo(REMOTE, ROUTER, ttl=63), echo(REMOTE, ROUTER, seq=9, size=900, ttl=1))):
        fate = c.from_far(3000, ping).accepted(3000, ping).punt("router-address").answered().packet("blue")
        fate.tunnel(FAR4, 61200, echo_reply(ping, ident))
    ping = echo(REMOTE6, ROUTER6)
    c.from_far(3000, ping).accepted(3000, ping).punt("router-address").answered().packet("blue").tunnel(FAR4, 61206, echo_reply(ping))
    ping = echo("192.0.2.77", ROUTER)
    c.from_far(3000, ping).accepted(3000, ping).punt("router-address").answered().packet("blue").drop("no-route")
    ping = echo(REMOTE, HOP4)
    c.from_far(3001, ping).accepted(3001, ping).drop("link-local")
    return c


def router_address_other():
    c = Case("router-address-other", "FirstHop", "To the router's own addresses nothing but a whole, well-formed echo request is answered",
             ["FWD-15", "SEC-12", "MGT-08"], standard())
    for target in (ROUTER, HOP4):
        c.guest("vm1", udp(VM1, target)).punt("router-address").drop("no-listener")
        c.guest("vm1", IP(src=VM1, dst=target) / ICMP(type=8, chksum=0x1234) / Raw(payload(8))).punt("router-address").drop("icmp-malformed")
        c.guest("vm1", IP(src=VM1, dst=target) / ICMP(type=13, ts_ori=1, ts_rx=0, ts_tx=0)).punt("router-address").drop("icmp-unsupported")
        c.guest("vm1", IP(src=VM1, dst=target) / ICMP(type=0, id=7) / Raw(payload(8))).punt("router-address").drop("icmp-unsupported")
        c.guest("vm1", IP(src=VM1, dst=target, flags="MF") / ICMP(type=8) / Raw(payload(16))).punt("router-address").drop("fragment")
        c.guest("vm1", IP(src=VM1, dst=target, frag=4, proto=1) / Raw(payload(16))).punt("router-address").drop("fragment")
    for target in (ROUTER6, HOP6):
        c.guest("vm1", udp(VM1_6, target)).punt("router-address").drop("no-listener")
        c.guest("vm1", IPv6(src=VM1_6, dst=target) / ICMPv6EchoRequest(cksum=0x1234, data=payload(8))).punt("router-address").drop("icmp-malformed")
        c.guest("vm1", IPv6(src=VM1_6, dst=target, nh=44) / IPv6ExtHdrFragment(nh=58, m=1, id=3) / ICMPv6EchoRequest(data=payload(8))
                ).punt("router-address").drop("fragment")
    c.guest("vm1", IP(src=VM1, dst=ROUTER, proto=1) / Raw(b"\x08\0\xf7")).punt("router-address").drop("icmp-malformed")
    c.guest("vm1", IP(src=VM1, dst=ROUTER) / UDP(sport=50001, dport=50002) / payload(9)).punt("router-address").drop("no-listener")
    return c


def punt_rate():
    config = standard(limits={"punt-rate": 5})
    c = Case("drop-punt-rate-limited", "FirstHop", "One guest's flood of punts is bounded; another's is served; a second later it may ask again",
             ["SEC-14", "MGT-08"], config)
    for i in range(9):
        request = arp_request(HOST1, VM1, "198.51.100.%d" % (60 + i))
        fate = c.guest("vm1", request, dst=BROADCAST, at=1000)
        if i < 5:
            fate.punt("arp").answered().to_guest("vm1", virtual_arp_reply(request))
        else:
            fate.drop("punt-rate-limited")
    answered(c, "vm2", arp_request(HOST1, VM2, REMOTE), at=1000)
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet, at=2000).tunnel(FAR4, 61200, after_hop(packet))
    for i in range(6):
        request = arp_request(HOST1, VM1, "198.51.100.%d" % (70 + i))
        fate = c.guest("vm1", request, dst=BROADCAST, at=1_500_000)
        if i < 5:
            fate.punt("arp").answered().to_guest("vm1", virtual_arp_reply(request))
        else:
            fate.drop("punt-rate-limited")
    return c
