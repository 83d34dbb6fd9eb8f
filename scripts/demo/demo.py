#!/usr/bin/python3
"""The demo: builds the network, starts two forwarders, proves what it claims, shows rates, and leaves nothing behind.

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

import checks
import screen
from metrics import drops, get, read_metrics, vrf_traffic
from topology import HERE, HOSTS, PROGRAM, ROOT, RUN_DIR, DemoError, address_of, attach_taps, build, demolish, start, wait_until

LOCK = "\0dataplane-demo"  # an abstract socket: it belongs to a process, never to a file left behind
FORWARDERS = ("fwd1", "fwd2")


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


def start_forwarders():
    processes = {f: start(f, "dotnet", PROGRAM, "run", "--config", f"{HERE}/{f}.yaml", log=f) for f in FORWARDERS}

    def ready(forwarder):
        if processes[forwarder].poll() is not None:
            tail = open(f"{RUN_DIR}/{forwarder}.log", errors="replace").read()[-3000:]
            raise DemoError(f"{forwarder} ended with exit code {processes[forwarder].returncode}:\n{tail}")
        return get(forwarder, "/readyz") is not None

    for forwarder in FORWARDERS:
        try:
            wait_until(f"{forwarder} to be ready", lambda f=forwarder: ready(f), 30)
        except DemoError as problem:
            tail = open(f"{RUN_DIR}/{forwarder}.log", errors="replace").read()[-3000:]
            raise DemoError(f"{problem}\n{tail}") from None
    return processes


def introduce():
    bold, dim = screen.bold, screen.dim
    print(f"""
{bold('Dataplane demo')}: two forwarders, three tenants, one routed underlay

  red1     10.1.0.11 ─┐                                            ┌─ red2     10.1.0.22
  blue1    10.1.0.11 ─┤     ┌──────┐    ┌────────┐    ┌──────┐     ├─ blue2    10.1.0.22
  green1 172.20.1.11 ─┼─────┤ fwd1 ├────┤ router ├────┤ fwd2 ├─────┴─ green2 172.20.2.22
  red3     10.1.3.33 ─┘VLANs└──────┘    └────────┘    └──────┘ taps
{dim('                      198.51.100.11                203.0.113.22')}
{dim('                      2001:db8:1::11               2001:db8:2::22')}""", flush=True)


def watch(processes, stopping):
    """Some traffic in every VPN, and its rates once a second, until told to stop."""
    for source, target, family, speed in [("red1", "red2", 4, 250_000), ("blue2", "blue1", 6, 120_000), ("green1", "green2", 4, 60_000)]:
        start(source, f"{HERE}/host.py", "trickle", address_of(target, family), str(speed))
    print(f"""
{screen.bold('Where to look')}
  ip netns exec dpdemo-fwd1 curl -s http://127.0.0.1:9464/metrics     {screen.dim('counters; also /healthz and /readyz; dpdemo-fwd2')}
  ip netns exec dpdemo-red1 ping 10.1.0.22                            {screen.dim('be a tenant: ' + ' '.join(HOSTS))}
  ip netns exec dpdemo-net tshark -i fwd2                             {screen.dim('be the underlay')}
  tail -f {RUN_DIR}/fwd1.log

{screen.bold('Live')} {screen.dim('(Ctrl-C ends the demo and removes everything)')}""", flush=True)
    table, before, then = screen.Rates(), None, 0.0
    period = 1 if screen.COLOUR else 10
    while not stopping:
        for name, process in processes.items():
            if process.poll() is not None:
                raise DemoError(f"{name} ended with exit code {process.returncode}; see {RUN_DIR}/{name}.log")
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
            table.show(rows, f"dropped since start, each with a reason: {dropped}")
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
        processes = start_forwarders()
        attach_taps()
        report = screen.Report()
        report.section("Starting")
        report.proof(True, "two forwarders ready", f"{time.monotonic() - began:.1f} s")
        good = checks.run(report)
        print(f"\n{report.passed} of {report.passed + report.failed} proofs hold, after {time.monotonic() - began:.0f} s", flush=True)
        status = 0 if good else 1
        if "--check" not in arguments:
            watching = True
            watch(processes, stopping)
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
