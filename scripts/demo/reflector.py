"""GoBGP, the fabric's route reflector: gateways with TCP-MD5 and RT-Constraint (RFC 4684), the WAN's PE with neither."""

import json

from shell import RUN_DIR, inside, log_of, sh, start, wait_until
from topology import CONTROL, PE_ADDRESS

API = ("-u", "127.0.0.1", "-p", "50051")
PASSWORD = "demo-of-tcp-md5"
FAMILIES = ("l3vpn-ipv4-unicast", "l3vpn-ipv6-unicast")
GATEWAYS = {"sg1": CONTROL["sg1"].split("/")[0], "sg2": CONTROL["sg2"].split("/")[0]}
ADDRESS = CONTROL["rr"].split("/")[0]


def configuration():
    text = f"""[global.config]
  as = 65000
  router-id = "{ADDRESS}"
  port = 179
  local-address-list = ["{ADDRESS}"]
"""
    neighbors = [(address, PASSWORD, (*FAMILIES, "rtc")) for address in GATEWAYS.values()] + [(PE_ADDRESS, None, FAMILIES[:1])]
    for address, password, families in neighbors:
        text += f"""[[neighbors]]
  [neighbors.config]
    neighbor-address = "{address}"
    peer-as = 65000
"""
        if password:
            text += f'    auth-password = "{password}"\n'
        text += f"""  [neighbors.transport.config]
    local-address = "{ADDRESS}"
    passive-mode = true
  [neighbors.route-reflector.config]
    route-reflector-client = true
    route-reflector-cluster-id = "{ADDRESS}"
"""
        for family in families:
            text += f'  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = "{family}"\n'
    return text


def launch():
    with open(f"{RUN_DIR}/gobgpd.toml", "w") as file:
        file.write(configuration())
    start("rr", "gobgpd", "-f", f"{RUN_DIR}/gobgpd.toml", "--api-hosts", "127.0.0.1:50051", "--pprof-disable", "-p", "-l", "info", log="rr")


def gobgp(*words, check=True):
    return sh(*inside("rr", "gobgp", *API, *words), check=check).stdout


def await_ready():
    wait_until(lambda: f"the reflector; it says:\n{log_of('rr')}", lambda: gobgp("global", check=False) != "", 30)


def established():
    """The neighbours with a session."""
    rows = json.loads(gobgp("neighbor", "-j"))
    return {row["state"]["neighbor_address"] for row in rows if row["state"].get("session_state") == 6}


def memberships(address):
    """Route targets that a neighbour asked for."""
    text = gobgp("neighbor", address, "adj-in", "-a", "rtc", check=False)
    return sorted({word.split(":", 1)[1] for line in text.splitlines() for word in line.split() if word.count(":") == 2 and word.startswith("65000:")})


def vpn_routes(family="vpnv4"):
    """The reflector's table: {distinguisher:prefix: [(next hop, label)]}."""
    found = {}
    for line in gobgp("global", "rib", "-a", family).splitlines():
        words = line.replace("*>", "").replace("*", "").split()
        if len(words) > 3 and "/" in words[0]:
            found.setdefault(words[0], []).append((words[2], words[1].strip("[]")))
    return found
