#!/usr/bin/python3
"""The demo: builds the network, starts everything, proves what it claims, shows rates, and leaves nothing behind.

Cleaning up is done twice over. This process cleans when it ends in any way it can notice; a child that holds the other end of a
pipe cleans when it does not (kill -9); and the next start cleans again, should both have been killed.
"""

import errno
import os
import shutil
import signal
import socket
import struct
import sys
import time

import agents
import appearing
import capture
import checks
import hub
import mobility
import nodes
import pki
import reachability
import reflector
import screen
import survival
import wan
from metrics import drops, read_metrics, vrf_traffic
from shell import HERE, ROOT, RUN_DIR, DemoError, demolish, start, wait_until
from topology import FORWARDERS, address_of, attach_taps, build

REVIVAL_S = 10  # for so long a gateway that was killed stays away
LOCK = "\0dataplane-demo"  # an abstract socket: it belongs to a process, never to a file left behind


def take_lock():
    """One demo at a time. A predecessor's cleaning is waited for."""
    lock = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + 15
    while True:
        try:
            lock.bind(LOCK)
            lock.listen()
            return lock
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
        owner = lock_owner()
        if owner and (os.path.exists(f"/proc/{owner}") or time.monotonic() > deadline):
            sys.exit(f"another demo is running (process {owner}): end it first, for instance with kill {owner}")
        time.sleep(0.2)


def lock_owner():
    """The process that took the lock; it may be gone while its watchdog still cleans."""
    with socket.socket(socket.AF_UNIX) as other:
        try:
            other.connect(LOCK)
        except ConnectionRefusedError:
            return None
        return struct.unpack("iII", other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def clean():
    demolish()
    shutil.rmtree(RUN_DIR, ignore_errors=True)


def start_watchdog():
    """A child that cleans up if we disappear. Returns its pid and the descriptor that keeps it waiting."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.close(writer)
        if os.read(reader, 1) == b"":  # end of file: killed
            clean()
        os._exit(0)
    os.close(reader)
    return pid, writer


def dismiss(watchdog):
    pid, writer = watchdog
    os.write(writer, b".")
    os.close(writer)
    os.waitpid(pid, 0)


def start_everything():
    """Nearly all programs at once; then waits for each. sg2 comes when those that may choose have chosen sg1, since they keep what they have."""
    pki.create()
    nodes.write_configurations()
    reflector.launch()
    wan.launch()
    first = [node for node in nodes.NODES if node != "sg2"]
    for node in first:
        nodes.launch(node)
    reflector.await_ready()
    for node in first:
        nodes.await_ready(node)
    attach_taps()
    for node in ("tor", "hv1"):
        wait_until(f"{node}'s session with sg1", lambda n=node: agents.servers(n).get("sg1") == (True, True), 60)
    nodes.launch("sg2")
    checks.serve_hosts()
    nodes.await_ready("sg2")
    wan.await_ready()


def prove(report):
    """All proofs. True when every one holds."""
    good = appearing.run(report)
    recorded = capture.Capture()
    good &= reachability.run(report)
    good &= reachability.with_the_wan(report)
    recorded.stop()
    good &= capture.run(report)
    good &= hub.run(report)
    good &= mobility.run(report)
    return good & survival.run(report)


PICTURE = """
                                   BGP                BGP
              signaling gateways  sg1 ──── rr: GoBGP ──── sg2
                                   : XMPP over TLS         :
  red1   10.1.0.11   ─┐            :                       :             ┌─ red2   10.1.0.22
  blue1  10.1.0.11   ─┤       ┌────┴───────────────────────┴────┐        ├─ blue2  10.1.0.22
  green1 172.20.1.11 ─┼─ tor ─┤  IP fabric                      ├─ hv1 ──┼─ green2 172.20.2.22
  green3 172.20.1.33 ─┤       │  tenants' packets in it only    │        └─ vm     10.1.0.50, moves to hv2
  red3   10.1.3.33   ─┘  pe ──┤  as MPLS in GRE                 ├─ hv2 ──┬─ blue3  10.1.4.44
     VLANs chosen by          └─────────────────────────────────┘        ├─ dns    10.9.0.53, for red and blue
     srv's agent     Linux and FRR: the WAN,                             └─ hub    172.20.0.0/16, of green
                     red at 192.168.77.1
"""


def introduce():
    print(f"\n{screen.bold('Dataplane demo')}: end-system VPNs by signaling; no route is typed\n{PICTURE}", end="", flush=True)


def watch(stopping):
    """Some traffic in every VPN, and its rates once a second, until told to stop."""
    for source, target, family, speed in [("red1", "red2", 4, 250_000), ("blue2", "blue1", 6, 120_000), ("green1", "green2", 4, 60_000),
                                          ("blue3", "dns", 4, 30_000)]:
        start(source, f"{HERE}/host.py", "trickle", address_of(target, family), str(speed))
    bold, dim = screen.bold, screen.dim
    print(f"""
{bold('What to try')} {dim('(scripts/demo/TUTORIAL.md walks through it)')}
  scripts/demo/ask sg1 show vrf red                                   {dim('a gateway: sg1, sg2; show xmpp sessions, show bgp summary, …')}
  scripts/demo/ask hv1 agent routes red                               {dim('a forwarder or agent: tor, hv1, hv2, srv; agent list, status')}
  scripts/demo/ask hv2 agent attach guest --vpn red --port guest --address 10.1.0.99
  ip netns exec dpdemo-guest ping 10.1.0.11                           {dim('then it is one of red; be any host: red1 … hub, dns, vm')}
  ip netns exec dpdemo-rr gobgp -p 50051 global rib -a vpnv4          {dim('the reflector')}
  ip netns exec dpdemo-net tshark -i hv1                              {dim('the underlay')}
  ip netns exec dpdemo-tor curl -s http://127.0.0.1:9464/metrics      {dim('counters; also /healthz and /readyz; every node has them')}
  pkill -KILL -f {RUN_DIR}/config/sg1.yaml                        {dim('kill a gateway: nobody notices; it is started again')}
  tail -f {RUN_DIR}/sg1.log

{bold('Live')} {dim('(Ctrl-C ends the demo and removes everything)')}""", flush=True)
    table, before, then, revivals = screen.Rates(), None, 0.0, {}
    period = 1 if screen.COLOUR else 10
    while not stopping:
        for gone in nodes.ended():
            if gone in reflector.GATEWAYS:  # somebody tries what that does
                if time.monotonic() > revivals.setdefault(gone, time.monotonic() + REVIVAL_S):
                    nodes.launch(gone)
                    del revivals[gone]
                continue
            raise DemoError(f"{gone} ended with exit code {nodes.processes[gone].returncode}; see {RUN_DIR}/{gone}.log")
        samples = {f: read_metrics(f) for f in FORWARDERS}
        now = time.monotonic()
        if before:
            rows = []
            for forwarder in FORWARDERS:
                old = vrf_traffic(before[forwarder])
                for vrf, values in vrf_traffic(samples[forwarder]).items():
                    per_s = [(new - prior) / (now - then) for new, prior in zip(values, old.get(vrf, (0, 0, 0, 0)))]
                    rows.append((forwarder, vrf, per_s[0], per_s[1] * 8, per_s[2], per_s[3] * 8))
            dropped = ", ".join(f"{f} {sum(drops(samples[f]).values()):.0f}" for f in FORWARDERS)
            starting = f"; {' and '.join(revivals)} will be started again" if revivals else ""
            table.show(rows, f"dropped since start, each with a reason: {dropped}{starting}")
        before, then = samples, now
        wake = time.monotonic() + period
        while not stopping and time.monotonic() < wake:
            time.sleep(0.1)


def main(arguments):
    if os.geteuid() != 0:
        sys.exit("network namespaces need root: use scripts/run")
    lock = take_lock()
    clean()
    if arguments == ["--clean"]:
        return 0
    stopping = []

    def stop(number, _frame):
        stopping.append(number)
        if len(stopping) > 1 or not watching:
            raise KeyboardInterrupt

    watching = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    watchdog, status = start_watchdog(), 1
    try:
        os.makedirs(RUN_DIR, exist_ok=True)
        began = time.monotonic()
        introduce()
        build()
        start_everything()
        report = screen.Report()
        report.section("Starting")
        report.proof(True, "gateways, forwarders, agents, reflector, WAN", f"{time.monotonic() - began:.1f} s")
        good = prove(report)
        print(f"\n{report.passed} of {report.passed + report.failed} proofs hold, after {time.monotonic() - began:.0f} s", flush=True)
        status = 0 if good else 1
        if "--check" not in arguments:
            watching = True
            watch(stopping)
    except KeyboardInterrupt:
        status = 130 if "--check" in arguments else status
    except DemoError as problem:
        print(f"\nThe demo stopped: {problem}", file=sys.stderr)
        status = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        kept = keep_logs() if status == 1 else None
        clean()
        dismiss(watchdog)
        lock.close()
        if watching:
            print("\nThe demo has ended; nothing of it is left.")
        if kept:
            print(f"Logs kept in {kept}", file=sys.stderr)
    return status


def keep_logs():
    """After a failure the logs and the capture are worth more than a tidy disk."""
    kept = os.path.join(ROOT, "artifacts", "demo-logs")
    shutil.rmtree(kept, ignore_errors=True)
    try:
        shutil.copytree(RUN_DIR, kept)
    except OSError:
        return None
    return os.path.relpath(kept, ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
