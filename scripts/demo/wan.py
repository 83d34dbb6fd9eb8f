"""The existing WAN: a provider edge of Linux and FRR, kernel data plane included, as there are many. Its VRF red has a site of the tenant.

Where the machine's own kernel has neither VRF nor MPLS, Debian's user-mode-linux has: it boots on this machine's root file system,
mounted read-only, as an ordinary process, its network card a packet socket on the namespace's veth. IPv4 only:
FRR 8.4 cannot put a VPNv6 route whose next hop is an IPv4 address into the kernel. FRR in it speaks VPNv4 with
the reflector and puts labelled routes into that kernel, which sends and receives MPLS in GRE.
"""

import os

from reflector import ADDRESS as REFLECTOR
from shell import ROOT, RUN_DIR, TOOLS, start, wait_until
from topology import ADDRESS_OF, FORWARDERS, PE_ADDRESS, PE_ROUTER, WAN_V4

DIRECTORY = f"{RUN_DIR}/pe"
CONSOLE = f"{RUN_DIR}/pe.log"
KERNEL = f"{ROOT}/scripts/user-mode-linux"
MODULES = f"{TOOLS}/user-mode-linux/usr/lib/uml/modules"
READY, DONE = "PE-READY", "PE-DONE"

BGPD = f"""hostname pe
log file /mnt/bgpd.log
route-map tunnels permit 10
 set l3vpn next-hop encapsulation gre
router bgp 65000
 bgp router-id {PE_ADDRESS}
 no bgp default ipv4-unicast
 neighbor {REFLECTOR} remote-as 65000
 neighbor {REFLECTOR} timers connect 1
 address-family ipv4 vpn
  neighbor {REFLECTOR} activate
  neighbor {REFLECTOR} route-map tunnels in
router bgp 65000 vrf vrf-red
 bgp router-id {PE_ADDRESS}
 no bgp ebgp-requires-policy
 address-family ipv4 unicast
  redistribute connected
  label vpn export auto
  rd vpn export 65000:77
  rt vpn both 65000:1
  import vpn
  export vpn
"""


def init():
    """The program that the kernel starts first."""
    # A tunnel device to each forwarder, and its address reached through it, so that BGP's next hops mean the tunnels. What the tunnels
    # themselves send is bound to the card, and so does not go round in circles.
    tunnels = "".join(f"""
ip link add gre-{name} type gre local {PE_ADDRESS} remote {ADDRESS_OF[name]} ttl 64 dev vec0; ip link set gre-{name} up
sysctl -qw net.mpls.conf.gre-{name}.input=1
ip route add {ADDRESS_OF[name]}/32 dev gre-{name}""" for name in FORWARDERS)
    return f"""#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs tmp /mnt
mkdir -p /mnt/m/lib; ln -s {MODULES} /mnt/m/lib/modules
for m in mpls_router mpls_iptunnel ip_gre vrf dummy; do modprobe -d /mnt/m $m || echo "no module $m"; done
ip link set lo up; ip link set vec0 up
ip addr add {PE_ADDRESS}/25 dev vec0; ip route add default via {PE_ROUTER.split('/')[0]}
ip route add {REFLECTOR}/32 via {PE_ROUTER.split('/')[0]}  # FRR does not look for a neighbour by a default route
sysctl -qw net.mpls.platform_labels=100000 net.ipv4.ip_forward=1
ip link add vrf-red type vrf table 10; ip link set vrf-red up
ip link add site type dummy; ip link set site master vrf-red
ip addr add {WAN_V4}/24 dev site; ip link set site up{tunnels}
ip route add table 10 unreachable default metric 4278198272
mkdir /mnt/frr; chmod 777 /mnt /mnt/frr; cp {DIRECTORY}/bgpd.conf /mnt/; echo log file /mnt/zebra.log >/mnt/zebra.conf; chmod 644 /mnt/*.conf
/usr/lib/frr/zebra -f /mnt/zebra.conf -i /mnt/frr/zebra.pid -z /mnt/frr/zserv.api --vty_socket /mnt/frr -P 0 -d
until [ -S /mnt/frr/zserv.api ]; do sleep 0.1; done
/usr/lib/frr/bgpd -f /mnt/bgpd.conf -i /mnt/frr/bgpd.pid -z /mnt/frr/zserv.api --vty_socket /mnt/frr -P 0 -d
echo {READY}
n=1
until [ -e {DIRECTORY}/stop ]; do
  if [ -e {DIRECTORY}/command-$n ]; then ( . {DIRECTORY}/command-$n ); echo {DONE}-$n; n=$((n + 1)); fi
  sleep 0.1
done
poweroff -f
"""


def launch():
    os.makedirs(DIRECTORY)
    for name, text, mode in (("init", init(), 0o755), ("bgpd.conf", BGPD, 0o644)):
        with open(f"{DIRECTORY}/{name}", "w") as file:
            file.write(text)
        os.chmod(f"{DIRECTORY}/{name}", mode)
    start("pe", KERNEL, "mem=160M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", f"init={DIRECTORY}/init", f"uml_dir={DIRECTORY}",
          "con0=null,fd:1", "con=null", "quiet", "vec0:transport=raw,ifname=pe0,depth=64", log="pe")


def console():
    with open(CONSOLE, errors="replace") as file:
        return file.read()


def await_ready():
    wait_until(lambda: f"the WAN's PE to boot; it says:\n{console()[-3000:]}", lambda: READY in console(), 90)


def run(commands):
    """Has the PE run shell commands; returns what they print. One caller at a time."""
    number = 1 + sum(name.startswith("command-") for name in os.listdir(DIRECTORY))
    before = len(console())
    with open(f"{DIRECTORY}/staged", "w") as file:
        file.write(commands + "\n")
    os.rename(f"{DIRECTORY}/staged", f"{DIRECTORY}/command-{number}")
    wait_until(f"the PE to run {commands}", lambda: f"{DONE}-{number}" in console()[before:], 60)
    return console()[before:].split(f"{DONE}-{number}")[0]


def vtysh(command):
    return run(f"vtysh --vty_socket /mnt/frr -c '{command}' 2>&1")
