"""Resolution of neighbours, on the underlay and towards guests, and what the forwarder itself answers on the underlay."""
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6ND_RA, IPv6
from scapy.packet import Raw

from .case import Case
from .frames import (BROADCAST, CORE_MAC, FAR4, FAR6, FAR_MAC, HOP6, HOST1, HOST2, REMOTE, REMOTE6, ROUTER, ROUTER6, US4, US6, VIRTUAL4,
                     VIRTUAL6, VM1, VM1_6, VM2_6, after_hop, echo, payload, tagged, udp)
from .link import (advertisement, arp_reply, arp_request, echo_reply, multicast_mac, solicitation)
from .topology import blue, core_port, interface, standard

GATEWAY, GATEWAY_MAC = "203.0.113.1", "02:00:00:00:00:01"
SECOND = 1_000_000


def cases():
    yield arp_for_us()
    yield nd_for_us()
    yield echo_to_us()
    yield resolution_v4()
    yield resolution_v6()
    yield next_hop_is_a_router()
    yield hold_overflow()
    yield hold_timeout()
    yield static_wins()
    yield guest_by_arp()
    yield guest_by_nd()
    yield guest_that_is_silent()
    yield neighbors_of_one_interface()
    yield refresh()
    yield echo_rate()


def core_frame(dst, packet):
    return tagged(dst, CORE_MAC, [], packet)


def arp_for_us():
    config = standard(ports=[core_port(addresses=[US4 + "/24", "198.18.0.17/24", US6 + "/64"]), standard()["ports"][1]])
    c = Case("underlay-arp", "Underlay", "On the underlay the forwarder answers ARP for its own addresses only",
             ["ARC-14", "SEC-04"], config)
    for asker, sender, target in ((FAR_MAC, FAR4, US4), ("02:00:00:00:00:99", "203.0.113.99", US4), (FAR_MAC, "198.18.0.44", "198.18.0.17"),
                                  (FAR_MAC, "0.0.0.0", US4)):
        request = arp_request(asker, sender, target)
        c.core(request, dst=BROADCAST, src=asker).punt("underlay-arp").answered().frame(
            "core0", core_frame(asker, arp_reply(CORE_MAC, target, asker, sender)),
            decode={"arp.opcode": "2", "arp.src.hw_mac": CORE_MAC, "arp.src.proto_ipv4": target})
    for target in ("203.0.113.18", "203.0.113.99", VM1, ROUTER):
        c.core(arp_request("02:00:00:00:00:99", "203.0.113.99", target), dst=BROADCAST, src="02:00:00:00:00:99").punt(
            "underlay-arp").drop("not-for-us")
    c.core(arp_request("02:00:00:00:00:99", US4, "203.0.113.99"), dst=BROADCAST, src="02:00:00:00:00:99").punt(
        "underlay-arp").drop("address-conflict")
    c.core(arp_reply("02:00:00:00:00:99", "203.0.113.99", CORE_MAC, US4), src="02:00:00:00:00:99").punt("underlay-arp").drop("unsolicited")
    return c


def nd_for_us():
    c = Case("underlay-nd", "Underlay", "On the underlay the forwarder answers neighbour solicitations for its own addresses only",
             ["ARC-14", "SEC-04"], standard())
    for source in ("2001:db8:f::44", "2001:db8:f::99", "fe80::44"):
        query = solicitation(FAR_MAC, source, US6)
        c.core(query, dst=multicast_mac(query.dst), src=FAR_MAC).punt("underlay-nd").answered().frame(
            "core0", core_frame(FAR_MAC, advertisement(CORE_MAC, US6, US6, source, router=1)),
            decode={"icmpv6.type": "136", "icmpv6.nd.na.target_address": US6, "icmpv6.opt.linkaddr": CORE_MAC})
    query = solicitation(FAR_MAC, "2001:db8:f::44", US6, dst=US6)
    c.core(query, src=FAR_MAC).punt("underlay-nd").answered().frame(
        "core0", core_frame(FAR_MAC, advertisement(CORE_MAC, US6, US6, "2001:db8:f::44", router=1)))
    query = solicitation(FAR_MAC, "::", US6)
    c.core(query, dst=multicast_mac(query.dst), src=FAR_MAC).punt("underlay-nd").answered().frame(
        "core0", core_frame("33:33:00:00:00:01", advertisement(CORE_MAC, US6, US6, "ff02::1", router=1, solicited=0)))
    for target in ("2001:db8:f::18", VM1_6):
        query = solicitation("02:00:00:00:00:99", "2001:db8:f::99", target)
        c.core(query, dst=multicast_mac(query.dst), src="02:00:00:00:00:99").punt("underlay-nd").drop("not-for-us")
    query = solicitation(FAR_MAC, "2001:db8:f::44", US6, hlim=64)
    c.core(query, dst=multicast_mac(query.dst), src=FAR_MAC).punt("underlay-nd").drop("nd-malformed")
    told = advertisement("02:00:00:00:00:99", "2001:db8:f::99", "2001:db8:f::99", US6)
    c.core(told, src="02:00:00:00:00:99").punt("underlay-nd").drop("unsolicited")
    told = IPv6(src="fe80::44", dst="ff02::1", hlim=255) / ICMPv6ND_RA(routerlifetime=1800)
    c.core(told, dst="33:33:00:00:00:01", src=FAR_MAC).punt("underlay-nd").drop("not-for-us")
    return c


def echo_to_us():
    config = standard(ports=[core_port(addresses=[US4 + "/24", "198.18.0.17/24", US6 + "/64", "2001:db8:e::17/64"]), standard()["ports"][1]])
    c = Case("underlay-echo", "Underlay", "Echo to the forwarder's underlay addresses is answered to the station that asked",
             ["ARC-14"], config)
    ident = 0
    for source, target, station in ((FAR4, US4, FAR_MAC), ("192.0.2.200", US4, GATEWAY_MAC), (FAR4, "198.18.0.17", FAR_MAC),
                                    (FAR6, US6, FAR_MAC), ("2001:db8:99::1", "2001:db8:e::17", GATEWAY_MAC)):
        for ping in (echo(source, target), echo(source, target, seq=2, size=1200)):
            c.core(ping, src=station).punt("underlay-local").answered().frame(
                "core0", core_frame(station, echo_reply(ping, ident)))
            ident += ":" not in source
    c.core(IP(src=FAR4, dst=US4) / ICMP(type=8, chksum=0x4242) / Raw(payload(8))).punt("underlay-local").drop("icmp-malformed")
    c.core(IP(src=FAR4, dst=US4) / ICMP(type=0, id=4) / Raw(payload(8))).punt("underlay-local").drop("icmp-unsupported")
    c.core(IPv6(src=FAR6, dst=US6) / ICMPv6EchoRequest(cksum=0x4242, data=payload(8))).punt("underlay-local").drop("icmp-malformed")
    return c


def unresolved(**more):
    config = standard(ports=[core_port(), standard()["ports"][1]], **more)
    del config["ports"][0]["neighbors"]
    return config


def ask_v4(c, target, at):
    """The forwarder's own ARP request; it belongs to no received frame."""
    c.out("core0", core_frame(BROADCAST, arp_request(CORE_MAC, US4, target)), at, injected=True,
          decode={"arp.opcode": "1", "arp.dst.proto_ipv4": target})


def ask_v6(c, target, at):
    query = solicitation(CORE_MAC, US6, target)
    c.out("core0", core_frame(multicast_mac(query.dst), query), at, injected=True, decode={"icmpv6.type": "135"})


START = 10_000                 # capture time of the first packet of a case, which is also when the forwarder starts


def held(c, vm, packet, at=None):
    """A packet that waits; released() is called when the answer has come."""
    return c.guest(vm, packet, at=at).punt("underlay-unresolved")


def resolution_v4():
    c = Case("underlay-resolution-arp", "Underlay",
             "An underlay neighbour is resolved by ARP; packets that came before its answer wait and leave in order",
             ["FWD-04", "FWD-06", "ARC-18"], unresolved(vrfs=[blue()], interfaces=standard()["interfaces"][:2]))
    ask_v4(c, FAR4, START)
    waiting = []
    for i in range(5):
        packet = udp(VM1, REMOTE, seed=i) if i % 2 == 0 else udp(VM1_6, REMOTE6, seed=i)
        waiting.append((held(c, "vm1", packet), packet))
    fate = c.core(arp_reply(FAR_MAC, FAR4, CORE_MAC, US4), src=FAR_MAC).punt("underlay-arp").consumed()
    for slow, packet in waiting:
        slow.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel(FAR4, 61206 if ":" in packet.src else 61200, after_hop(packet), mac=FAR_MAC)
    packet = udp(VM1, REMOTE, seed=9)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet), mac=FAR_MAC)
    # A neighbour that moves tells so by a request of its own.
    c.core(arp_request("02:00:00:00:00:45", FAR4, FAR4), dst=BROADCAST, src="02:00:00:00:00:45").punt("underlay-arp").consumed()
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet), mac="02:00:00:00:00:45")
    return c


def resolution_v6():
    c = Case("underlay-resolution-nd", "Underlay",
             "An IPv6 underlay neighbour is resolved by ND; packets that came before its answer wait and leave in order",
             ["FWD-04", "FWD-06", "ARC-18"],
             unresolved(vrfs=[blue(FAR6, FAR6)], interfaces=standard()["interfaces"][:2]))
    ask_v6(c, FAR6, START)
    waiting = []
    for i in range(5):
        packet = udp(VM1, REMOTE, seed=i) if i % 2 == 0 else udp(VM1_6, REMOTE6, seed=i)
        waiting.append((held(c, "vm1", packet), packet))
    fate = c.core(advertisement(FAR_MAC, FAR6, FAR6, US6), src=FAR_MAC).punt("underlay-nd").consumed()
    for slow, packet in waiting:
        slow.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel(FAR6, 61206 if ":" in packet.src else 61200, after_hop(packet), mac=FAR_MAC)
    packet = udp(VM1, REMOTE, seed=9)
    c.guest("vm1", packet).tunnel(FAR6, 61200, after_hop(packet), mac=FAR_MAC)
    return c


def next_hop_is_a_router():
    config = unresolved(vrfs=[blue("192.0.2.44", "192.0.2.45")], interfaces=standard()["interfaces"][:2],
                        underlay={"routes": [{"prefix": "0.0.0.0/0", "via": GATEWAY}]})
    c = Case("underlay-router", "Underlay", "Tunnels to forwarders beyond the subnet go by the underlay's router, resolved once",
             ["FWD-06", "FWD-07", "ARC-18"], config)
    ask_v4(c, GATEWAY, START)
    first, second = udp(VM1, REMOTE), udp(VM1_6, REMOTE6)
    slow1, slow2 = held(c, "vm1", first), held(c, "vm1", second)
    fate = c.core(arp_reply(GATEWAY_MAC, GATEWAY, CORE_MAC, US4), src=GATEWAY_MAC).punt("underlay-arp").consumed()
    slow1.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel("192.0.2.44", 61200, after_hop(first), mac=GATEWAY_MAC)
    slow2.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel("192.0.2.45", 61206, after_hop(second), mac=GATEWAY_MAC)
    for packet, far, label in ((first, "192.0.2.44", 61200), (second, "192.0.2.45", 61206)):
        c.guest("vm1", packet).tunnel(far, label, after_hop(packet), mac=GATEWAY_MAC)
    packet = udp(REMOTE, VM1)
    c.from_far(52013, packet, src="192.0.2.45").accepted(52013, packet).deliver("vm1", packet)
    return c


def hold_overflow():
    c = Case("hold-overflow", "Underlay", "Packets that wait for a neighbour are bounded; the newcomer is dropped, the others keep their order",
             ["SEC-14", "MGT-08"], unresolved(vrfs=[blue()], interfaces=standard()["interfaces"][:2], limits={"held-packets": 4}))
    ask_v4(c, FAR4, START)
    waiting = []
    for i in range(7):
        packet = udp(VM1, REMOTE, seed=i)
        slow = held(c, "vm1", packet)
        if i < 4:
            waiting.append((slow, packet))
        else:
            slow.drop("hold-full")
    fate = c.core(arp_reply(FAR_MAC, FAR4, CORE_MAC, US4), src=FAR_MAC).punt("underlay-arp").consumed()
    for slow, packet in waiting:
        slow.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel(FAR4, 61200, after_hop(packet), mac=FAR_MAC)
    return c


def hold_timeout():
    c = Case("hold-timeout", "Underlay",
             "A silent neighbour is asked three times, a second apart; then what waits is dropped, and so is what comes in the next 5 s",
             ["SEC-14", "MGT-08"], unresolved(vrfs=[blue()], interfaces=standard()["interfaces"][:2]))
    for i in range(3):
        held(c, "vm1", udp(VM1, REMOTE, seed=i), at=START + i * 700_000).drop("hold-timeout")
    for at in (START + 4 * SECOND, START + 7 * SECOND):
        held(c, "vm1", udp(VM1, REMOTE, seed=5), at=at).drop("neighbor-failed")
    packet = udp(VM1, REMOTE, seed=6)
    slow = held(c, "vm1", packet, at=START + 8 * SECOND + 300_000)
    fate = c.core(arp_reply(FAR_MAC, FAR4, CORE_MAC, US4), src=FAR_MAC, at=START + 8 * SECOND + 500_000).punt("underlay-arp").consumed()
    # Three questions, a rest of five seconds, and the first question of the next round.
    for at in (0, SECOND, 2 * SECOND, 8 * SECOND):
        ask_v4(c, FAR4, START + at)
    slow.forwarded().packet(at=fate.fate.at, vm="vm1").tunnel(FAR4, 61200, after_hop(packet), mac=FAR_MAC)
    return c


def static_wins():
    c = Case("underlay-static", "Underlay", "A configured neighbour is not asked for and not changed by what the underlay says",
             ["SEC-14", "ARC-14"], standard(vrfs=[blue()], interfaces=standard()["interfaces"][:2]))
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    c.core(arp_reply("02:00:00:00:00:66", FAR4, CORE_MAC, US4), src="02:00:00:00:00:66").punt("underlay-arp").drop("unsolicited")
    c.core(arp_request("02:00:00:00:00:66", FAR4, FAR4), dst=BROADCAST, src="02:00:00:00:00:66").punt("underlay-arp").drop("not-for-us")
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def without_mac(**more):
    return standard(interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"], mac=None),
                                interface("vm3", 318, "red", 52015, [VM1 + "/32", VM1_6 + "/128"], mac=None)], **more)


def guest_by_arp():
    c = Case("guest-resolution-arp", "Underlay",
             "A guest whose MAC is not configured is found by ARP; packets wait and are delivered in order; only asked answers count",
             ["AMB-28", "FWD-05", "SEC-14", "FWD-14"], without_mac())
    # An answer to no question teaches nothing.
    c.guest("vm1", arp_reply("02:33:00:00:00:99", VM1, VIRTUAL4, ROUTER), src="02:33:00:00:00:99", dst=VIRTUAL4).punt("arp").drop("unsolicited")
    waiting = []
    for i in range(3):
        packet = udp(REMOTE, VM1, seed=i)
        slow = c.from_far(52013, packet).accepted(52013, packet).punt("neighbor-unresolved")
        if i == 0:
            slow.to_guest("vm1", arp_request(VIRTUAL4, ROUTER, VM1), mac=BROADCAST)
        waiting.append((slow, packet))
    packet = udp(REMOTE, VM1, seed=7)
    lookup = c.from_far(3000, packet).accepted(3000, packet).punt("neighbor-unresolved")
    fate = c.guest("vm1", arp_reply(HOST1, VM1, VIRTUAL4, ROUTER), src=HOST1, dst=VIRTUAL4).punt("arp").consumed()
    for slow, held_packet in waiting:
        slow.forwarded().to_guest("vm1", held_packet, mac=HOST1, at=fate.fate.at)
    again = lookup.forwarded().packet("blue", at=fate.fate.at)
    again.label = 3000
    again.deliver("vm1", after_hop(packet), mac=HOST1)
    packet = udp(REMOTE, VM1, seed=8)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet, mac=HOST1)
    stray = udp(REMOTE, "198.51.100.99")
    c.from_far(52013, stray).accepted(52013, stray).punt("neighbor-unresolved").drop("not-on-link")
    # The other tenant's guest with the same address is another neighbour; it has no router address to ask from.
    packet = udp(REMOTE, VM1, seed=9)
    slow = c.from_far(52015, packet).accepted(52015, packet).punt("neighbor-unresolved")
    slow.to_guest("vm3", arp_request(VIRTUAL4, "169.254.0.1", VM1), mac=BROADCAST)
    fate = c.guest("vm3", arp_reply(HOST2, VM1, VIRTUAL4, "169.254.0.1"), src=HOST2, dst=VIRTUAL4).punt("arp").consumed()
    slow.forwarded().to_guest("vm3", packet, mac=HOST2, at=fate.fate.at)
    return c


def guest_by_nd():
    c = Case("guest-resolution-nd", "Underlay", "A guest whose MAC is not configured is found by ND; packets wait and are delivered in order",
             ["AMB-28", "FWD-05", "SEC-14", "FWD-14"], without_mac())
    waiting = []
    query = solicitation(VIRTUAL6, HOP6, VM1_6)
    for i in range(3):
        packet = udp(REMOTE6, VM1_6, seed=i)
        slow = c.from_far(52013, packet).accepted(52013, packet).punt("neighbor-unresolved")
        if i == 0:
            slow.to_guest("vm1", query, mac=multicast_mac(query.dst))
        waiting.append((slow, packet))
    fate = c.guest("vm1", advertisement(HOST1, VM1_6, VM1_6, HOP6), src=HOST1).punt("nd").consumed()
    for slow, packet in waiting:
        slow.forwarded().to_guest("vm1", packet, mac=HOST1, at=fate.fate.at)
    packet = udp(REMOTE6, VM1_6, seed=8)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet, mac=HOST1)
    return c


def guest_that_is_silent():
    c = Case("guest-silent", "Underlay", "A guest that does not answer is asked three times, and its packets are dropped",
             ["SEC-14", "MGT-08"], without_mac())
    packet = udp(REMOTE, VM1)
    slow = c.from_far(52013, packet, at=START).accepted(52013, packet).punt("neighbor-unresolved")
    for i in range(3):
        slow.to_guest("vm1", arp_request(VIRTUAL4, ROUTER, VM1), mac=BROADCAST, at=START + i * SECOND)
    slow.drop("hold-timeout")
    late = udp(REMOTE, VM1, seed=1)
    c.from_far(52013, late, at=START + 5 * SECOND).accepted(52013, late).punt("neighbor-unresolved").drop("neighbor-failed")
    return c


def neighbors_of_one_interface():
    config = standard(interfaces=[interface("vm1", 317, "blue", 52013, ["10.20.0.0/22"], mac=None)], vrfs=[blue()])
    c = Case("guest-neighbors-bounded", "Underlay", "One interface cannot fill the neighbour table: beyond 256 that are being resolved, packets are dropped",
             ["SEC-14", "MGT-08"], config)
    asked = []
    for i in range(260):
        target = "10.20.%d.%d" % (i // 250, 1 + i % 250)
        packet = udp(REMOTE, target, size=8)
        slow = c.from_far(52013, packet, at=START + i * 10).accepted(52013, packet).punt("neighbor-unresolved")
        if i < 256:
            asked.append((slow, target, c.clock))
            slow.drop("hold-timeout")
        else:
            slow.drop("neighbor-table-full")
    for again in range(3):
        for slow, target, at in asked:
            slow.to_guest("vm1", arp_request(VIRTUAL4, ROUTER, target), mac=BROADCAST, at=at + again * SECOND)
    return c


def refresh():
    c = Case("underlay-refresh", "Underlay",
             "A resolved neighbour is asked again after 30 s, by unicast; when it stays silent it is resolved anew",
             ["FWD-06", "MGT-08"], unresolved(vrfs=[blue()], interfaces=standard()["interfaces"][:2]))
    packet = udp(VM1, REMOTE)
    ask_v4(c, FAR4, START)

    def answer(at):
        c.core(arp_reply(FAR_MAC, FAR4, CORE_MAC, US4), src=FAR_MAC, at=at).punt("underlay-arp").consumed()

    def forwarded(at):
        c.guest("vm1", packet, at=at).tunnel(FAR4, 61200, after_hop(packet), mac=FAR_MAC)

    def ask_again(at):
        c.out("core0", core_frame(FAR_MAC, arp_request(CORE_MAC, US4, FAR4)), at, injected=True, decode={"arp.opcode": "1"})

    answer(START)
    forwarded(START + SECOND)
    ask_again(START + 30 * SECOND)
    answer(START + 30 * SECOND + 5000)
    forwarded(START + 31 * SECOND)
    # 30 s after that answer: three questions, a second apart, while packets still flow.
    silent = START + 60 * SECOND + 5000
    for i in range(3):
        ask_again(silent + i * SECOND)
        forwarded(silent + i * SECOND + 500_000)
    # Then it counts as unknown, everybody is asked, and packets wait.
    gone = silent + 3 * SECOND
    ask_v4(c, FAR4, gone)
    slow = held(c, "vm1", packet, at=gone + 100_000)
    answer(gone + 200_000)
    slow.forwarded().packet(at=gone + 200_000, vm="vm1").tunnel(FAR4, 61200, after_hop(packet), mac=FAR_MAC)
    return c


def echo_rate():
    c = Case("echo-rate", "Underlay", "Echo replies have a budget per core port and per VRF; one that is used up does not hurt another",
             ["SEC-14"], standard(limits={"icmp-rate": 3}))
    for i in range(5):
        ping = echo(FAR6, US6, seq=i)
        fate = c.core(ping, at=START + i).punt("underlay-local")
        if i < 3:
            fate.answered().frame("core0", core_frame(FAR_MAC, echo_reply(ping)))
        else:
            fate.drop("icmp-rate-limited")
    for turn, (vm, source, target, allowed) in enumerate((("vm1", VM1_6, ROUTER6, 3), ("vm3", VM1_6, HOP6, 3), ("vm2", VM2_6, ROUTER6, 0))):
        for i in range(4):
            ping = echo(source, target, seq=i)
            fate = c.guest(vm, ping, at=START + 100 * (turn + 1) + i).punt("router-address")
            if i < allowed:
                fate.answered().to_guest(vm, echo_reply(ping))
            else:
                fate.drop("icmp-rate-limited")
    return c
