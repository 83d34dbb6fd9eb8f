"""A gateway is killed and comes back: packets go on, and nobody hears of a change that is none."""

import threading
import time

import agents
import nodes
import reflector
from appearing import as_text, snapshot
from checks import Probe, becomes, fact, section
from topology import VM


class Watch:
    """Looks again and again at what the nodes know, and counts where it is otherwise than at first."""

    def __init__(self):
        self.first, self.looks, self.changes = as_text(snapshot()), 0, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.3):
            if as_text(snapshot()) != self.first:
                self.changes.append(time.monotonic())
            self.looks += 1

    def end(self):
        self.over.set()
        self.thread.join()
        return self.looks, len(self.changes)


def is_served(node, gateway):
    """Whether a node has its routes from a gateway now."""
    return agents.servers(node).get(gateway) == (True, True)


def run(report):
    reflected = set(reflector.vpn_routes())
    probes = [Probe("red1", "red2", 10), Probe("blue2", "blue3", 10), Probe("red2", VM, 10)]
    watch = Watch()
    nodes.kill("sg1")
    good = section("Gateway sg1 is killed (SIGKILL)", [
        *((f"{node} has its routes from sg2", becomes(lambda n=node: is_served(n, "sg2") and not agents.servers(n)["sg1"][0],
                                                      lambda n=node: str(agents.servers(n)), 60)) for node in ("tor", "hv1")),
        ("the reflector has lost sg1", becomes(lambda: reflector.GATEWAYS["sg1"] not in reflector.established(), "", 60)),
        ("and still has every route", becomes(lambda: set(reflector.vpn_routes()) == reflected, lambda: f"{len(reflector.vpn_routes())}", 30)),
    ], report)
    nodes.launch("sg1")
    nodes.await_ready("sg1")
    good &= section("sg1 is started again", [
        *((f"{node} has its session again", becomes(lambda n=node: agents.servers(n)["sg1"][0], lambda n=node: str(agents.servers(n)), 90)) for node in ("tor", "hv1")),
        ("the reflector has sg1 again", becomes(lambda: reflector.GATEWAYS["sg1"] in reflector.established(), "", 60)),
        ("no route is in doubt", becomes(lambda: not any(agents.stale(n, v) for n in ("tor", "hv1") for v in ("red", "blue")), "none stale", 60)),
    ], report)
    looks, changes = watch.end()
    results = [probe.end() for probe in probes]
    sent, answered = sum(r[0] for r in results), sum(r[1] for r in results)
    return good & section("Nobody noticed", [
        ("probes answered, three flows throughout", fact(sent == answered, f"{answered} of {sent}, longest gap {max(r[2] for r in results)} ms")),
        ("changes of a route at any forwarder", fact(looks > 3 and not changes, f"{changes} in {looks} looks at all of them")),
    ], report)
