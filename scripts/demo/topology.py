"""The demo's network: namespaces, links, tenants' hosts, two forwarders. Building it, and taking it down completely.

        red1 ─┐                        203.0.113.0/24          ┌─ red2
       blue1 ─┤ VLAN  ┌──────┐  ┌──────────────┐  ┌──────┐ tap ├─ blue2
      green1 ─┤ trunk │ fwd1 ├──┤ IP router    ├──┤ fwd2 │─────┴─ green2
        red3 ─┘───────┴──────┘  └──────────────┘  └──────┘
                    198.51.100.0/24

Every namespace is called dpdemo-…; nothing outside of them is touched, and whatever is called so is ours to remove.
"""

import os
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.join(ROOT, "src/Dataplane.Host/bin/Release/net10.0/dataplane.dll")
PREFIX = "dpdemo-"
RUN_DIR = "/run/dpdemo"

# Tenants' hosts: name -> (site, VLAN or None for a tap, IPv4, IPv6, gateway). The gateway is an address of the subnet
# (multipoint, FWD-16) or the link-local first hop (point-to-point, FWD-15).
HOSTS = {
    "red1": (1, 101, "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1"),
    "blue1": (1, 102, "10.1.0.11/24", "fd00:10:1::11/64", "10.1.0.1"),
    "green1": (1, 103, "172.20.1.11/32", "fd00:20:1::11/128", "169.254.0.1"),
    "red3": (1, 104, "10.1.3.33/24", "fd00:10:3::33/64", "10.1.3.1"),
    "red2": (2, None, "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.1"),
    "blue2": (2, None, "10.1.0.22/24", "fd00:10:1::22/64", "10.1.0.1"),
    "green2": (2, None, "172.20.2.22/32", "fd00:20:2::22/128", "169.254.0.1"),
}
# Sites: forwarder's namespace -> (router's IPv4, router's IPv6) on its underlay subnet.
SITES = {"fwd1": ("198.51.100.1/24", "2001:db8:1::1/64"), "fwd2": ("203.0.113.1/24", "2001:db8:2::1/64")}


class DemoError(Exception):
    """Something the demo needs did not come about; the text tells the user what."""


def address_of(host, family):
    """The host's address without prefix length; family 4 or 6."""
    return HOSTS[host][2 if family == 4 else 3].split("/")[0]


def sh(*command, check=True, timeout=30, **options):
    """Runs a command and returns it completed, output captured as text. Ctrl-C is for us, not for our children."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                          start_new_session=True, **options)
    if check and done.returncode:
        raise DemoError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done


def inside(namespace, *command):
    """The command line that runs a command in one of our namespaces."""
    return ("ip", "netns", "exec", PREFIX + namespace, *command)


def start(namespace, *command, log=None, **options):
    """Starts a process in a namespace. Output goes to RUN_DIR/log.log, or nowhere."""
    output = open(f"{RUN_DIR}/{log}.log", "wb") if log else subprocess.DEVNULL
    try:
        return subprocess.Popen(inside(namespace, *command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                start_new_session=True, **options)
    finally:
        if log:
            output.close()


def wait_until(what, condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


def build():
    """Namespaces and links, up to the point where the forwarders can start."""
    for namespace in ["net", "switch", *SITES, *HOSTS]:
        sh("ip", "netns", "add", PREFIX + namespace)
    batch = {namespace: ["link set lo up"] for namespace in ["net", "switch", *SITES, *HOSTS]}

    # Kernel stacks that must stay silent: the switch, and the forwarders' sides whose addresses belong to the forwarder.
    for namespace in ["switch", *SITES]:
        sysctl(namespace, "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
    sysctl("net", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0")

    for forwarder, (v4, v6) in SITES.items():
        veth("net", forwarder, forwarder, "core")
        batch["net"] += [f"link set {forwarder} up", f"addr add {v4} dev {forwarder}", f"addr add {v6} dev {forwarder} nodad"]
        batch[forwarder] += ["link set core arp off up"]
    veth("fwd1", "access", "switch", "trunk")
    batch["fwd1"] += ["link set access arp off up"]
    batch["switch"] += ["link set trunk up"]
    tags = []
    for host, (_, vlan, *_rest) in HOSTS.items():
        sysctl(host, "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.accept_ra=0", "net.ipv6.conf.all.accept_dad=0")
        if vlan:
            veth("switch", host, host, "eth0")
            batch["switch"] += [f"link set {host} up"]
            tags.append(f"{host}={vlan}")
            configure_host(host, batch[host])
    for namespace, lines in batch.items():
        run_batch(namespace, lines)
    for namespace, interface in [("fwd1", "core"), ("fwd2", "core"), ("fwd1", "access"), ("net", "fwd1"), ("net", "fwd2"),
                                 ("switch", "trunk")] + [(h, "eth0") for h, v in HOSTS.items() if v[1]]:
        no_offload(namespace, interface)
    sh(*inside("switch", f"{HERE}/vlan_switch.py", "--trunk", "trunk", *tags))


def attach_taps():
    """Gives the taps that the forwarder of site 2 made to their hosts."""
    for host, (site, vlan, *_rest) in HOSTS.items():
        if site == 2 and not vlan:
            sh("ip", "-n", PREFIX + "fwd2", "link", "set", host, "netns", PREFIX + host, "name", "eth0")
            run_batch(host, configure_host(host, []))


def configure_host(host, lines):
    """Addresses and routes of a tenant's host, as `ip -batch` lines."""
    _, _, v4, v6, gateway = HOSTS[host]
    lines += ["link set eth0 up", f"addr add {v4} dev eth0", f"addr add {v6} dev eth0 nodad"]
    if gateway.startswith("169.254."):
        lines += [f"route add {gateway}/32 dev eth0"]
    lines += [f"route add default via {gateway} dev eth0", "route add default via fe80::1 dev eth0"]
    return lines


def run_batch(namespace, lines):
    sh("ip", "-n", PREFIX + namespace, "-batch", "-", input="\n".join(lines) + "\n")


def sysctl(namespace, *settings):
    sh(*inside(namespace, "sysctl", "-qw", *settings))


def veth(namespace1, name1, namespace2, name2):
    sh("ip", "link", "add", name1, "netns", PREFIX + namespace1, "type", "veth",
       "peer", "name", name2, "netns", PREFIX + namespace2)


def no_offload(namespace, interface):
    """A packet socket sees frames before anyone finished their checksums or cut them up: have the kernel do both at once."""
    sh(*inside(namespace, "ethtool", "-K", interface, "tx", "off", "gro", "off"))


def namespaces():
    return [name.split()[0] for name in sh("ip", "netns", "list").stdout.splitlines() if name.startswith(PREFIX)]


def demolish():
    """Ends every process in our namespaces (politely, then not) and removes the namespaces. Safe to repeat."""
    def processes():
        found = set()
        for namespace in namespaces():
            found |= {int(p) for p in sh("ip", "netns", "pids", namespace, check=False).stdout.split()}
        return found - {os.getpid()}

    for how, patience in [(signal.SIGTERM, 5), (signal.SIGKILL, 5)]:
        for process in processes():
            try:
                os.kill(process, how)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience
        while processes() and time.monotonic() < deadline:
            time.sleep(0.05)
    for namespace in namespaces():
        sh("ip", "netns", "delete", namespace, check=False)
