"""The forwarder configurations that the cases share. A case takes a fresh copy and changes what it is about."""
from .frames import (CORE_MAC, FAR4, FAR6, FAR_MAC, HOST1, HOST2, HUB4, HUB6, HUB_MAC, REMOTE, REMOTE6, ROUTER,
                     ROUTER6, US4, US6, VM1, VM1_6, VM2, VM2_6)


def core_port(name="core0", **more):
    port = {"name": name, "role": "core", "mac": CORE_MAC, "mtu": 1500,
            "addresses": [US4 + "/24", US6 + "/64"],
            "neighbors": [{"address": a, "mac": m} for a, m in
                          ((FAR4, FAR_MAC), (FAR6, FAR_MAC), (HUB4, HUB_MAC), (HUB6, HUB_MAC))]}
    port.update(more)
    return port


def access_port(name="acc0", **more):
    return {"name": name, "role": "access", "mac": "02:00:00:00:00:a0", **more}


def interface(name, vlan, vrf, label, addresses, port="acc0", mac=HOST1, **more):
    row = {"name": name, "port": port, "vlan": vlan, "mac": mac, "vrf": vrf, "label": label, "addresses": addresses}
    row.update(more)
    return {key: value for key, value in row.items() if value is not None}


def route(prefix, next_hop, label):
    if "/" not in prefix:
        prefix += "/128" if ":" in prefix else "/32"
    return {"prefix": prefix, "next-hop": next_hop, "label": label}


def blue(far4=FAR4, far6=FAR4, **more):
    """VRF blue: an aggregate label, addresses of the router, one remote host per family."""
    row = {"name": "blue", "label": 3000, "router-addresses": [ROUTER, ROUTER6],
           "routes": [route(REMOTE, far4, 61200), route(REMOTE6, far6, 61206)]}
    row.update(more)
    return row


def red(far=FAR4, **more):
    """VRF red: the same addresses as blue behind other labels, no router address."""
    row = {"name": "red", "label": 3001, "routes": [route(REMOTE, far, 61300), route(REMOTE6, far, 61306)]}
    row.update(more)
    return row


def standard(encap="mpls-in-gre", far=FAR4, **sections):
    """Two tenants with the same addresses: vm1 and vm2 in blue on host 1, vm3 in red on host 2 with vm1's tag."""
    document = {
        "roles": ["forwarder"],
        "ports": [core_port(), access_port()],
        "infrastructure": {"address": US4, "address6": US6},
        "encapsulation": {"default": encap},
        "vrfs": [blue(far, far), red(far)],
        "interfaces": [
            interface("vm1", 317, "blue", 52013, [VM1 + "/32", VM1_6 + "/128"]),
            interface("vm2", 318, "blue", 52014, [VM2 + "/32", VM2_6 + "/128"]),
            interface("vm3", 317, "red", 52015, [VM1 + "/32", VM1_6 + "/128"], mac=HOST2),
        ],
    }
    document.update(sections)
    return document
