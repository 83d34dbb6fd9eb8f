"""The flow hash and the choice of a next hop (ADR-0004), written from the record and not from the program."""
import ipaddress

M32, M64 = (1 << 32) - 1, (1 << 64) - 1
PORTS, ECHO = (6, 17, 132), {1: (8, 0), 58: (128, 129)}
EXTENSIONS = (0, 43, 60, 135, 139, 140)


def le(octets):
    return int.from_bytes(octets, "little")


def fold(octets):
    """32 bits of an address."""
    if len(octets) == 4:
        return le(octets)
    keys = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    a, b, c, d = ((le(octets[4 * i:4 * i + 4]) + keys[i]) & M32 for i in range(4))
    total = a * b + c * d & M64
    return (total ^ total >> 32) & M32


def flow(packet):
    """Addresses, two ports and protocol of an IP packet given as octets."""
    if packet[0] >> 4 == 4:
        source, destination, protocol = packet[12:16], packet[16:20], packet[9]
        body = packet[(packet[0] & 15) * 4:int.from_bytes(packet[2:4], "big")]
        if int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return source, destination, (0, 0), protocol
    else:
        source, destination, protocol = packet[8:24], packet[24:40], packet[6]
        body = packet[40:40 + int.from_bytes(packet[4:6], "big")]
        for _ in range(8):
            if len(body) < 8:
                break
            if protocol in EXTENSIONS:
                size = (body[1] + 1) * 8
            elif protocol == 51:
                size = (body[1] + 2) * 4
            elif protocol == 44 and not int.from_bytes(body[2:4], "big") & 0xFFF9:
                size = 8
            else:
                break
            protocol, body = body[0], body[size:]
    if protocol in PORTS and len(body) >= 4:
        return source, destination, (le(body[0:2]), le(body[2:4])), protocol
    if protocol in ECHO and len(body) >= 8 and body[0] in ECHO[protocol]:
        return source, destination, (le(body[4:6]),) * 2, protocol
    return source, destination, (0, 0), protocol


def end(address, port):
    x = (address ^ address >> 16) * 0x21F0AAAD & M32
    x = (x ^ x >> 15 ^ port * 0x9E3779B1 & M32) * 0xD35A2D97 & M32
    return x ^ x >> 15


def last(x):
    x = (x ^ x >> 16) * 0x7FEB352D & M32
    x = (x ^ x >> 15) * 0x846CA68B & M32
    return x ^ x >> 16


def flow_hash(packet):
    source, destination, ports, protocol = flow(bytes(packet))
    return last((end(fold(source), ports[0]) + end(fold(destination), ports[1]) & M32) ^ protocol)


def prefix_hash(prefix):
    """Hash of a destination prefix, as text."""
    network = ipaddress.ip_network(prefix)
    return last(end(fold(network.network_address.packed), network.prefixlen))
