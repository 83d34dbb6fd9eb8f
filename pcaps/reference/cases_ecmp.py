"""Several next hops: who gets which packet is worked out by ecmp.py, which knows nothing of the forwarder."""
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, PadN
from scapy.layers.sctp import SCTP, SCTPChunkCookieAck
from scapy.packet import Raw

from .case import Case
from .ecmp import Group, flow_hash, prefix_hash
from .frames import HOST2, US4, VM1, VM1_6, VM2, VM2_6, after_hop, payload, tcp, udp
from .topology import blue, core_port, interface, red, standard

SERVICE, SERVICE6 = "192.0.2.80", "2001:db8:80::80"
FARS = ["203.0.113.%d" % n for n in range(61, 66)] + ["2001:db8:f::%d" % n for n in range(61, 64)]
MACS = {far: "02:00:00:00:61:%02x" % i for i, far in enumerate(FARS)}
OWN = (US4, 52014, 3)           # vm2 has the service's address as well
MEMBERS = [(far, 61000 + i, 1 + i % 3) for i, far in enumerate(FARS)]


def cases():
    yield per_flow()
    yield of_another_vpn()
    yield per_prefix()
    yield per_packet()
    yield three_hundred()


def several(prefix, members, balance=None):
    row = {"prefix": prefix}
    if balance:
        row["load-balance"] = balance
    row["next-hops"] = [{"remote": far, "label": label, **({"weight": weight} if weight != 1 else {})}
                        for far, label, weight in members]
    return row


def network(*routes, macs=None):
    neighbors = [{"address": far, "mac": mac} for far, mac in (macs or MACS).items()]
    return standard(ports=[core_port(neighbors=neighbors), standard()["ports"][1]], vrfs=[blue(routes=list(routes))],
                    interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
                                interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128", SERVICE + "/32"])])


def send(case, packet, member, macs=None, own="vm2"):
    owner, label = member
    fate = case.guest("vm1", packet)
    if owner == US4:
        fate.deliver(own, after_hop(packet))
    else:
        fate.tunnel(owner, label, after_hop(packet), mac=(macs or MACS)[owner])


def flows():
    """Packets of every kind of flow, two of each: they differ in what must not matter."""
    for n in range(12):
        for size in (32, 90):
            yield udp(VM1, SERVICE, size=size, sport=50100 + n, seed=n)
            yield tcp(VM1, SERVICE, size=size, sport=50100 + n, seed=n, ttl=size)
            yield udp(VM1_6, SERVICE6, size=size, sport=50100 + n, seed=n)
            yield tcp(VM1_6, SERVICE6, size=size, sport=50100 + n, seed=n, ttl=size)
    for n in range(4):
        for reply in (0, 1):
            yield IP(src=VM1, dst=SERVICE, id=n) / ICMP(type=0 if reply else 8, id=700 + n, seq=reply) / Raw(payload(20))
            echo = ICMPv6EchoReply if reply else ICMPv6EchoRequest
            yield IPv6(src=VM1_6, dst=SERVICE6) / echo(id=700 + n, seq=reply, data=payload(20))
            yield IP(src=VM1, dst=SERVICE, id=n) / SCTP(sport=50100 + n, dport=50200, tag=reply) / SCTPChunkCookieAck()
            options = IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4 + 8 * reply))])
            yield IPv6(src=VM1_6, dst=SERVICE6) / options / UDP(sport=50100 + n, dport=50002) / Raw(payload(20))
    whole = bytes(udp(VM1, SERVICE, size=1200, sport=50999)[UDP])
    for at in range(0, len(whole), 640):
        more = at + 640 < len(whole)
        yield IP(src=VM1, dst=SERVICE, id=9, proto=17, flags="MF" if more else 0, frag=at // 8) / Raw(whole[at:at + 640])
        yield (IPv6(src=VM1_6, dst=SERVICE6) / IPv6ExtHdrFragment(nh=17, id=9, offset=at // 8, m=int(more))
               / Raw(whole[at:at + 640]))
    for size in (30, 60):
        yield IP(src=VM1, dst=SERVICE, proto=50) / Raw(payload(size, seed=size))
        yield IPv6(src=VM1_6, dst=SERVICE6, nh=50) / Raw(payload(size, seed=size))


def per_flow():
    members = MEMBERS + [OWN]
    c = Case("next-hops-per-flow", "NextHops",
             "A flow keeps its next hop: of several weighted ones, one of them an interface of our own",
             ["FWD-20", "CHN-24"], network(several(SERVICE + "/32", members), several("2001:db8:80::/48", MEMBERS, "per-flow")))
    four, six = Group(members), Group(MEMBERS)
    for packet in flows():
        group = six if isinstance(packet, IPv6) else four
        send(c, packet, group.choose(flow_hash(packet)))
    return c


def of_another_vpn():
    members = MEMBERS[:3] + [(US4, 52015, 3)]
    config = standard(ports=[core_port(neighbors=[{"address": far, "mac": mac} for far, mac in MACS.items()]), standard()["ports"][1]],
                      vrfs=[blue(routes=[several(SERVICE + "/32", members)]), red(routes=[])],
                      interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
                                  interface("vm3", 317, "red", 52015, [VM1 + "/32", SERVICE + "/32"], mac=HOST2)])
    c = Case("next-hops-of-another-vpn", "NextHops",
             "One of several next hops is an interface of another VPN here, which shares what it has",
             ["FWD-20", "ARC-09"], config)
    group = Group(members)
    for n in range(24):
        packet = udp(VM1, SERVICE, sport=50100 + n, seed=n)
        send(c, packet, group.choose(flow_hash(packet)), own="vm3")
    return c


def per_prefix():
    members = MEMBERS[:4]
    prefixes = ["10.%d.0.0/16" % n for n in range(8)] + ["192.0.2.%d/32" % n for n in range(1, 5)] + ["2001:db8:%d::/48" % n for n in range(80, 86)]
    c = Case("next-hops-per-prefix", "NextHops", "All packets of a prefix take one next hop, whatever their flows",
             ["FWD-20"], network(*(several(prefix, members, "per-prefix") for prefix in prefixes)))
    group = Group(members)
    for prefix in prefixes:
        chosen = group.choose(prefix_hash(prefix))
        first = prefix.split("/")[0]
        inside = [first] * 3 if prefix.endswith("/32") else [first + "7", first + "9"] if ":" in prefix else [first[:-1] + "9", first[:-3] + "7.7"]
        for n, target in enumerate(inside):
            send(c, udp(VM1_6 if ":" in prefix else VM1, target, sport=50100 + n, seed=n), chosen)
    return c


def per_packet():
    members = MEMBERS[:3]
    c = Case("next-hops-per-packet", "NextHops", "Each packet takes the next turn, also those of one flow",
             ["FWD-20"], network(several("0.0.0.0/0", members, "per-packet")))
    group = Group(members)
    for turn in range(48):
        send(c, udp(VM1, SERVICE), group.owner_of(turn))
    return c


def three_hundred():
    fars = ["203.0.113.%d" % n for n in range(100, 250)] + ["2001:db8:f:0:1::%x" % n for n in range(1, 151)]
    macs = {far: "02:00:00:00:%02x:%02x" % (1 + i // 256, i % 256) for i, far in enumerate(fars)}
    members = [(far, 61000 + i, 1) for i, far in enumerate(fars)]
    c = Case("next-hops-three-hundred", "NextHops", "Several hundred next hops for one prefix",
             ["FWD-20", "SCL-10"], network(several("192.0.2.0/24", members), macs=macs))
    group = Group(members)
    for n in range(600):
        packet = udp(VM1, "192.0.2.%d" % (1 + n % 200), size=8, sport=50100 + n // 200)
        send(c, packet, group.choose(flow_hash(packet)), macs)
    return c
