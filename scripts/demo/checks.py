"""How the demo proves things. Every proof is a function that returns (holds, detail); those of a section run in parallel, because most
of a ping that must not be answered is waiting."""

import concurrent.futures
import json
import re
import signal
import subprocess

from metrics import drops, read_metrics
from shell import HERE, RUN_DIR, DemoError, inside, sh, start, wait_until
from topology import HOSTS, VM, address_of

TRANSFER_BYTES = 4 << 20


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


def fact(holds, detail):
    """A proof of what is known already."""
    return lambda: (bool(holds), detail)


def becomes(condition, detail, seconds=30):
    """Something is so, at the latest after a time. detail: a text, or a function that makes one afterwards."""
    def prove():
        try:
            wait_until("it", condition, seconds)
            holds = True
        except DemoError:
            holds = False
        return holds, detail() if callable(detail) else detail
    return prove


def serve_hosts():
    """Starts what answers on every host."""
    for host in [*HOSTS, VM]:
        start(host, f"{HERE}/host.py", "serve", host, log=f"host-{host}")
        start(host, f"{HERE}/probe.py", "echo", log=f"echo-{host}")
    for host in [*HOSTS, VM]:
        wait_until(f"{host}'s service", lambda h=host: all("listening" in text(f"{kind}-{h}") for kind in ("host", "echo")), 20)


def text(log):
    with open(f"{RUN_DIR}/{log}.log", errors="replace") as file:
        return file.read()


def ping(source, target, *options, count=3, patience_s=3):
    """Replies received, and ping's output. One run per request: ping waits properly only for the first reply of a run."""
    received, outputs = 0, []
    for _ in range(count):
        done = sh(*inside(source, "ping", "-n", "-c", "1", "-W", str(patience_s), *options, target), check=False)
        received += " 1 received" in done.stdout
        outputs.append(done.stdout + done.stderr)
    return received, "".join(outputs)


def reaches(source, target, family=4):
    """target: a host, or an address."""
    def prove():
        received, output = ping(source, target if "." in target or ":" in target else address_of(target, family))
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


class Flow:
    """Something that goes on in a host until it is ended, and then says how it went."""

    def __init__(self, source, script, *arguments):
        self.log = f"flow-{source}-{script.removesuffix('.py')}-{arguments[0]}"
        self.process = start(source, f"{HERE}/{script}", *arguments, log=self.log)
        wait_until(lambda: f"{source} {' '.join(arguments)} to flow; it says: {text(self.log)}", lambda: "flowing" in text(self.log), 30)

    def end(self):
        """Its last line."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return text(self.log).strip().splitlines()[-1]


class Probe(Flow):
    """Datagrams there and back, one each so many milliseconds."""

    def __init__(self, source, target, milliseconds):
        super().__init__(source, "probe.py", "send", address_of(target, 4), str(milliseconds))

    def end(self):
        """(sent, answered, longest time between two answers in ms)"""
        result = json.loads(super().end())
        return result["sent"], result["answered"], result["longest-ms"]
