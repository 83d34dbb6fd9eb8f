"""What the demo proves. Every proof is a function that returns (holds, detail); they run in parallel where they do not disturb
each other, because most of a ping that must not be answered is waiting."""

import concurrent.futures
import os
import re
import signal
import subprocess

from metrics import drops, read_metrics
from topology import HERE, HOSTS, RUN_DIR, DemoError, address_of, inside, sh, start, wait_until

TRANSFER_BYTES = 4 << 20
CAPTURE = f"{RUN_DIR}/underlay.pcapng"
FROM_A_TENANT = "(ip.src == 10.1.0.0/16 || ip.src == 172.20.0.0/16 || ipv6.src == fd00::/16)"


def ping(source, target, *options, count=3, patience_s=3):
    """Replies received, and ping's output. One run per request: ping waits properly only for the first reply of a run."""
    received, outputs = 0, []
    for _ in range(count):
        done = sh(*inside(source, "ping", "-n", "-c", "1", "-W", str(patience_s), *options, target), check=False)
        received += " 1 received" in done.stdout
        outputs.append(done.stdout + done.stderr)
    return received, "".join(outputs)


def reaches(source, target, family):
    def prove():
        received, output = ping(source, address_of(target, family))
        times = re.findall(r"time=([\d.]+) ms", output)
        return received == 3, f"{min(map(float, times))} ms" if times else "no answer"
    return prove


def is_deaf_to(source, target):
    """No reply comes back when source pings the address target."""
    def prove():
        received, _ = ping(source, target, count=2, patience_s=1)
        return received == 0, "no answer" if received == 0 else f"{received} answers"
    return prove


def finds(source, target, family):
    """The host that source finds at target's address calls itself target."""
    def prove():
        name = sh(*inside(source, f"{HERE}/host.py", "who", address_of(target, family)), check=False).stdout.strip()
        return name == target, name or "nobody"
    return prove


def transfers(source, target, family):
    def prove():
        done = sh(*inside(source, f"{HERE}/host.py", "put", address_of(target, family), str(TRANSFER_BYTES)), check=False, timeout=60)
        verdict, _, rate = done.stdout.strip().partition(" ")
        return verdict == "same", f"{TRANSFER_BYTES >> 20} MiB, SHA-256 {verdict or 'unknown'}" + (f", {rate} Mbit/s" if rate else "")
    return prove


def fits(source, target, size, expected):
    """An IPv4 packet of size bytes with DF set passes, or is answered with "fragmentation needed" (FWD-23). Not between hosts
    that TCP has taught the path's MTU: their own kernel would answer."""
    def prove():
        received, output = ping(source, address_of(target, 4), "-M", "do", "-s", str(size - 28), count=1)
        mtu = re.search(r"mtu ?= ?(\d+)", output)
        if expected:
            return received == 1, "passes" if received else "lost"
        return received == 0 and bool(mtu), f"fragmentation needed, MTU {mtu[1]}" if mtu else "no ICMP error"
    return prove


def counted(forwarder, reason, before):
    """A drop counter of the forwarder moved since it was read."""
    def prove():
        now = drops(read_metrics(forwarder)).get(reason, 0)
        return now > before.get(reason, 0), f"{now - before.get(reason, 0):.0f} packets"
    return prove


def section(title, proofs, report):
    """Runs [(label, proof)] in parallel, reports them in order; True when all hold."""
    report.section(title)
    good = True
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for (label, _), future in zip(proofs, [pool.submit(proof) for _, proof in proofs]):
            try:
                holds, detail = future.result()
            except (subprocess.TimeoutExpired, DemoError) as problem:
                holds, detail = False, str(problem)
            report.proof(holds, label, detail)
            good &= holds
    return good


class Capture:
    """Records what crosses the underlay router towards site 2."""

    def __init__(self):
        self.process = start("net", "dumpcap", "-q", "-i", "fwd2", "-s", "256", "-w", CAPTURE, log="dumpcap")
        wait_until("dumpcap to start", lambda: "File:" in open(f"{RUN_DIR}/dumpcap.log").read(), 10)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)

    @staticmethod
    def decode(display_filter, *fields):
        options = [x for f in fields for x in ("-e", f)]
        done = sh("tshark", "-n", "-r", CAPTURE, "-Y", display_filter, "-T", "fields", *options, check=False, timeout=120,
                  env={**os.environ, "HOME": RUN_DIR})
        return [line.split("\t") for line in done.stdout.splitlines()]


def decoded(report):
    """The section about the capture."""
    rows = Capture.decode("frame", "frame.protocols", "mpls.label", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "_ws.malformed")
    tunnelled = [r for r in rows if ":gre:" in r[0]]
    labels = sorted({r[1] for r in tunnelled if r[1]})
    inner_ethernet = [r for r in tunnelled if r[0].count("eth") - r[0].count("ethertype") > 1]
    bare = Capture.decode(f"{FROM_A_TENANT} && !gre", "frame.number")
    malformed = [r for r in rows if r[6]]
    families = {f"IPv{4 if ':ip:gre' in r[0] else 6} underlay" for r in tunnelled}
    same = [r for r in tunnelled if "10.1.0.22" in r[3]]
    by_label = {r[1] for r in same}

    def fact(holds, detail):
        return lambda: (holds, detail)

    good = section("On the wire, decoded by tshark", [
        ("MPLS over GRE only", fact(bool(tunnelled), f"{len(tunnelled)} frames, {' and '.join(sorted(families))}")),
        ("VPN labels seen", fact(len(labels) >= 3, " ".join(labels))),
        ("10.1.0.22 of red and of blue", fact(len(by_label) == 2, "labels " + " ".join(sorted(by_label)))),
        ("frames with an inner Ethernet header", fact(bool(tunnelled) and not inner_ethernet, str(len(inner_ethernet)))),
        ("tenants' packets outside a tunnel", fact(bool(rows) and not bare, str(len(bare)))),
        ("malformed frames", fact(bool(rows) and not malformed, str(len(malformed)))),
    ], report)
    example = next((r for r in tunnelled if "icmp" in r[0] and "10.1.0.22" in r[3]), None)
    if example:
        source, target = (column.split(",") for column in example[2:4])
        report.note(f"for example  {source[0]} > {target[0]}  GRE  MPLS label {example[1]}  |  {source[-1]} > {target[-1]}  ICMP")
    return good


def run(report):
    """All proofs. True when every one holds."""
    before = {forwarder: drops(read_metrics(forwarder)) for forwarder in ("fwd1", "fwd2")}
    for host in HOSTS:
        start(host, f"{HERE}/host.py", "serve", host, log=f"host-{host}")
    for host in HOSTS:
        wait_until(f"{host}'s service", lambda h=host: "listening" in open(f"{RUN_DIR}/host-{h}.log").read(), 10)

    capture = Capture()
    good = section("Tenants reach their own", [
        *((f"{a} > {b}  IPv{family}", reaches(a, b, family))
          for a, b in [("red1", "red2"), ("blue1", "blue2"), ("green1", "green2"), ("green2", "green1"), ("red1", "red3"), ("red2", "red3")]
          for family in (4, 6)),
    ], report)
    good &= section("The same address is another host in another VPN", [
        (f"{a} asks {address_of(b, family)}: who are you?", finds(a, b, family))
        for a, b in [("red1", "red2"), ("blue1", "blue2"), ("red2", "red1"), ("blue2", "blue1")] for family in (4, 6)
    ], report)
    good &= section("TCP", [
        ("red1 > red2  IPv4", transfers("red1", "red2", 4)),
        ("blue2 > blue1  IPv6", transfers("blue2", "blue1", 6)),
        ("green1 > green2  IPv4 over IPv6", transfers("green1", "green2", 4)),
    ], report)
    good &= section("Packet size, with an underlay of 1500 bytes", [
        ("red2 > red3  1472 bytes, DF", fits("red2", "red3", 1472, True)),
        ("red2 > red3  1473 bytes, DF", fits("red2", "red3", 1473, False)),
    ], report)
    sh("ip", "-n", "dpdemo-net", "route", "replace", "10.1.0.0/16", "via", "203.0.113.22")
    good &= section("Nobody reaches anybody else", [
        ("red1 > green2", is_deaf_to("red1", address_of("green2", 4))),
        ("red1 > green2  IPv6", is_deaf_to("red1", address_of("green2", 6))),
        ("green1 > red2", is_deaf_to("green1", address_of("red2", 4))),
        ("blue1 > red3", is_deaf_to("blue1", address_of("red3", 4))),
        ("red1 > its forwarder's underlay address", is_deaf_to("red1", "198.51.100.11")),
        ("red1 > the other forwarder", is_deaf_to("red1", "203.0.113.22")),
        ("green2 > underlay router  IPv6", is_deaf_to("green2", "2001:db8:2::1")),
        ("underlay router > red2, bare packets", is_deaf_to("net", address_of("red2", 4))),
    ], report)
    sh("ip", "-n", "dpdemo-net", "route", "delete", "10.1.0.0/16")
    capture.stop()
    good &= section("And each refusal was counted, with its reason", [
        ("fwd1  no-route", counted("fwd1", "no-route", before["fwd1"])),
        ("fwd2  no-route", counted("fwd2", "no-route", before["fwd2"])),
        ("fwd2  not-local", counted("fwd2", "not-local", before["fwd2"])),
    ], report)
    return good & decoded(report)
