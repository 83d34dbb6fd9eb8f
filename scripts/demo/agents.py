"""Virtual interfaces: attaching them, and what agents and forwarders know by signaling."""

import json

from nodes import NotThere, ask, call
from shell import PREFIX, sh, wait_until
from topology import HOSTS, VM, VM_V4, VM_V6


def agent_of(host):
    """The node whose agent is asked to attach a host: behind the external forwarder that is the host's own."""
    return "srv" if HOSTS[host].at == "tor" else HOSTS[host].at


def attach_command(host):
    """What is said to attach a host."""
    row = HOSTS[host]
    words = ["agent", "attach", host, "--vpn", row.vpn]
    if row.at != "tor":
        words += ["--port", host]
    if row.extra:
        words += ["--mac", mac_of(host)]  # its addresses are not all its own: nobody answers for them when asked
    for address in (row.v4.split("/")[0], row.v6.split("/")[0], *row.extra):
        words += ["--address", address]
    return words


def mac_of(host):
    return json.loads(sh("ip", "-n", PREFIX + host, "-j", "link", "show", "eth0").stdout)[0]["address"]


def attach(host):
    """Attaches it; returns its VLAN, or None."""
    return json.loads(ask(agent_of(host), *attach_command(host), "--json")).get("vlan")


def attach_vm(node, version=None, addresses=(VM_V4, VM_V6)):
    """Attaches the workload that moves, or changes that: the same request as the command's, made by us as a hook makes it."""
    body = {"vpn": "red", "port": VM, "addresses": list(addresses)}
    if version:
        body["version"] = version
    return call(node, "PUT", f"/v1/agent/attachments/{VM}", body)


def detach_vm(node):
    """It goes on elsewhere."""
    call(node, "DELETE", f"/v1/agent/attachments/{VM}?moved=true")


def attachment(node, name):
    answer = call(node, "GET", "/v1/agent/attachments") or {"attachments": []}
    return next((one for one in answer["attachments"] if one["id"] == name), None)


def known(node, vpn):
    """The routes of a VPN as a node's API tells them; none while it has nothing of that VPN."""
    try:
        return (call(node, "GET", f"/v1/agent/vpns/{vpn}/routes") or {"routes": []})["routes"]
    except NotThere:
        return []


def routes(node, vpn):
    """{prefix: [(forwarder's address or localhost, label)]} as the node was told."""
    return {route["prefix"]: [(hop["address"], hop["label"]) for hop in route["nextHops"]] for route in known(node, vpn)}


def stale(node, vpn):
    return [route["prefix"] for route in known(node, vpn) if route["stale"]]


def servers(node):
    """{server: (whether its session is up, whether routes come from it)}"""
    answer = call(node, "GET", "/v1/agent") or {"servers": []}
    return {server["name"].split(".")[0]: (server["isUp"], server["isRouteSource"]) for server in answer["servers"]}


def prefixes_of(*hosts):
    """The prefixes that hosts publish."""
    found = set()
    for host in hosts:
        row = HOSTS[host]
        found |= {row.v4.split("/")[0] + "/32", row.v6.split("/")[0] + "/128", *row.extra}
    return found


def await_routes(node, vpn, prefixes, seconds=60):
    """Waits until a node knows just these prefixes of a VPN. Returns the routes."""
    def what():
        known = set(routes(node, vpn))
        return f"the routes of {vpn} at {node}; missing {sorted(prefixes - known)}, too many {sorted(known - prefixes)}"

    wait_until(what, lambda: set(routes(node, vpn)) == prefixes, seconds)
    return routes(node, vpn)
