"""Aggregate labels, explicit null, overlapping tenants, and the rule about local destinations (FWD-10)."""
from .case import Case
from .frames import (FAR4, FAR6, HUB4, HUB6, REMOTE, REMOTE6, US4, US6, VM1, VM1_6, VM2, VM2_6, after_hop, shim, udp)
from .topology import blue, interface, red, route, standard


def cases():
    yield explicit_null()
    yield aggregate_local()
    yield aggregate_reencapsulated()
    yield aggregate_no_route()
    yield overlapping()
    yield hub_before()
    yield hub_confirmed()
    yield confirmation_must_match()
    yield own_aggregate()
    yield lookup_loop()
    yield prefix_behind_interface()


def explicit_null():
    c = Case("explicit-null", "Labels", "Explicit null labels above the VPN label are popped, two at most",
             ["QOS-02", "AMB-45", "FWD-05"], standard(vrfs=[blue(far6=FAR6), red()]))
    four, six = udp(REMOTE, VM1), udp(REMOTE6, VM1_6)
    for source, packet in ((FAR4, four), (FAR6, four), (FAR4, six), (FAR6, six)):
        for stack in ([0], [2], [0, 0], [2, 0], [0, 2]):
            entries = [shim(label, bottom=0, tc=3, ttl=9) for label in stack] + [shim(52013)]
            c.from_far(entries, packet, src=source).accepted(52013, packet).deliver("vm1", packet)
    c.from_far([shim(0, bottom=0), shim(3000)], four).accepted(3000, four).deliver("vm1", after_hop(four))
    for stack in ([0, 0, 0], [2, 2, 0]):
        c.from_far([shim(label, bottom=0) for label in stack] + [shim(52013)], four).drop("label-stack")
    for label in (0, 2):
        c.from_far(label, four).drop("unknown-label")
        c.from_far([shim(0, bottom=0), shim(label)], four).drop("unknown-label")
    return c


def aggregate_local():
    c = Case("aggregate-local", "Labels", "Behind an aggregate label the VRF is looked up and the packet delivered locally at once",
             ["FWD-05", "FWD-19", "AMB-24", "FWD-10"], standard())
    for source, target, vm in ((REMOTE, VM1, "vm1"), (REMOTE, VM2, "vm2"), (REMOTE6, VM1_6, "vm1"), (REMOTE6, VM2_6, "vm2")):
        packet = udp(source, target)
        c.from_far(3000, packet).accepted(3000, packet).deliver(vm, after_hop(packet))
    for source, target in ((REMOTE, VM1), (REMOTE6, VM1_6)):
        packet = udp(source, target)
        c.from_far(3001, packet).accepted(3001, packet).deliver("vm3", after_hop(packet))
    return c


def aggregate_reencapsulated():
    config = standard(vrfs=[blue(routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR4, 61206), route("198.51.100.50", HUB4, 61250),
                                         route("2001:db8:1::50", HUB6, 61256), route("198.51.100.128/25", FAR4, 61128)])],
                      interfaces=standard()["interfaces"][:2])
    c = Case("aggregate-reencapsulated", "Labels", "INT-06: a packet with the aggregate label goes on in another tunnel, with that host's label",
             ["INT-06", "FWD-19", "FWD-05"], config)
    for source, target, far, label in ((REMOTE, "198.51.100.50", HUB4, 61250), (REMOTE6, "2001:db8:1::50", HUB6, 61256),
                                       (REMOTE, "198.51.100.129", FAR4, 61128), ("192.0.2.1", REMOTE, FAR4, 61200)):
        packet = udp(source, target)
        c.from_far(3000, packet).accepted(3000, packet).tunnel(far, label, after_hop(packet))
    packet = udp(REMOTE, VM1)
    c.from_far(3000, packet, src=HUB4).accepted(3000, packet).deliver("vm1", after_hop(packet))
    return c


def aggregate_no_route():
    c = Case("aggregate-no-route", "Labels", "Behind an aggregate label, what the VRF does not know is dropped",
             ["FWD-05", "FWD-19", "MGT-08"], standard())
    for source, target in ((REMOTE, "198.51.100.99"), (REMOTE, "203.0.113.17"), (REMOTE6, "2001:db8:1::99")):
        packet = udp(source, target)
        c.from_far(3000, packet).accepted(3000, packet).drop("no-route")
    packet = udp(REMOTE, VM2)
    c.from_far(3001, packet).accepted(3001, packet).drop("no-route")
    return c


def overlapping():
    config = standard(vrfs=[blue(far6=FAR6, routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR6, 61206), route(VM1, US4, 52013),
                                                    route(VM2, US4, 52014)]),
                            red(routes=[route(REMOTE, HUB4, 61300), route(REMOTE6, HUB4, 61306), route(VM1, US4, 52015),
                                        route(VM2, HUB4, 61326)])])
    c = Case("overlapping-tenants", "Lookup", "The same addresses in two VPNs on one forwarder never meet",
             ["ARC-07", "FWD-01", "FWD-08", "SEC-13"], config)
    for source, target, family_label, far_blue in ((VM1, REMOTE, 0, FAR4), (VM1_6, REMOTE6, 6, FAR6)):
        packet = udp(source, target)
        c.guest("vm1", packet).tunnel(far_blue, 61200 + family_label, after_hop(packet))
        c.guest("vm3", packet).tunnel(HUB4, 61300 + family_label, after_hop(packet))
    packet = udp(VM1, VM2)
    c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    c.guest("vm3", packet).tunnel(HUB4, 61326, after_hop(packet))
    packet = udp(VM2, VM1)
    c.guest("vm2", packet).deliver("vm1", after_hop(packet))
    c.from_far(52015, packet, src=HUB4).accepted(52015, packet).deliver("vm3", packet)
    c.from_far(52013, packet).accepted(52013, packet).deliver("vm1", packet)
    return c


def hub_before():
    config = standard(vrfs=[blue(routes=[route("0.0.0.0/0", HUB4, 60000), route("::/0", HUB4, 60006)])],
                      interfaces=standard()["interfaces"][:2])
    c = Case("local-route-unconfirmed", "Lookup",
             "FWD-10: local VMs talk through the hub until the gateway has echoed their route; from the tunnel they are reached at once",
             ["FWD-10", "ARC-13", "SIG-13"], config)
    for vm, source, target, other, label in (("vm1", VM1, VM2, "vm2", 60000), ("vm2", VM2, VM1, "vm1", 60000),
                                             ("vm1", VM1_6, VM2_6, "vm2", 60006)):
        packet = udp(source, target)
        c.guest(vm, packet).tunnel(HUB4, label, after_hop(packet))
        back = after_hop(packet)
        own = c.interfaces[other]["label"]
        c.from_far(own, back, src=HUB4).accepted(own, back).deliver(other, back)
        c.from_far(3000, back, src=HUB4).accepted(3000, back).deliver(other, after_hop(back))
    return c


def hub_confirmed():
    config = standard(vrfs=[blue(routes=[route("0.0.0.0/0", HUB4, 60000), route("::/0", HUB4, 60006), route(VM2, US4, 52014),
                                         route(VM2_6, US6, 52014)])], interfaces=standard()["interfaces"][:2])
    c = Case("local-route-confirmed", "Lookup",
             "FWD-10: with own next hop and the right label for that very prefix, local VMs talk directly; the others still go to the hub",
             ["FWD-10", "FWD-21", "ARC-17"], config)
    for source, target in ((VM1, VM2), (VM1_6, VM2_6)):
        packet = udp(source, target)
        c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    for source, target, label in ((VM2, VM1, 60000), (VM2_6, VM1_6, 60006)):
        packet = udp(source, target)
        c.guest("vm2", packet).tunnel(HUB4, label, after_hop(packet))
    packet = udp(VM1, VM2, ttl=2)
    c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    return c


def confirmation_must_match():
    config = standard(vrfs=[blue(routes=[route("0.0.0.0/0", HUB4, 60000), route("::/0", HUB4, 60006), route(VM2, US4, 52013),
                                         route("2001:db8:1::/64", US4, 52014), route("198.51.100.24/30", US4, 52014)])],
                      interfaces=standard()["interfaces"][:2])
    c = Case("local-route-not-matching", "Lookup",
             "FWD-10: own next hop with another label, or for another prefix, confirms nothing",
             ["FWD-10"], config)
    for source, target, label in ((VM1, VM2, 60000), (VM1_6, VM2_6, 60006)):
        packet = udp(source, target)
        c.guest("vm1", packet).tunnel(HUB4, label, after_hop(packet))
    return c


def own_aggregate():
    config = standard(vrfs=[blue(routes=[route("0.0.0.0/0", HUB4, 60000), route("198.51.100.0/24", US4, 3000),
                                         route("2001:db8:1::/64", US4, 3000)])], interfaces=standard()["interfaces"][:2])
    c = Case("own-aggregate-route", "Lookup", "A route to our own aggregate label is looked up again among the local routes",
             ["FWD-10", "FWD-19"], config)
    for source, target in ((VM1, VM2), (VM1_6, VM2_6)):
        packet = udp(source, target)
        c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    packet = udp(VM1, "192.0.2.1")
    c.guest("vm1", packet).tunnel(HUB4, 60000, after_hop(packet))
    return c


def lookup_loop():
    config = standard(vrfs=[blue(routes=[route("198.51.100.0/24", US4, 3000), route(REMOTE, FAR4, 61200)])],
                      interfaces=standard()["interfaces"][:2])
    c = Case("drop-lookup-loop", "Lookup", "An aggregate that only leads to itself is not followed for ever",
             ["FWD-19", "MGT-08"], config)
    c.guest("vm1", udp(VM1, "198.51.100.77")).drop("lookup-loop")
    packet = udp(REMOTE, "198.51.100.77")
    c.from_far(3000, packet).accepted(3000, packet).drop("lookup-loop")
    packet = udp(VM1, VM2)
    c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    packet = udp(VM1, REMOTE)
    c.guest("vm1", packet).tunnel(FAR4, 61200, after_hop(packet))
    return c


def prefix_behind_interface():
    config = standard(interfaces=[interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128", "192.0.2.0/24", "2001:db8:77::/48"]),
                                  interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128", "192.0.2.128/25"])],
                      vrfs=[blue(routes=[route(REMOTE, FAR4, 61200), route(REMOTE6, FAR4, 61206), route("192.0.2.128/25", US4, 52014)])])
    c = Case("prefix-behind-interface", "Lookup", "Interfaces may own prefixes shorter than a host: they are sources, and local routes",
             ["SEC-02", "FWD-02", "FWD-10"], config)
    for vm, source, target, label in (("vm1", "192.0.2.5", REMOTE, 61200), ("vm1", "2001:db8:77:1::1", REMOTE6, 61206)):
        packet = udp(source, target)
        c.guest(vm, packet).tunnel(FAR4, label, after_hop(packet))
    for source, target, vm in ((REMOTE, "192.0.2.7", "vm1"), (REMOTE, "192.0.2.200", "vm2"), (REMOTE6, "2001:db8:77:ffff::9", "vm1")):
        packet = udp(source, target)
        c.from_far(3000, packet).accepted(3000, packet).deliver(vm, after_hop(packet))
    packet = udp("192.0.2.5", "192.0.2.200")
    c.guest("vm1", packet).deliver("vm2", after_hop(packet))
    c.guest("vm2", udp("192.0.2.200", "192.0.2.5")).drop("no-route")
    return c
