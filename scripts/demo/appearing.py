"""Virtual interfaces are attached, and their routes appear wherever their VPN is."""

import concurrent.futures
import json

import agents
import reflector
from checks import becomes, fact, section
from nodes import ask, call
from shell import wait_until
from topology import FORWARDER_OF, HOSTS, VM, VM_V4, VM_V6, WAN_V4, tag_hosts

VM_PREFIXES = {f"{VM_V4}/32", f"{VM_V6}/128"}
WANTED = ["65000:1", "65000:2", "65000:3", "65000:9"]
WAN_PREFIXES = {f"{WAN_V4.rsplit('.', 1)[0]}.0/24"}


def expected():
    """{(node, VPN): the prefixes it shall know}, before there is a hub."""
    hosts = agents.prefixes_of
    red = hosts("red1", "red2", "red3", "dns") | VM_PREFIXES | WAN_PREFIXES
    blue = hosts("blue1", "blue2", "blue3", "dns")
    green = hosts("green1", "green2", "green3")
    return {
        ("tor", "red"): red, ("hv1", "red"): red, ("tor", "blue"): blue, ("hv1", "blue"): blue, ("hv2", "blue"): blue,
        ("tor", "green"): green, ("hv1", "green"): green, ("hv2", "green-hub"): green, ("hv2", "services"): hosts("red3", "blue3"),
    }


def run(report):
    report.section("Virtual interfaces are attached")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        vm = pool.submit(ask, "hv1", "agent", "attach", VM, "--vpn", "red", "--port", VM, "--address", VM_V4, "--address", VM_V6, "--version", "7")
        vlans = dict(zip(HOSTS, pool.map(agents.attach, HOSTS)))
        vm.result()
    for host, vlan in vlans.items():
        if host in ("red1", "red2", "hub"):
            report.note(f"{agents.agent_of(host)}: dataplane {' '.join(agents.attach_command(host))}" + (f"   prints VLAN {vlan}" if vlan else ""))
    tag_hosts({host: vlan for host, vlan in vlans.items() if vlan})
    report.proof(True, "by dataplane agent attach, no route typed", f"{len(HOSTS) + 1} interfaces")

    good = section("Their routes appear", [
        (f"{node} knows {vpn}", becomes(lambda n=node, v=vpn, p=prefixes: set(agents.routes(n, v)) == p,
                                        lambda n=node, v=vpn, p=prefixes: detail(n, v, p), 90))
        for (node, vpn), prefixes in expected().items()
    ], report)
    routes = agents.routes("hv1", "red")
    nodes = {FORWARDER_OF.get(address, address) for hops in routes.values() for address, _ in hops}
    good &= section("By XMPP to the gateways, by BGP between them", [
        ("hv1's red is behind tor, hv2, the WAN and itself", fact(nodes == {"tor", "hv2", "pe", "localhost"}, " ".join(sorted(nodes)))),
        ("sessions of end-systems, each by certificate", end_systems),
        ("BGP sessions of the reflector, GoBGP", becomes(lambda: len(reflector.established()) == 3, lambda: " ".join(sorted(reflector.established())), 60)),
        *((f"route targets that {gateway} asks the reflector for", becomes(lambda a=address: reflector.memberships(a) == WANTED,
                                                                     lambda a=address: " ".join(reflector.memberships(a)), 60))
          for gateway, address in reflector.GATEWAYS.items()),
        ("10.1.0.22/32 in BGP, of red and of blue", becomes(lambda: len(distinguishers("10.1.0.22/32")) == 2,
                                                            lambda: "distinguishers " + " ".join(distinguishers("10.1.0.22/32")), 60)),
        ("both gateways have the same next hops and labels", becomes(lambda: agreement()[0], lambda: agreement()[1], 60)),
    ], report)
    report.note("for example, dataplane agent routes red at hv1, and dataplane show vrf services at sg2:")
    for line in (ask("hv1", "agent", "routes", "red") + ask("sg2", "show", "vrf", "services")).splitlines():
        report.note("  " + line)
    return good


def detail(node, vpn, wanted):
    known = set(agents.routes(node, vpn))
    wrong = f", missing {sorted(wanted - known)}, too many {sorted(known - wanted)}" if known != wanted else ""
    return f"{len(known)} routes{wrong}"


def end_systems():
    """All forwarders have their sessions with the gateways, and each proved by a certificate who it is."""
    def sessions():
        return [(node, row["client"].split("@")[0]) for node in ("sg1", "sg2") for row in (call(node, "GET", "/v1/xmpp/sessions") or {}).get("sessions", [])
                if row["state"] == "up" and row["certificate"] not in (None, "none")]

    wait_until("the end-systems' sessions", lambda: len(sessions()) == 5, 60)
    return True, f"{len(sessions())}: " + ", ".join(f"{sum(node == g for node, _ in sessions())} at {g}" for g in ("sg1", "sg2"))


def distinguishers(prefix):
    """Those under which the reflector has a prefix."""
    return sorted(name.removesuffix(":" + prefix) for name in reflector.vpn_routes() if name.endswith(":" + prefix))


def agreement():
    """Both gateways export what they have under the same distinguishers, with the same labels."""
    prefixes = {node: {} for node in ("sg1", "sg2")}
    for node, known in prefixes.items():
        for vpn in ("red", "blue"):
            answer = call(node, "GET", f"/v1/vrfs/{vpn}/routes?limit=1000")
            for route in answer["routes"]:
                known[vpn, route["prefix"]] = sorted({(hop["address"], hop["label"]) for hop in route["nextHops"] if hop["used"]})
    return prefixes["sg1"] == prefixes["sg2"], f"{len(prefixes['sg1'])} routes of red and blue at sg1, {len(prefixes['sg2'])} at sg2"


def snapshot():
    """What every node knows: {(node, VPN): {prefix: next hops}}."""
    return {(node, vpn): agents.routes(node, vpn) for node, vpn in expected()}


def as_text(known):
    return json.dumps({"/".join(key): value for key, value in known.items()}, sort_keys=True)
