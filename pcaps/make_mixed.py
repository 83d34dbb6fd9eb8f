#!/usr/bin/python3
"""Write a large mixed capture, its configuration and the counters that a replay of it must end with.

    /usr/bin/python3 pcaps/make_mixed.py --out DIR [--packets 1000000] [--seed 1]

DIR gets config.yaml, in.<port>.pcap (three ports) and counters.json. Every encapsulation over both underlay families,
both directions, IPv4 and IPv6 tenants in IMIX sizes (7:4:1), one tag, two tags and a local port, local traffic, aggregate
labels, what the slow path answers, and what is dropped. About 1500 short stories are told with the means of the golden
cases; the capture repeats them in an order drawn from the seed, so the expected counters are a sum. Payloads are such
that tshark finds no dissector for them. Same arguments, same bytes.
"""
import argparse
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

try:
    from scapy.layers.inet import IP, UDP
except ImportError:
    sys.exit("make_mixed.py needs scapy: apt-get install python3-scapy, and run it with /usr/bin/python3")

from reference import capture, yaml_text  # noqa: E402
from reference.case import Case, as_json  # noqa: E402
from reference.frames import (BROADCAST, NEIGHBOR_MAC, US4, US6, VIRTUAL4, echo, after_hop, overhead, payload,  # noqa: E402
                              shim, tagged, tcp, tunnel, udp_of_length)
from reference.link import (arp_request, echo_reply, ipv4_fragments, multicast_mac, solicitation, time_exceeded, too_big,  # noqa: E402
                            virtual_advertisement, virtual_arp_reply)
from reference.topology import access_port, core_port, interface, route  # noqa: E402

VRFS = 6
# (address of a remote forwarder, its encapsulation)
REMOTES = [("203.0.113.61", "mpls-in-gre"), ("203.0.113.62", "mpls-in-udp"), ("203.0.113.63", "mpls-in-ip"),
           ("2001:db8:f::61", "mpls-in-gre"), ("2001:db8:f::62", "mpls-in-udp"), ("2001:db8:f::63", "mpls-in-ip")]
NEIGHBOR_MAC.update({address: "02:00:00:00:06:%02x" % i for i, (address, _) in enumerate(REMOTES)})
LOCAL = {4: ("198.51.100.25", "198.51.100.26"), 6: ("2001:db8:1::25", "2001:db8:1::26")}
ROUTER = {4: "198.51.100.1", 6: "2001:db8:1::1"}
IMIX = ((46, 7), (576, 4), (1400, 1))
STEP = 10                      # microseconds between two packets


def far_host(family, remote):
    return ("198.51.100.%d" if family == 4 else "2001:db8:1::%d") % (100 + remote)


def remote_label(vrf, family, remote):
    return 60000 + vrf * 100 + remote * 10 + family


def configuration():
    vrfs, interfaces = [], []
    for v in range(VRFS):
        routes = [route(far_host(family, r), address, remote_label(v, family, r))
                  for r, (address, _) in enumerate(REMOTES) for family in (4, 6)]
        routes += [route(LOCAL[family][1], US4, 50001 + 10 * v) for family in (4, 6)]
        vrfs.append({"name": "vrf%d" % v, "label": 3000 + v, "router-addresses": [ROUTER[4], ROUTER[6]], "routes": routes})
        for i in (0, 1):
            vlan = 100 + 10 * v + i if v % 2 == 0 else [100 + v, 10 + i]
            port, vlan = ("tap1", None) if (v, i) == (1, 1) else ("acc0", vlan)
            interfaces.append(interface("if%d-%d" % (v, i), vlan, "vrf%d" % v, 50000 + 10 * v + i,
                                        [LOCAL[4][i] + "/32", LOCAL[6][i] + "/128"], port=port,
                                        mac="02:aa:00:00:%02x:%02x" % (v, i),
                                        **({"class": {"dscp": 8 * v, "traffic-class": v}} if i else {})))
    return {
        "roles": ["forwarder"],
        "ports": [core_port(neighbors=[{"address": a, "mac": NEIGHBOR_MAC[a]} for a, _ in REMOTES]), access_port(),
                  {"name": "tap1", "role": "local", "mac": "02:00:00:00:00:b1"}],
        "infrastructure": {"address": US4, "address6": US6},
        "tunnels": [{"remote": a, "encapsulation": e} for a, e in REMOTES],
        "vrfs": vrfs, "interfaces": interfaces,
        "limits": {"punt-rate": 100000, "icmp-rate": 100000},
    }


def stories(config):
    """(weight, function that tells a story to a Case)."""
    for v in range(VRFS):
        for i in (0, 1):
            for family in (4, 6):
                for r, (far, _) in enumerate(REMOTES):
                    for size, share in IMIX:
                        for maker in (udp_of_length, tcp_of_length):
                            yield 4 * share, encapsulate(v, i, family, r, far, size, maker)
                            yield 4 * share, decapsulate(v, i, family, r, far, size, maker)
                    yield 3, aggregate(v, i, family, r, far)
        for family in (4, 6):
            for size, share in IMIX:
                yield 9 * share, local(v, family, size)
    for v in range(VRFS):
        for family in (4, 6):
            for weight, story in slow(v, family):
                yield weight, story
            for story in dropped(v, family):
                yield 6, story


def tcp_of_length(source, target, length, **more):
    return tcp(source, target, size=length - (60 if ":" in source else 40), **more)


def name(v, i):
    return "if%d-%d" % (v, i)


def class_of(v, i):
    return {"dscp": 8 * v, "tc": v} if i else {}


def shortest(maker, family, size):
    return max(size, {udp_of_length: 28, tcp_of_length: 40}[maker] + (20 if family == 6 else 0))


def encapsulate(v, i, family, r, far, size, maker):
    packet = maker(LOCAL[family][i], far_host(family, r), shortest(maker, family, size), sport=50100 + size % 97, seed=v + r)
    return lambda c: c.guest(name(v, i), packet).tunnel(far, remote_label(v, family, r), after_hop(packet), **class_of(v, i))


def decapsulate(v, i, family, r, far, size, maker):
    packet = maker(far_host(family, r), LOCAL[family][i], shortest(maker, family, size), sport=50300 + size % 97, ttl=1 + 40 * i, seed=v + r)
    label = 50000 + 10 * v + i
    return lambda c: c.from_far(label, packet, src=far).accepted(label, packet).deliver(name(v, i), packet)


def aggregate(v, i, family, r, far):
    here = udp_of_length(far_host(family, r), LOCAL[family][i], 100)
    on = udp_of_length(far_host(family, r), far_host(family, (r + 1) % len(REMOTES)), 100)
    label, after = 3000 + v, (r + 1) % len(REMOTES)
    if i == 0:
        return lambda c: c.from_far([shim(0, bottom=0), shim(label)], here, src=far).accepted(label, here).deliver(name(v, i), after_hop(here))
    return lambda c: c.from_far(label, on, src=far).accepted(label, on).tunnel(REMOTES[after][0], remote_label(v, family, after), after_hop(on))


def local(v, family, size):
    packet = udp_of_length(LOCAL[family][0], LOCAL[family][1], shortest(udp_of_length, family, size))
    return lambda c: c.guest(name(v, 0), packet).deliver(name(v, 1), after_hop(packet))


def slow(v, family):
    """What ends in the slow path. ICMP over IPv4 carries a running identification, which counters do not show."""
    vm, mac = name(v, 0), "02:aa:00:00:%02x:00" % v
    source, far = LOCAL[family][0], far_host(family, 0)
    if family == 4:
        request = arp_request(mac, source, far)
        yield 40, lambda c: c.guest(vm, request, dst=BROADCAST).punt("arp").answered().to_guest(vm, virtual_arp_reply(request))
        probe = arp_request(mac, "0.0.0.0", source)
        yield 8, lambda c: c.guest(vm, probe, dst=BROADCAST).punt("arp").drop("dad-own-address")
        spoofed = arp_request(mac, "198.51.100.77", far)
        yield 8, lambda c: c.guest(vm, spoofed, dst=BROADCAST).punt("arp").drop("arp-spoofed")
        long = udp_of_length(source, far, 1500)
        yield 10, lambda c: fragments(c, v, long)
    else:
        query = solicitation(mac, source, far)
        yield 40, lambda c: c.guest(vm, query, dst=multicast_mac(query.dst)).punt("nd").answered().to_guest(vm, virtual_advertisement(query))
    expired = udp_of_length(source, far, 200, ttl=1)
    yield 20, lambda c: c.guest(vm, expired).punt("ttl-expired").answered().to_guest(vm, time_exceeded(expired, ROUTER[family]))
    large = udp_of_length(source, far, 1500, **({"flags": "DF"} if family == 4 else {}))
    fits = 1500 - overhead("gre", 4)
    yield 20, lambda c: c.guest(vm, large).punt("mtu-exceeded").answered().to_guest(vm, too_big(large, ROUTER[family], fits))
    ping = echo(source, ROUTER[family])
    yield 20, lambda c: c.guest(vm, ping).punt("router-address").answered().to_guest(vm, echo_reply(ping))
    call = echo(far, ROUTER[family])
    yield 20, lambda c: c.from_far(3000 + v, call, src=REMOTES[0][0]).accepted(3000 + v, call).punt("router-address").answered().packet(
        "vrf%d" % v).tunnel(REMOTES[0][0], remote_label(v, family, 0), echo_reply(call))


def fragments(c, v, packet):
    story = c.guest(name(v, 0), packet).punt("mtu-exceeded").forwarded()
    for piece in ipv4_fragments(packet, 1472):
        story.packet(vm=name(v, 0)).tunnel(REMOTES[0][0], remote_label(v, 4, 0), after_hop(piece))


def dropped(v, family):
    vm, far = name(v, 0), REMOTES[v % 3][0]
    source, target = LOCAL[family][0], far_host(family, 0)
    label = 50000 + 10 * v
    good = udp_of_length(target, source, 120)
    yield lambda c: c.guest(vm, udp_of_length(LOCAL[family][1], target, 90)).drop("source-validation")
    yield lambda c: c.guest(vm, udp_of_length(source, far_host(family, 80), 90)).drop("no-route")
    yield lambda c: c.rx("acc0", tagged(VIRTUAL4, "02:aa:00:00:ee:ee", [777], udp_of_length(source, target, 90))).drop("unclassified")
    yield lambda c: c.guest(vm, udp_of_length(source, target, 90), dst="02:12:34:56:78:9a").drop("not-for-router")
    yield lambda c: c.guest(vm, udp_of_length("127.0.0.1" if family == 4 else "::1", target, 90)).drop("martian-source")
    yield lambda c: c.guest(vm, udp_of_length(source, "224.0.0.9" if family == 4 else "ff02::9", 90)).drop("multicast")
    yield lambda c: c.from_far(999999, good, src=far).drop("unknown-label")
    yield lambda c: c.from_far(label, good, src="203.0.113.99").drop("outer-source")
    yield lambda c: c.from_far([shim(label, bottom=0), shim(label)], good, src=far).drop("label-stack")
    yield lambda c: c.from_far([shim(label, ttl=0)], good, src=far).drop("label-ttl")
    yield lambda c: c.from_far(label, good, src=far, dst="203.0.113.200").drop("not-local")
    yield lambda c: c.from_far(label, bytes(good)[:60], src=far).drop("bad-ip-header", label=label)
    yield lambda c: c.core(IP(src=far, dst=US4) / UDP(sport=50001, dport=50002) / payload(40)).drop("unsupported-protocol")
    yield lambda c: c.core(tunnel("gre", far, US4, label, good, gre={"key_present": 1})).drop("gre-unsupported")
    yield lambda c: c.core(tunnel("gre", far, US4, label, good, chksum=0x1111)).drop("outer-bad-checksum")
    yield lambda c: c.rx("core0", b"\x02\x00\x00\x00\x00\x11\x02").drop("runt-frame")
    yield lambda c: c.rx("acc0", tagged("01:80:c2:00:00:0e", "02:aa:00:00:00:00", [100], payload(60), kind=0x88CC), "if0-0").drop("non-ip")


def add(total, part, times):
    for key, value in part.items():
        if isinstance(value, dict):
            add(total.setdefault(key, {}), value, times)
        else:
            total[key] = total.get(key, 0) + value * times


def main():
    parser = argparse.ArgumentParser(description="Write a large mixed capture and the counters that it must end with.")
    parser.add_argument("--out", required=True, help="folder to write to; made if needed")
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    config = configuration()
    told, weights = [], []
    for weight, story in stories(config):
        case = Case("mixed", "Mixed", "", [], config)
        story(case)
        case.check_story()
        (port, frames), = case.inputs.items()
        (_, frame), = frames
        told.append((port, frame, case.counters))
        weights.append(weight)
    files = {p["name"]: open(os.path.join(options.out, "in.%s.pcap" % p["name"]), "wb") for p in config["ports"]}
    for stream in files.values():
        stream.write(capture.capture_bytes([]))
    times = [0] * len(told)
    writers = [(files[port].write, struct.pack("<II", len(frame), len(frame)) + frame) for port, frame, _ in told]
    chosen = random.Random(options.seed).choices(range(len(told)), weights=weights, k=options.packets)
    pack = struct.Struct("<II").pack
    for n, index in enumerate(chosen):
        times[index] += 1
        write, record = writers[index]
        micros = n * STEP
        write(pack(capture.EPOCH + micros // 1_000_000, micros % 1_000_000) + record)
    for stream in files.values():
        stream.close()
    counters = Case("mixed", "Mixed", "", [], config).counters
    for (_, _, part), count in zip(told, times):
        if count:
            add(counters, part, count)
    for file, content in (("config.yaml", yaml_text.dump(config).encode()), ("counters.json", as_json(counters))):
        with open(os.path.join(options.out, file), "wb") as stream:
            stream.write(content)
    print("%d packets of %d kinds" % (options.packets, len(told)))


if __name__ == "__main__":
    main()
