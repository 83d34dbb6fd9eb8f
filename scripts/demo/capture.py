"""What crosses the underlay, recorded at the router and read by tshark."""

import os
import signal

from checks import fact, section
from shell import RUN_DIR, sh, start, wait_until
from topology import FORWARDER_OF

FILE = f"{RUN_DIR}/underlay.pcapng"
FROM_A_TENANT = "(ip.src == 10.0.0.0/8 || ip.src == 172.20.0.0/16 || ip.src == 192.168.0.0/16 || ipv6.src == fd00::/16)"


class Capture:
    """Records what the router has on its links to hv1 and to the WAN."""

    def __init__(self):
        self.process = start("net", "dumpcap", "-q", "-i", "hv1", "-i", "pe", "-s", "2048", "-w", FILE, log="dumpcap")
        wait_until("dumpcap to start", lambda: "File:" in open(f"{RUN_DIR}/dumpcap.log").read(), 10)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)


def decode(display_filter, *fields):
    options = [x for f in fields for x in ("-e", f)]
    # What the hosts say to each other on their port is nothing that tshark knows, though another protocol is known to use it.
    done = sh("tshark", "-n", "--disable-protocol", "gryphon", "-r", FILE, "-Y", display_filter, "-T", "fields", *options, check=False, timeout=120,
              env={**os.environ, "HOME": RUN_DIR})
    return [line.split("\t") for line in done.stdout.splitlines()]


def run(report):
    """The section about the capture."""
    rows = decode("frame", "frame.protocols", "mpls.label", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "_ws.malformed")
    tunnelled = [r for r in rows if ":gre:" in r[0]]
    labels = sorted({r[1] for r in tunnelled if r[1]})
    inner_ethernet = [r for r in tunnelled if r[0].count("eth") - r[0].count("ethertype") > 1]
    bare = decode(f"{FROM_A_TENANT} && !gre", "frame.number")
    malformed = [r for r in rows if r[6]]
    outer = {r[2].split(",")[0] for r in tunnelled}
    by_label = {r[1] for r in tunnelled if "10.1.0.22" in r[3]}
    good = section("On the wire, decoded by tshark", [
        ("MPLS over GRE only", fact(tunnelled, f"{len(tunnelled)} frames of {' '.join(sorted(FORWARDER_OF.get(a, a) for a in outer))}")),
        ("VPN labels seen", fact(len(labels) >= 3, " ".join(labels))),
        ("10.1.0.22 of red and of blue", fact(len(by_label) == 2, "labels " + " ".join(sorted(by_label)))),
        ("frames with an inner Ethernet header", fact(tunnelled and not inner_ethernet, str(len(inner_ethernet)))),
        ("tenants' packets outside a tunnel", fact(rows and not bare, str(len(bare)))),
        ("malformed frames", fact(rows and not malformed, str(len(malformed)))),
    ], report)
    example = next((r for r in tunnelled if "icmp" in r[0] and "10.1.0.22" in r[3]), None)
    if example:
        source, target = (column.split(",") for column in example[2:4])
        report.note(f"for example  {source[0]} > {target[0]}  GRE  MPLS label {example[1]}  |  {source[-1]} > {target[-1]}  ICMP")
    return good
