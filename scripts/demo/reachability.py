"""Who reaches whom, and who does not: pings, names, transfers, sizes, counters."""

import wan
from checks import counted, finds, fits, is_deaf_to, reaches, section, transfers
from metrics import drops, read_metrics
from shell import sh
from topology import WAN_V4, address_of

# Local and external, same and other subnet.
PAIRS = [("red1", "red2"), ("red2", "red1"), ("blue1", "blue2"), ("blue2", "blue1"), ("green1", "green2"), ("green2", "green1"), ("red1", "red3"),
         ("red2", "red3"), ("blue1", "blue3"), ("blue2", "blue3"), ("vm", "red1"), ("red2", "vm")]


def run(report):
    before = {forwarder: drops(read_metrics(forwarder)) for forwarder in ("tor", "hv1")}
    good = section("Tenants reach their own, behind local and external forwarders", [
        (f"{a} > {b}  IPv{family}", reaches(a, b, family)) for a, b in PAIRS for family in (4, 6)
    ], report)
    good &= section("The same address is another host in another VPN", [
        (f"{a} asks {address_of(b, family)}: who are you?", finds(a, b, family))
        for a, b in [("red1", "red2"), ("blue1", "blue2"), ("red2", "red1"), ("blue2", "blue1")] for family in (4, 6)
    ], report)
    good &= section("TCP", [
        ("red1 > red2  IPv4", transfers("red1", "red2", 4)),
        ("blue2 > blue1  IPv6", transfers("blue2", "blue1", 6)),
        ("green1 > green2  IPv4", transfers("green1", "green2", 4)),
    ], report)
    good &= section("Packet size, with an underlay of 1500 bytes", [
        ("red2 > red3  1472 bytes, DF", fits("red2", "red3", 1472, True)),
        ("red2 > red3  1473 bytes, DF", fits("red2", "red3", 1473, False)),
    ], report)
    good &= section("One service for many tenants, which do not meet there", [
        ("red3 > dns", reaches("red3", "dns")), ("blue3 > dns", reaches("blue3", "dns")), ("dns > red3  IPv6", reaches("dns", "red3", 6)),
        ("dns > blue3  IPv6", reaches("dns", "blue3", 6)), ("red3 asks dns: who are you?", finds("red3", "dns", 4)),
        ("red3 > blue3", is_deaf_to("red3", address_of("blue3", 4))), ("blue3 > red3  IPv6", is_deaf_to("blue3", address_of("red3", 6))),
        ("green1 > dns", is_deaf_to("green1", address_of("dns", 4))),
    ], report)
    sh("ip", "-n", "dpdemo-net", "route", "replace", "10.1.0.0/16", "via", "203.0.113.21")
    good &= section("Nobody reaches anybody else", [
        ("red1 > green2", is_deaf_to("red1", address_of("green2", 4))),
        ("red1 > green2  IPv6", is_deaf_to("red1", address_of("green2", 6))),
        ("green1 > red2", is_deaf_to("green1", address_of("red2", 4))),
        ("blue1 > red3", is_deaf_to("blue1", address_of("red3", 4))),
        ("blue2 > the WAN's site of red", is_deaf_to("blue2", WAN_V4)),
        ("red1 > its forwarder's underlay address", is_deaf_to("red1", "198.51.100.17")),
        ("red1 > another forwarder", is_deaf_to("red1", "203.0.113.21")),
        ("red1 > a gateway", is_deaf_to("red1", "192.0.2.9")),
        ("green2 > underlay router  IPv6", is_deaf_to("green2", "2001:db8:2::1")),
        ("underlay router > red2, bare packets", is_deaf_to("net", address_of("red2", 4))),
    ], report)
    sh("ip", "-n", "dpdemo-net", "route", "delete", "10.1.0.0/16")
    return good & section("And each refusal was counted, with its reason", [
        ("tor  no-route", counted("tor", "no-route", before["tor"])),
        ("hv1  no-route", counted("hv1", "no-route", before["hv1"])),
        ("hv1  not-local", counted("hv1", "not-local", before["hv1"])),
    ], report)


def from_the_wan(target):
    def prove():
        answered = wan.run(f"for i in 1 2 3; do ping -n -c 1 -W 3 -I vrf-red {address_of(target, 4)} 2>&1; done").count(" 1 received")
        return answered == 3, f"{answered} of 3"
    return prove


def with_the_wan(report):
    return section("The existing WAN: Linux and FRR, MPLS in GRE in its kernel", [
        ("red1 > the WAN's site", reaches("red1", WAN_V4)), ("red2 > the WAN's site", reaches("red2", WAN_V4)),
        ("vm > the WAN's site", reaches("vm", WAN_V4)), ("red3 > the WAN's site", reaches("red3", WAN_V4)),
        ("the WAN's site > red1, from its own kernel", from_the_wan("red1")),
    ], report)
