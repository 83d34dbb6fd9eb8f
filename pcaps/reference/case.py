"""One golden case: input captures, and what the specification says must come out, frame by frame and counter by counter.

A case is told as a story: `case.rx(...)` receives a frame and returns its fate, on which exactly one of `tunnel`,
`deliver`, `drop` or `punt` is called. The counters follow from the story; no number is typed in by hand.
"""
import json
import os

from scapy.layers.l2 import ARP

from . import capture, yaml_text
from .frames import (CORE_MAC, NEIGHBOR_MAC, US4, US6, VIRTUAL4, VIRTUAL6, ip_length, is_v6, shim, tagged,
                     tunnel)

# An interface counts the octets of IP packets; these are dropped before there is one.
BEFORE_IP = ("not-for-router", "non-ip", "bad-ip-header")
ENCAPSULATIONS = {"mpls-in-gre": "gre", "mpls-in-udp": "udp", "mpls-in-ip": "ip"}


class Case:
    """name: folder; group: the test method that runs it; requirements: ids that it shows."""

    def __init__(self, name, group, title, requirements, config):
        self.name, self.group, self.title, self.requirements = name, group, title, requirements
        self.config = config
        self.clock = 0
        self.ports = {p["name"]: p for p in config["ports"]}
        self.interfaces = {i["name"]: i for i in config.get("interfaces", [])}
        self.vrfs = {v["name"]: v for v in config.get("vrfs", [])}
        self.inputs, self.outputs = {}, {name: [] for name in self.ports}
        self.entropy, self.distinct = [], None
        self.counters = self._zero()

    def _zero(self):
        config = self.config
        ledger = {"rx": 0, "tx": 0, "punted": 0, "dropped": 0}
        labels = [i["label"] for i in config.get("interfaces", [])]
        labels += [v["label"] for v in config.get("vrfs", []) if "label" in v]
        own = {config["infrastructure"].get("address"), config["infrastructure"].get("address6")}
        remotes = [t["remote"] for t in config.get("tunnels", [])]
        remotes += [hop for v in self.vrfs.values() for r in v.get("routes", [])
                    for hop in ([r["next-hop"]] if "next-hop" in r else [h["remote"] for h in r["next-hops"]])
                    if hop not in own]
        packets = ("Packets", "Bytes")
        return {
            "ledger": {"received": dict(ledger), "injected": dict(ledger)},
            "ports": {n: {d + k: 0 for d in ("rx", "tx") for k in packets} for n in self.ports},
            "interfaces": {n: {**{d + k: 0 for d in ("rx", "tx") for k in packets}, "dropped": 0}
                           for n in self.interfaces},
            "vrfs": {n: {d + k: 0 for d in ("encapsulated", "decapsulated", "local") for k in packets}
                     for n in self.vrfs},
            "labels": {str(label): {"packets": 0, "bytes": 0} for label in labels},
            "tunnels": {remote: {"packets": 0, "bytes": 0} for remote in dict.fromkeys(remotes)},
            "drops": {}, "punts": {},
            "slowPath": {"answered": 0, "forwarded": 0, "consumed": 0, "held": 0, "drops": {}},
        }

    # ---- the story ----

    def rx(self, port, frame, vm=None, at=None, size=0):
        """A frame arrives. vm: the interface that it must be classified to, if any; size: octets of its IP packet."""
        self.clock = self.clock + capture.STEP if at is None else at
        frame = bytes(frame)
        self.inputs.setdefault(port, []).append((self.clock, frame))
        row = self.counters["ports"][port]
        row["rxPackets"] += 1
        row["rxBytes"] += len(frame)
        self.counters["ledger"]["received"]["rx"] += 1
        fate = Fate(self, "received", vm, self.vrf_of(vm), self.clock, size=size)
        if vm:
            self.counters["interfaces"][vm]["rxPackets"] += 1
            self.counters["interfaces"][vm]["rxBytes"] += size
        return fate

    def guest(self, vm, packet, dst=None, src=None, pad=b"", at=None, **ethernet):
        """A frame from the end-system of vm towards its first hop."""
        row = self.interfaces[vm]
        destination = dst or (VIRTUAL6 if is_v6(packet) else VIRTUAL4)
        frame = tagged(destination, src or row.get("mac", "02:aa:10:c0:ff:77"), self.tags(vm), packet, **ethernet)
        return self.rx(row["port"], frame + pad, vm, at, 0 if isinstance(packet, ARP) else ip_length(packet))

    def core(self, packet, port="core0", dst=CORE_MAC, src=None, pad=b"", at=None, **ethernet):
        """A frame from the underlay: packet is the outer IP packet."""
        source = src or NEIGHBOR_MAC.get(getattr(packet, "src", None), "02:00:00:00:00:01")
        return self.rx(port, tagged(dst, source, [], packet, **ethernet) + pad, at=at)

    def outer(self, labels, inner, **more):
        """A well-formed tunnel packet of the first remote forwarder, outer IP header first."""
        remote = self.first_remote()
        return tunnel(self.encap(remote), remote, US6 if ":" in remote else US4, labels, inner, sport=0xC111, **more)

    def topmost(self, inner, label=52013):
        """A whole well-formed frame from the first remote forwarder."""
        return tagged(CORE_MAC, NEIGHBOR_MAC[self.first_remote()], [], self.outer(label, inner))

    def from_far(self, labels, inner, encap=None, src=None, dst=None, at=None, **more):
        """A well-formed tunnel packet from a remote forwarder; more: as frames.tunnel takes it."""
        src = src or self.first_remote()
        return self.core(tunnel(encap or self.encap(src), src, dst or (US6 if ":" in src else US4), labels, inner,
                                sport=0xC111, **more), at=at)

    def out(self, port, frame, at=None, decode=None, injected=False):
        """A frame leaves on port."""
        frame = bytes(frame)
        self.outputs[port].append((self.clock if at is None else at, frame, decode or {}))
        row = self.counters["ports"][port]
        row["txPackets"] += 1
        row["txBytes"] += len(frame)
        if injected:
            self.counters["ledger"]["injected"]["rx"] += 1
            self.counters["ledger"]["injected"]["tx"] += 1

    def same_flow(self, *frames):
        """(port, index) of output frames that must carry one and the same entropy source port."""
        self.entropy.append(["%s:%d" % f for f in frames])

    # ---- what the configuration says ----

    def tags(self, vm):
        vlan = self.interfaces[vm].get("vlan")
        return [] if vlan is None else vlan if isinstance(vlan, list) else [vlan]

    def tag_fields(self, vm):
        """The tags of vm as tshark names them."""
        tags = [str(t) for t in self.tags(vm)]
        return {"ieee8021ad.id": tags[0], "vlan.id": tags[1]} if len(tags) == 2 else {"vlan.id": "".join(tags)}

    def vrf_of(self, vm):
        return self.interfaces[vm]["vrf"] if vm else None

    def first_remote(self):
        return next(iter(self.counters["tunnels"]))

    def encap(self, remote):
        for row in self.config.get("tunnels", []):
            if row["remote"] == remote and "encapsulation" in row:
                return ENCAPSULATIONS[row["encapsulation"]]
        return ENCAPSULATIONS[self.config.get("encapsulation", {}).get("default", "mpls-in-gre")]

    def owner_of(self, label):
        """(vrf, interface or None) that owns one of our labels."""
        for row in self.interfaces.values():
            if row["label"] == label:
                return row["vrf"], row["name"]
        return next(v["name"] for v in self.vrfs.values() if v.get("label") == label), None

    def count(self, table, key, amount=1):
        table[key] = table.get(key, 0) + amount

    # ---- files ----

    def files(self):
        """Relative path -> content of every file of the case."""
        made = {"config.yaml": ("# %s\n%s" % (self.title, yaml_text.dump(self.config))).encode()}
        for port, frames in self.inputs.items():
            made["in.%s.pcap" % port] = capture.capture_bytes(frames)
        for port, frames in self.outputs.items():
            made["expected/%s.pcap" % port] = capture.capture_bytes([(t, f) for t, f, _ in frames])
        made["expected/counters.json"] = as_json(self.counters)
        description = {"title": self.title, "group": self.group, "requirements": sorted(self.requirements)}
        if self.entropy:
            description["sameFlow"] = self.entropy
        if self.distinct:
            description["distinctFlows"] = self.distinct
        description["decode"] = {p: [d for _, _, d in frames] for p, frames in self.outputs.items()
                                 if any(d for _, _, d in frames)}
        made["case.json"] = as_json(description)
        return {os.path.join(self.name, path): content for path, content in made.items()}

    def check_story(self):
        """The ledger identities hold for what the specification expects, too."""
        for name, row in self.counters["ledger"].items():
            if row["rx"] != row["tx"] + row["punted"] + row["dropped"]:
                raise AssertionError("%s: the story of the %s ledger is incomplete: %s" % (self.name, name, row))


class Fate:
    """What becomes of one packet in the pipeline. ledger: received, or injected (it came from the slow path)."""

    def __init__(self, case, ledger, vm, vrf, at, label=None, size=0):
        self.case, self.ledger, self.vm, self.vrf, self.at, self.label = case, ledger, vm, vrf, at, label
        self.size = size

    def _end(self, column):
        self.case.counters["ledger"][self.ledger][column] += 1

    def accepted(self, label, inner):
        """The label is known and its packet taken out of the tunnel."""
        self.label = label
        self.vrf, _ = self.case.owner_of(label)
        size = ip_length(inner)
        for row, packets, octets in ((self.case.counters["vrfs"][self.vrf], "decapsulatedPackets", "decapsulatedBytes"),
                                     (self.case.counters["labels"][str(label)], "packets", "bytes")):
            row[packets] += 1
            row[octets] += size
        return self

    def drop(self, reason, label=None, header_read=False):
        """label: the label that was already found, when the packet came out of a tunnel; header_read: its IP header had
        been checked although the reason usually comes before that."""
        self._end("dropped")
        self.case.count(self.case.counters["drops"], reason)
        vm = self.vm or (self.case.owner_of(label)[1] if label else None)
        if vm:
            self.case.counters["interfaces"][vm]["dropped"] += 1
        if self.vm and reason in BEFORE_IP and not header_read:
            self.case.counters["interfaces"][self.vm]["rxBytes"] -= self.size

    def tunnel(self, remote, label, inner, tc=0, dscp=0, ttl=64, port="core0", mac=None, **more):
        """The packet leaves by a tunnel to remote; inner: as it must be found inside."""
        case, encap = self.case, self.case.encap(remote)
        outer = tunnel(encap, US6 if ":" in remote else US4, remote, [shim(label, tc=tc, ttl=ttl)], inner, ttl=ttl,
                       dscp=dscp, **more)
        decode = {"mpls.label": str(label), "mpls.exp": str(tc), "mpls.ttl": str(ttl), "mpls.bottom": "1",
                  "outer.dst": remote, "outer.src": US6 if ":" in remote else US4,
                  "outer.protocol": {"gre": "47", "udp": "17", "ip": "137"}[encap]}
        decode.update({"gre": {"gre.proto": "0x8847"}, "udp": {"udp.dstport": "6635"}, "ip": {}}[encap])
        self._end("tx")
        case.out(port, tagged(mac or NEIGHBOR_MAC[remote], case.ports[port]["mac"], [], outer), self.at, decode)
        size = ip_length(inner)
        for row, packets, octets in ((case.counters["vrfs"][self.vrf], "encapsulatedPackets", "encapsulatedBytes"),
                                     (case.counters["tunnels"][remote], "packets", "bytes")):
            row[packets] += 1
            row[octets] += size

    def deliver(self, vm, inner, mac=None, source=None):
        """The packet is delivered to a guest; inner: as the guest must see it."""
        case, row = self.case, self.case.interfaces[vm]
        source = source or (VIRTUAL6 if is_v6(inner) else VIRTUAL4)
        self._end("tx")
        case.out(row["port"], tagged(mac or row["mac"], source, case.tags(vm), inner), self.at,
                 {"eth.src": source, **case.tag_fields(vm)})
        size = ip_length(inner)
        counted = case.counters["interfaces"][vm]
        counted["txPackets"] += 1
        counted["txBytes"] += size
        if self.label is None:
            local = case.counters["vrfs"][self.vrf]
            local["localPackets"] += 1
            local["localBytes"] += size

    def punt(self, reason):
        self._end("punted")
        self.case.count(self.case.counters["punts"], reason)
        return Slow(self)


class Slow:
    """What the slow path makes of a punted packet."""

    def __init__(self, fate):
        self.fate, self.case = fate, fate.case

    def _ends(self, how):
        self.case.counters["slowPath"][how] += 1

    def answered(self):
        self._ends("answered")
        return self

    def consumed(self):
        self._ends("consumed")
        return self

    def forwarded(self):
        self._ends("forwarded")
        return self

    def drop(self, reason):
        self.case.count(self.case.counters["slowPath"]["drops"], reason)
        return self

    def frame(self, port, frame, at=None, decode=None):
        """The slow path sends a complete frame."""
        self.case.out(port, frame, at if at is not None else self.fate.at, decode, injected=True)
        return self

    def to_guest(self, vm, packet, mac=None, at=None, decode=None, source=None):
        """The slow path sends an ARP or IP packet of its own to a station on an interface."""
        row = self.case.interfaces[vm]
        source = source or (VIRTUAL6 if is_v6(packet) else VIRTUAL4)
        counted = self.case.counters["interfaces"][vm]
        counted["txPackets"] += 1
        counted["txBytes"] += 0 if isinstance(packet, ARP) else ip_length(packet)
        decoded = {"eth.src": source, **self.case.tag_fields(vm), **(decode or {})}
        return self.frame(row["port"], tagged(mac or row["mac"], source, self.case.tags(vm), packet), at, decoded)

    def packet(self, vrf=None, at=None, vm=None):
        """The slow path injects an IP packet into a VRF, as if from vm; its fate in the pipeline follows."""
        self.case.counters["ledger"]["injected"]["rx"] += 1
        return Fate(self.case, "injected", vm, vrf or self.fate.vrf, self.fate.at if at is None else at)


def as_json(value):
    return (json.dumps(value, indent=2) + "\n").encode()
