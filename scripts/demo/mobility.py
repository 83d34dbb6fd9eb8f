"""A workload moves while it is talked to (MOB): its target takes part in the VPN first, then the workload is there, then its place is said
with a higher version; the old place lets go last, and until then sends after it what still comes."""

import time

import agents
from appearing import VM_PREFIXES
from checks import Flow, Probe, becomes, fact, reaches, section
from shell import DemoError
from topology import ADDRESS_OF, VM, VM_V4, WAN_V4, prepare_vm


def place_at(node):
    """Where a node thinks that the workload is."""
    return [address for address, _ in agents.routes(node, "red").get(f"{VM_V4}/32", [])]


def move(source, target, version):
    """Moves it; returns how many routes the target knew before, and for how long the workload was neither here nor announced there (ms)."""
    agents.attach_vm(target, addresses=())
    others = set(agents.routes(source, "red")) - VM_PREFIXES
    agents.await_routes(target, "red", others | VM_PREFIXES)
    known = len(agents.routes(target, "red"))
    place = prepare_vm(target, source)
    time.sleep(0.5)
    began = time.monotonic()
    place()
    agents.attach_vm(target, version)
    return known, (time.monotonic() - began) * 1000


def run(report):
    probe, talk = Probe("red1", VM, 1), Flow("red2", "host.py", "talk", VM_V4)
    time.sleep(1)  # of undisturbed flow, to compare with
    known, said = move("hv1", "hv2", 8)
    report.section("A workload moves while it is talked to, hv1 to hv2, version 7 to 8")
    report.note("hv2: dataplane agent attach vm --vpn red --port vm                                            first it takes part")
    report.note(f"hv2: dataplane agent attach vm --vpn red --port vm --address {VM_V4} … --version 8        now it is there")
    good = section("Everybody follows", [
        ("routes that hv2 knew before it came", fact(known >= 10, str(known))),
        *((f"{node} sends to hv2", becomes(lambda n=node: place_at(n) == [ADDRESS_OF["hv2"]], lambda n=node: " ".join(place_at(n)), 60)) for node in ("tor", "hv1")),
        ("hv1 has given it up", becomes(lambda: elsewhere() is not None, lambda: str(elsewhere()))),
    ], report)
    agents.detach_vm("hv1")
    report.note("hv1: dataplane agent detach vm --moved                                                        last, the old place lets go")
    time.sleep(1)
    sent, answered, longest = probe.end()
    words = talk.end()
    refused = version_refused()
    return good & section("And nothing breaks", [
        ("longest gap of a probe each millisecond", fact(longest < 1000, f"{longest} ms (target 50 ms; {said:.0f} ms of it to cut, set up and say)")),
        ("probes answered", fact(sent - answered < 1000, f"{answered} of {sent}")),
        ("a TCP connection with red2", fact(words.startswith("unbroken"), words)),
        ("a lower version is refused", fact(refused is not None, str(refused))),
        ("red2 > vm", reaches("red2", VM)), ("vm > red3  IPv6", reaches(VM, "red3", 6)), ("vm > the WAN's site", reaches(VM, WAN_V4)),
    ], report)


def elsewhere():
    attached = agents.attachment("hv1", VM)
    return attached and attached["addresses"][0].get("elsewhere")


def version_refused():
    """What the agent says to who would bring it back with an old version; None if it does so."""
    try:
        agents.attach_vm("hv1", 6)
    except DemoError as problem:
        return str(problem).split('"detail":')[-1].strip('"}\n ')
    return None
