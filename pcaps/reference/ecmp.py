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


# ---- the choice of a next hop: weighted rendezvous ----

BITS = 17
BUCKETS = 1 << BITS
GOLDEN = 0x9E3779B97F4A7C15


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & M64
    x = (x ^ x >> 27) * 0x94D049BB133111EB & M64
    return x ^ x >> 31


def member_key(owner, label):
    """A member's identity as a number; IPv4 by its mapped address."""
    packed = ipaddress.ip_address(owner).packed
    value = int.from_bytes(packed if len(packed) == 16 else bytes(10) + b"\xff\xff" + packed, "big")
    x = mix((value >> 64) + GOLDEN & M64)
    x = mix((x ^ value & M64) + GOLDEN & M64)
    return mix((x ^ label) + GOLDEN & M64)


class Preference:
    """The order in which a member wants the buckets: the one of rank n is P(n), of three rounds x -> a x + b, x -> x ^ x >> 9."""

    def __init__(self, key):
        first, second = mix(key + GOLDEN & M64), mix(key + 2 * GOLDEN & M64)
        words = [value >> shift & BUCKETS - 1 for value in (first, second) for shift in (0, BITS, 2 * BITS)]
        self.rounds = [(words[i] | 1, words[i + 1]) for i in (0, 2, 4)]
        self.undo = [(pow(a, -1, BUCKETS), b) for a, b in reversed(self.rounds)]

    def bucket(self, rank):
        for a, b in self.rounds:
            rank = rank * a + b & BUCKETS - 1
            rank ^= rank >> 9
        return rank

    def rank(self, bucket):
        x = bucket
        for inverse, b in self.undo:
            x ^= x >> 9
            x = (x - b) * inverse & BUCKETS - 1
        if self.bucket(x) != bucket:
            raise AssertionError("the order is not a permutation")
        return x


def waits():
    """The order statistics of BUCKETS exponential variables, in units of 2^-40 and rounded down term by term."""
    total, table = 0, []
    for i in range(BUCKETS):
        total += (1 << 40) // (BUCKETS - i)
        table.append(float(total))
    return table


class Group:
    """members: (owner, label, weight)."""

    _waits = []

    def __init__(self, members):
        if not Group._waits:
            Group._waits.extend(waits())
        self.members = []
        for owner, label, weight in members:
            key = member_key(owner, label)
            self.members.append((key, 1.0 / weight, Preference(key), (owner, label)))

    def owner_of(self, bucket):
        """(owner, label) of the member with the lowest score."""
        return min(self.members, key=lambda m: (Group._waits[m[2].rank(bucket)] * m[1], m[0]))[3]

    def choose(self, value):
        """The member for a 32-bit hash: its upper bits are the bucket."""
        return self.owner_of(value >> 32 - BITS)
