"""Reads a forwarder's /metrics from inside its namespace. The names used by the demo are here and nowhere else."""

import re

from shell import DemoError, inside, sh

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
URL = "http://127.0.0.1:9464"


def get(forwarder, path):
    """The body of a page, or None when it is not served (yet) or says that it is not well."""
    done = sh(*inside(forwarder, "curl", "-sf", "-m", "5", URL + path), check=False)
    return done.stdout if done.returncode == 0 else None


def read_metrics(forwarder):
    """{name: [(labels, value)]}"""
    text = get(forwarder, "/metrics")
    if text is None:
        raise DemoError(f"{forwarder} does not serve {URL}/metrics")
    samples = {}
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            samples.setdefault(match[1], []).append((dict(LABEL.findall(match[2] or "")), float(match[3])))
    return samples


def total_by(samples, name, label):
    """Sums a metric over everything but one label: {value of the label: sum}."""
    totals = {}
    for labels, value in samples.get(name, []):
        totals[labels.get(label, "")] = totals.get(labels.get(label, ""), 0) + value
    return totals


def drops(samples):
    """{reason: packets}"""
    return total_by(samples, "dataplane_dropped_packets_total", "reason")


def vrf_traffic(samples):
    """{vrf: (encapsulated packets, bytes, decapsulated packets, bytes)}"""
    columns = [total_by(samples, f"dataplane_vrf_{what}_total", "vrf") for what in
               ("encapsulated_packets", "encapsulated_bytes", "decapsulated_packets", "decapsulated_bytes")]
    return {vrf: tuple(column.get(vrf, 0) for column in columns) for vrf in sorted(columns[0])}
