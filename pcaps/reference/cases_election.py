"""Several forwarders serve the hosts of one access port, one at a time (EXT-10): VRRP version 3 decides which (RFC 9568)."""
from scapy.layers.inet import IP
from scapy.layers.inet6 import (ICMPv6MLDMultAddrRec, ICMPv6MLReport2, IPv6, IPv6ExtHdrHopByHop, PadN, RouterAlert)
from scapy.layers.l2 import ARP
from scapy.layers.vrrp import VRRPv3

from .case import Case
from .frames import BROADCAST, FAR4, HOP4, HOP6, HOST1, REMOTE, REMOTE6, VIRTUAL4, VIRTUAL6, VM1, VM1_6, after_hop, tagged, udp
from .link import ALL_NODES, ALL_NODES_MAC, advertisement, arp_request, multicast_mac, solicitation, virtual_arp_reply
from .topology import access_port, standard

US, US6, OTHER = "192.0.2.2", "fe80::2", "192.0.2.3"
GROUP_MAC, GROUP6_MAC = "01:00:5e:00:00:12", "33:33:00:00:00:12"
PORT_MAC = "02:00:00:00:00:a0"
SECOND = 1_000_000
START = 10_000                 # when the forwarder starts


def cases():
    yield standby()
    yield owner()


def advert(source, priority, interval, vrid=1, ttl=255):
    return (IP(src=source, dst="224.0.0.18", ttl=ttl, proto=112, tos=0xC0, id=0)
            / VRRPv3(vrid=vrid, priority=priority, ipcount=1, adv=interval, addrlist=[HOP4]))


def advert6(source, priority, interval, vrid=1):
    return (IPv6(src=source, dst="ff02::12", hlim=255, nh=112, tc=0xC0)
            / VRRPv3(vrid=vrid, priority=priority, ipcount=1, adv=interval, addrlist=[HOP6]))


def gratuitous_arp():
    return ARP(op=1, hwsrc=VIRTUAL4, psrc=HOP4, hwdst=BROADCAST, pdst=HOP4)


def unsolicited_advertisement():
    return advertisement(VIRTUAL6, HOP6, HOP6, ALL_NODES, router=1, solicited=0)


def standby():
    # Its own interval is longer than the case; that of the other router counts.
    config = standard(ports=[standard()["ports"][0], access_port(vrrp={
        "priority": 128, "interval": 4095, "preempt-delay": 0, "address": US})])
    c = Case("standby-port", "Election",
             "While another forwarder serves a port, its hosts get nothing from us and the virtual MAC stays away; when it falls silent, we show the "
             "MAC in every VLAN and serve", ["EXT-10", "FWD-13", "MGT-08"], config)

    def heard(packet):
        return c.rx("acc0", tagged(GROUP_MAC, VIRTUAL4, [], packet)).punt("vrrp")

    question = arp_request(HOST1, VM1, REMOTE)
    query = solicitation(HOST1, VM1_6, REMOTE6)
    c.guest("vm1", udp(VM1, REMOTE)).drop("standby", header_read=True)
    c.guest("vm1", udp(VM1_6, REMOTE6)).drop("standby", header_read=True)
    c.guest("vm1", question, dst=BROADCAST).drop("standby")
    c.guest("vm1", query, dst=multicast_mac(query.dst)).drop("standby", header_read=True)
    for row in c.counters["interfaces"].values():
        row["rxBytes"] = 0                                # what is not looked at has no length

    # What comes for them is delivered, from the port's own MAC.
    for inner in (udp(REMOTE, VM1), udp(REMOTE6, VM1_6)):
        c.from_far(52013, inner).accepted(52013, inner).deliver("vm1", inner, source=PORT_MAC)

    heard(advert(OTHER, 200, 10, vrid=2)).drop("vrrp-discarded")
    heard(advert(OTHER, 200, 10, ttl=254)).drop("vrrp-discarded")
    last = heard(advert(OTHER, 200, 10)).consumed().fate.at

    # Three intervals of its master and a skew of half of one.
    won = last + 350_000
    c.out("acc0", tagged(GROUP_MAC, VIRTUAL4, [], advert(US, 128, 4095)), won, injected=True,
          decode={"vrrp.prio": "128", "vrrp.virt_rtr_id": "1", "vrrp.short_adver_int": "4095", "vrrp.ip_addr": HOP4})
    def shown(at, tags):
        for tag in tags:
            c.out("acc0", tagged(BROADCAST, VIRTUAL4, tag, gratuitous_arp()), at, injected=True,
                  decode={"arp.src.proto_ipv4": HOP4, "arp.dst.proto_ipv4": HOP4})
            c.out("acc0", tagged(ALL_NODES_MAC, VIRTUAL6, tag, unsolicited_advertisement()), at,
                  injected=True, decode={"icmpv6.type": "136"})

    shown(won, ([317], [318], []))
    packet = udp(VM1, REMOTE, seed=1)
    c.guest("vm1", packet, at=won + 10_000).tunnel(FAR4, 61200, after_hop(packet))
    c.guest("vm1", question, dst=BROADCAST).punt("arp").answered().to_guest("vm1", virtual_arp_reply(question))
    inner = udp(REMOTE, VM1, seed=1)
    c.from_far(52013, inner).accepted(52013, inner).deliver("vm1", inner)
    # Once more, for switches that missed it.
    shown(won + SECOND, ([317], [318]))
    return c


def owner():
    """Priority 255 serves from the start; each family shows its own MAC."""
    config = standard(ports=[standard()["ports"][0], access_port(vrrp={
        "vlan": 4000, "priority": 255, "interval": 4095, "address": US, "address6": US6})], vrfs=standard()["vrfs"][:1],
        interfaces=standard()["interfaces"][:1])
    c = Case("standby-never", "Election", "Who owns the virtual router serves from the start, in both families, and ignores others",
             ["AMB-26", "EXT-10", "FWD-13", "MGT-08"], config)
    report = (IPv6(src=US6, dst="ff02::16", hlim=1, tc=0xC0) / IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"")])
              / ICMPv6MLReport2(records_number=1, records=[ICMPv6MLDMultAddrRec(rtype=4, dst="ff02::12")]))
    c.out("acc0", tagged("33:33:00:00:00:16", PORT_MAC, [4000], report), START, injected=True, decode={"icmpv6.type": "143"})
    told = {"vrrp.prio": "255", "vrrp.virt_rtr_id": "1", "vrrp.short_adver_int": "4095"}
    c.out("acc0", tagged(GROUP_MAC, VIRTUAL4, [4000], advert(US, 255, 4095)), START, injected=True, decode={**told, "vrrp.ip_addr": HOP4})
    for tag in (317, 4000):
        c.out("acc0", tagged(BROADCAST, VIRTUAL4, [tag], gratuitous_arp()), START, injected=True)
    c.out("acc0", tagged(GROUP6_MAC, VIRTUAL6, [4000], advert6(US6, 255, 4095)), START, injected=True, decode={**told, "vrrp.ipv6_addr": HOP6})
    for tag in (317, 4000):
        c.out("acc0", tagged(ALL_NODES_MAC, VIRTUAL6, [tag], unsolicited_advertisement()), START, injected=True)
    for packet in (udp(VM1, REMOTE), udp(VM1_6, REMOTE6)):
        c.guest("vm1", packet).tunnel(FAR4, 61206 if ":" in packet.src else 61200, after_hop(packet))
    c.rx("acc0", tagged(GROUP_MAC, VIRTUAL4, [4000], advert(OTHER, 254, 10))).punt("vrrp").drop("vrrp-discarded")
    c.rx("acc0", tagged(GROUP6_MAC, VIRTUAL6, [4000], advert6("fe80::3", 254, 10))).punt("vrrp").drop("vrrp-discarded")
    # In another VLAN it is nobody's.
    c.rx("acc0", tagged(GROUP_MAC, VIRTUAL4, [], advert(OTHER, 254, 10))).drop("unclassified")
    c.out("acc0", tagged(BROADCAST, VIRTUAL4, [317], gratuitous_arp()), START + SECOND, injected=True)
    c.out("acc0", tagged(ALL_NODES_MAC, VIRTUAL6, [317], unsolicited_advertisement()), START + SECOND, injected=True)
    return c
