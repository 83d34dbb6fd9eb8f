"""The demo's network: what there is, and building it.

      red1 blue1 green1 red3 green3                                        red2 blue2 green2          blue3 hub dns guest
              │ VLANs                                                            │ taps                     │ taps
        L2 switch ── srv: agent                                                  │        ┌── vm (moves) ───┤
              │                                                                  │        │                 │
          ┌───┴───┐                        ┌────────┐                        ┌───┴────────┴┐          ┌─────┴───────┐
          │  tor  ├────────────────────────┤ router ├────────────────────────┤     hv1     │          │     hv2     │
          └───────┘ external forwarder     │ (net)  ├─────────────┐          └─────────────┘          └──────┬──────┘
                                           └─┬────┬─┘             └── forwarder and agent in one process ────┘
              control network: gateways ─────┘    └── pe: Linux + FRR, the existing WAN
              sg1, sg2, GoBGP reflector rr

The fabric is plain IP, routed by a Linux kernel. Forwarders reach the gateways by a link of their own to the control network, since
their link to the fabric belongs to DPDK.
"""

import subprocess
from collections import namedtuple

from shell import HERE, PREFIX, DemoError, inside, run_batch, sh

# Tenants' hosts. port: the forwarder's port, None behind the switch; gateway: an address of the subnet (FWD-16) or the link-local
# first hop (FWD-15); extra: prefixes that are behind the host.
Host = namedtuple("Host", "vpn at v4 v6 gateway extra", defaults=((),))
HOSTS = {
    "red1": Host("red", "tor", "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1"),
    "blue1": Host("blue", "tor", "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1"),
    "green1": Host("green", "tor", "172.20.1.11/32", "fd00:20:1::11/128", "169.254.0.1"),
    "red3": Host("red", "tor", "10.1.3.33/24", "fd00:10:3::33/64", "10.1.3.1"),
    "green3": Host("green", "tor", "172.20.1.33/32", "fd00:20:1::33/128", "169.254.0.1"),
    "red2": Host("red", "hv1", "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.1"),
    "blue2": Host("blue", "hv1", "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.1"),
    "green2": Host("green", "hv1", "172.20.2.22/32", "fd00:20:2::22/128", "169.254.0.1"),
    "blue3": Host("blue", "hv2", "10.1.4.44/24", "fd00:10:4::44/64", "10.1.4.1"),
    "dns": Host("services", "hv2", "10.9.0.53/32", "fd00:90::53/128", "169.254.0.1"),
    "hub": Host("green-hub", "hv2", "172.20.0.1/32", "fd00:20::1/128", "169.254.0.1", ("172.20.0.0/16", "fd00:20::/32")),
}
GUEST = "guest"  # has a port of hv2, and is left to the reader to attach
VM, VM_V4, VM_V6 = "vm", "10.1.0.50", "fd00:10:1::50"  # red; has a link to either of hv1 and hv2, and moves
WAN_V4 = "192.168.77.1"  # red, at the PE

# Forwarders: namespace -> (router's IPv4, its IPv6, address on the control network).
FORWARDERS = {
    "tor": ("198.51.100.1/24", "2001:db8:1::1/64", "192.0.2.17/25"),
    "hv1": ("203.0.113.1/25", "2001:db8:2::1/64", "192.0.2.21/25"),
    "hv2": ("203.0.113.129/25", "2001:db8:3::1/64", "192.0.2.22/25"),
}
FORWARDER_OF = {"198.51.100.17": "tor", "203.0.113.21": "hv1", "203.0.113.222": "hv2", "192.0.2.200": "pe"}
ADDRESS_OF = {name: address for address, name in FORWARDER_OF.items()}
CONTROL = {"rr": "192.0.2.2/25", "sg1": "192.0.2.9/25", "sg2": "192.0.2.10/25", "srv": "192.0.2.30/25"}
PE_ROUTER, PE_ADDRESS = "192.0.2.129/25", "192.0.2.200"
SILENT = ["switch", "pe", *FORWARDERS]  # whose kernels must not speak IPv6, nor answer for addresses that are not theirs


def address_of(host, family):
    """The host's address without prefix length; family 4 or 6."""
    if host == VM:
        return VM_V4 if family == 4 else VM_V6
    return (HOSTS[host].v4 if family == 4 else HOSTS[host].v6).split("/")[0]


def tagged():
    return [host for host, row in HOSTS.items() if row.at == "tor"]


def taps():
    return [(host, row.at) for host, row in HOSTS.items() if row.at != "tor"] + [(GUEST, "hv2")]


def build():
    """Namespaces and links, up to the point where the programs can start."""
    spaces = ["net", "switch", "pe", *FORWARDERS, *CONTROL, *HOSTS, VM, GUEST]
    for namespace in spaces:
        sh("ip", "netns", "add", PREFIX + namespace)
    batch = {namespace: ["link set lo up"] for namespace in spaces}
    for namespace in spaces:
        if namespace in SILENT:
            sysctl(namespace, "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        elif namespace in HOSTS or namespace in (VM, GUEST):
            sysctl(namespace, "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.accept_ra=0", "net.ipv6.conf.all.accept_dad=0")
    sysctl("net", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0")
    # The hub's middle box routes between spokes: in and out by the one interface, which is no reason to tell anybody of a shorter way.
    sysctl("hub", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.send_redirects=0",
           "net.ipv4.conf.default.send_redirects=0")

    add_underlay(batch)
    veth("tor", "access", "switch", "trunk")
    batch["tor"] += ["link set access arp off up"]
    batch["switch"] += ["link set trunk up"]
    for host in tagged():
        veth("switch", host, host, "eth0")
        batch["switch"] += [f"link set {host} up"]
        configure_host(host, batch[host])
    for forwarder in ("hv1", "hv2"):
        veth(forwarder, VM, VM, forwarder)
        batch[forwarder] += [f"link set {VM} arp off up"]
    for namespace, lines in batch.items():
        run_batch(namespace, lines)
    place_vm("hv1", None)
    for namespace, interface in ([(f, "core") for f in FORWARDERS] + [("net", f) for f in FORWARDERS] + [("net", "pe"), ("pe", "pe0"), ("tor", "access"),
                                 ("switch", "trunk"), ("hv1", VM), ("hv2", VM), (VM, "hv1"), (VM, "hv2")] + [(h, "eth0") for h in tagged()]):
        no_offload(namespace, interface)


def add_underlay(batch):
    """The router with a link to each forwarder and to the PE, and a bridge in it that is the control network."""
    batch["net"] += ["link add control type bridge", "link set control up", "addr add 192.0.2.1/25 dev control"]
    for forwarder, (v4, v6, control) in FORWARDERS.items():
        veth("net", forwarder, forwarder, "core")
        batch["net"] += [f"link set {forwarder} up", f"addr add {v4} dev {forwarder}", f"addr add {v6} dev {forwarder} nodad"]
        batch[forwarder] += ["link set core arp off up"]
        join_control(batch, forwarder, control)
    for node, control in CONTROL.items():
        join_control(batch, node, control)
        batch[node] += ["route add default via 192.0.2.1"]
    veth("net", "pe", "pe", "pe0")
    batch["net"] += ["link set pe up", f"addr add {PE_ROUTER} dev pe"]
    batch["pe"] += ["link set pe0 arp off up"]


def join_control(batch, node, address):
    veth("net", f"c-{node}", node, "control")
    batch["net"] += [f"link set c-{node} master control up"]
    batch[node] += ["link set control up", f"addr add {address} dev control"]


def attach_taps():
    """Gives the taps that the forwarders made to their hosts."""
    for host, forwarder in taps():
        sh("ip", "-n", PREFIX + forwarder, "link", "set", host, "netns", PREFIX + host, "name", "eth0")
        if host == GUEST:
            run_batch(host, ["link set eth0 up", "addr add 10.1.0.99/24 dev eth0", "route add default via 10.1.0.1 dev eth0"])
        else:
            run_batch(host, configure_host(host, []))


def tag_hosts(vlans):
    """Has the switch give each host behind it the VLAN that the agent chose. vlans: {host: VLAN}."""
    sh(*inside("switch", f"{HERE}/vlan_switch.py", "--trunk", "trunk", *(f"{host}={vlan}" for host, vlan in vlans.items())))


def place_vm(there, before):
    """The workload is at another place: the link before is cut, the one there is up and bears its addresses."""
    prepare_vm(there, before)()


def prepare_vm(there, before):
    """All of that but the doing, which is what the function returned does: a command that waits for its input starts sooner than a new one."""
    lines = [f"link set {before} down"] if before else []
    lines += [f"link set {there} up", f"addr add {VM_V4}/32 dev {there}", f"addr add {VM_V6}/128 dev {there} nodad",
              f"route add 169.254.0.1/32 dev {there}", f"route add default via 169.254.0.1 dev {there} src {VM_V4}",
              f"route add default via fe80::1 dev {there} src {VM_V6}"]
    lines += [f"addr flush dev {before}"] if before else []
    command = subprocess.Popen(("ip", "-n", PREFIX + VM, "-batch", "-"), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def place():
        _, said = command.communicate("\n".join(lines) + "\n", timeout=30)
        if command.returncode:
            raise DemoError(f"the workload cannot be placed at {there}: {said.strip()}")
    return place


def configure_host(host, lines):
    """Addresses and routes of a tenant's host, as `ip -batch` lines."""
    row = HOSTS[host]
    lines += ["link set eth0 up", f"addr add {row.v4} dev eth0", f"addr add {row.v6} dev eth0 nodad"]
    if row.gateway.startswith("169.254."):
        lines += [f"route add {row.gateway}/32 dev eth0"]
    lines += [f"route add default via {row.gateway} dev eth0", "route add default via fe80::1 dev eth0"]
    return lines


def sysctl(namespace, *settings):
    sh(*inside(namespace, "sysctl", "-qw", *settings))


def veth(namespace1, name1, namespace2, name2):
    sh("ip", "link", "add", name1, "netns", PREFIX + namespace1, "type", "veth",
       "peer", "name", name2, "netns", PREFIX + namespace2)


def no_offload(namespace, interface):
    """A packet socket sees frames before anyone finished their checksums or cut them up: have the kernel do both at once."""
    sh(*inside(namespace, "ethtool", "-K", interface, "tx", "off", "gro", "off"))
