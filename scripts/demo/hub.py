"""Hub and spoke, introduced on a live VPN (ARC-13): nothing is attached anew, no session ends; two lines of the gateways' configuration change."""

import json

import agents
import nodes
import reflector
from checks import becomes, fact, reaches, section
from shell import PREFIX, sh
from topology import address_of

BEFORE = 'name: green, import-targets: ["65000:3"]'
AFTER = 'name: green, import-targets: ["65000:30"]'
# The spokes' own target matters to the hub's gateway only, from now on.
WANTED = {"sg1": ["65000:1", "65000:2", "65000:30", "65000:9"], "sg2": ["65000:1", "65000:2", "65000:3", "65000:30", "65000:9"]}


def packets():
    """Packets that went into and out of the middle box."""
    counters = json.loads(sh("ip", "-n", PREFIX + "hub", "-j", "-s", "link", "show", "eth0").stdout)[0]["stats64"]
    return counters["rx"]["packets"], counters["tx"]["packets"]


def sessions():
    """How many sessions each forwarder has had with each gateway."""
    return {node: [(row["name"], row["sessions"]) for row in nodes.call(node, "GET", "/v1/agent")["servers"]] for node in ("tor", "hv1", "hv2")}


def run(report):
    spokes = agents.prefixes_of("green1", "green2", "green3")
    covering = agents.prefixes_of("hub")
    before, had = packets(), sessions()
    good = section("Spokes of green reach each other, so far directly", [
        ("green1 > green2", reaches("green1", "green2")), ("green1 > green3, behind the same forwarder", reaches("green1", "green3")),
    ], report)
    report.proof(packets() == before, "packets through the hub's middle box", str(packets()[0] - before[0]))
    good &= packets() == before

    report.note(f"sg1.yaml and sg2.yaml: {BEFORE}  becomes  {AFTER.split('green, ')[1]}; then SIGHUP")
    for gateway in ("sg1", "sg2"):
        nodes.edit(gateway, BEFORE, AFTER)
        nodes.reload(gateway)
    good &= section("green imports what its hub exports, and no more", [
        *((f"{node} knows of green the hub's prefixes only", becomes(lambda n=node: set(agents.routes(n, "green")) == covering,
                                                                     lambda n=node: " ".join(sorted(agents.routes(n, "green"))), 60))
          for node in ("tor", "hv1")),
        ("hv2 knows all spokes for the hub", becomes(lambda: set(agents.routes("hv2", "green-hub")) == spokes,
                                                     lambda: f"{len(agents.routes('hv2', 'green-hub'))} routes", 60)),
        *((f"route targets that {gateway} asks the reflector for", becomes(lambda g=gateway, w=wanted: reflector.memberships(reflector.GATEWAYS[g]) == w,
                                                                         lambda g=gateway: " ".join(reflector.memberships(reflector.GATEWAYS[g])), 60))
          for gateway, wanted in WANTED.items()),
    ], report)
    before = packets()
    pairs = [("green1", "green2", 4), ("green2", "green1", 6), ("green1", "green3", 4), ("green3", "green1", 6)]
    good &= section("Spokes reach each other through the hub", [
        *((f"{a} > {b}  IPv{family}", reaches(a, b, family)) for a, b, family in pairs),
        ("green2 > the middle box itself", reaches("green2", address_of("hub", 4))),
    ], report)
    passed = tuple(now - then for now, then in zip(packets(), before))
    enough = 2 * 3 * len(pairs)
    return good & section("And all of it went that way", [
        ("packets into the middle box", fact(passed[0] >= enough, f"{passed[0]}, at least {enough} expected")),
        ("packets out of it", fact(passed[1] >= enough, f"{passed[1]}")),
        ("sessions that ended meanwhile", fact(sessions() == had, "none" if sessions() == had else f"{had} {sessions()}")),
    ], report)
