#!/usr/bin/python3
"""A VLAN switch made of two kinds of tiny eBPF programs, for kernels built without VLAN devices.

    vlan_switch.py --trunk IF [--own-mac]  PORT=VLAN | PORT=OUTER.INNER ...

Run it in the network namespace that holds the interfaces. What arrives untagged on a PORT leaves the trunk with the port's tag
(or with its 802.1ad + 802.1Q pair); what arrives on the trunk with that tag leaves the port untagged; anything else is dropped.
Nothing is learnt or flooded between ports, so a host's multi-destination frames reach the trunk only (EXT-04). With --own-mac it
is the tagging part of a host, whose frames all have the MAC of its card, the trunk: others are dropped, so that what runs on a
PORT cannot pose as another host (AGT-01, AMB-28).

The programs stay attached (tc clsact, direct action) after this script ends and go away with their interfaces: there is no
process to supervise. They are assembled by hand here because a compiler for eBPF would be a large dependency for 30 instructions.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys

# --- an assembler for the few instructions needed (linux/bpf.h) ---

R0, R1, R2, R3, R4, R6, R7, R10 = 0, 1, 2, 3, 4, 6, 7, 10
SKB_VLAN_TCI = 24  # offsetof(struct __sk_buff, vlan_tci)
CALL_VLAN_PUSH, CALL_VLAN_POP, CALL_REDIRECT, CALL_LOAD_BYTES = 18, 19, 23, 26
TC_ACT_SHOT = 2
ETH_P_8021Q, ETH_P_8021AD = 0x8100, 0x88A8


def _insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, src << 4 | dst, off, imm)


def mov_imm(dst, imm):
    return _insn(0xB7, dst, imm=imm)


def mov_reg(dst, src):
    return _insn(0xBF, dst, src)


def load_word(dst, src, off):
    return _insn(0x61, dst, src, off)


def load_half(dst, src, off):
    return _insn(0x69, dst, src, off)


def add_imm(dst, imm):
    return _insn(0x07, dst, imm=imm)


def and_imm(dst, imm):
    return _insn(0x57, dst, imm=imm)


def skip_unless_equal(dst, imm, count):
    """Of the lower 32 bits."""
    return _insn(0x56, dst, off=count, imm=imm)


def call(helper):
    return _insn(0x85, imm=helper)


def leave():
    return _insn(0x95)


def redirect(ifindex):
    """return bpf_redirect(ifindex, 0): leave through that interface's transmit side."""
    return mov_imm(R1, ifindex) + mov_imm(R2, 0) + call(CALL_REDIRECT) + leave()


def with_source(mac, code):
    """The code for frames with this source MAC; others are dropped. mac: its octets, or None for any."""
    if mac is None:
        return code
    first, second = struct.unpack("=iH", mac)
    second = load_half(R7, R10, -4) + skip_unless_equal(R7, second, len(code) // 8) + code
    return (mov_reg(R1, R6) + mov_imm(R2, 6) + mov_reg(R3, R10) + add_imm(R3, -8) + mov_imm(R4, 6) + call(CALL_LOAD_BYTES)
            + load_word(R7, R10, -8) + skip_unless_equal(R7, first, len(second) // 8) + second + mov_imm(R0, TC_ACT_SHOT) + leave())


def port_program(trunk, tags, mac):
    """Pushes the tags, innermost first, and hands the frame to the trunk."""
    code = b""
    for depth, vid in enumerate(reversed(tags)):
        tpid = ETH_P_8021Q if depth == 0 else ETH_P_8021AD
        code += mov_reg(R1, R6) + mov_imm(R2, socket.htons(tpid)) + mov_imm(R3, vid) + call(CALL_VLAN_PUSH)
    return mov_reg(R6, R1) + with_source(mac, code + redirect(trunk))


def trunk_program(ports):
    """Compares the tag with each port's, strips it and hands the frame to that port. ports: [(ifindex, tags)]."""
    read_tag = load_word(R7, R6, SKB_VLAN_TCI) + and_imm(R7, 0xFFF)
    pop = mov_reg(R1, R6) + call(CALL_VLAN_POP)

    def branch(ports, depth):
        code = b""
        for vid in sorted({tags[depth] for _, tags in ports}):
            here = [(i, t) for i, t in ports if t[depth] == vid]
            last = [i for i, t in here if len(t) == depth + 1]
            deeper = [(i, t) for i, t in here if len(t) > depth + 1]
            if last and (deeper or len(last) > 1):
                sys.exit(f"tag {vid} is used more than once")
            body = pop + (redirect(last[0]) if last else read_tag + branch(deeper, depth + 1))
            code += skip_unless_equal(R7, vid, len(body) // 8) + body
        return code + mov_imm(R0, TC_ACT_SHOT) + leave()

    return mov_reg(R6, R1) + read_tag + branch(ports, 0)


# --- loading and attaching ---

SYS_BPF, BPF_PROG_LOAD, BPF_PROG_TYPE_SCHED_CLS = {"x86_64": 321, "aarch64": 280}[os.uname().machine], 5, 3


def load(program):
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    licence = ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    fields = struct.pack(
        "<IIQQIIQ", BPF_PROG_TYPE_SCHED_CLS, len(program) // 8, ctypes.addressof(code), ctypes.addressof(licence),
        1, len(log), ctypes.addressof(log))
    attr = ctypes.create_string_buffer(fields, 128)
    fd = libc.syscall(SYS_BPF, BPF_PROG_LOAD, ctypes.byref(attr), len(attr))
    if fd < 0:
        sys.exit(f"the kernel refused an eBPF program: {os.strerror(ctypes.get_errno())}\n{log.value.decode()}")
    return fd


def _attribute(kind, payload):
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-length % 4)


def attach_ingress(ifindex, fd):
    """tc filter add dev … ingress prio 1 protocol all bpf direct-action, with the program given by descriptor (linux/pkt_cls.h)."""
    new_filter, request_ack_create_excl = 44, 0x1 | 0x4 | 0x400 | 0x200
    ingress, priority, options_direct_action = 0xFFFFFFF2, 1, 1
    message = struct.pack("=BxxxiIII", 0, ifindex, 0, ingress, priority << 16 | socket.htons(3))
    message += _attribute(1, b"bpf\0")
    message += _attribute(2, _attribute(6, struct.pack("=I", fd)) + _attribute(7, b"vlan_switch\0")
                          + _attribute(8, struct.pack("=I", options_direct_action)))
    header = struct.pack("=IHHII", 16 + len(message), new_filter, request_ack_create_excl, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(header + message)
        error = struct.unpack_from("=i", netlink.recv(65536), 16)[0]
    if error:
        sys.exit(f"attaching to interface {ifindex}: {os.strerror(-error)}")


def attach(interface, program):
    subprocess.run(["tc", "qdisc", "replace", "dev", interface, "clsact"], check=True)
    fd = load(program)
    attach_ingress(socket.if_nametoindex(interface), fd)
    os.close(fd)


def main(arguments):
    if len(arguments) < 3 or arguments[0] != "--trunk":
        sys.exit(__doc__)
    trunk, ports, mac = arguments[1], [], None
    if arguments[2] == "--own-mac":
        arguments = arguments[1:]
        with open(f"/sys/class/net/{trunk}/address") as address:
            mac = bytes.fromhex(address.read().strip().replace(":", ""))
    for argument in arguments[2:]:
        name, _, tag = argument.partition("=")
        tags = [int(t) for t in tag.split(".")]
        if not 1 <= len(tags) <= 2 or not all(1 <= t <= 4094 for t in tags):
            sys.exit(f"{argument}: expected PORT=VLAN or PORT=OUTER.INNER")
        ports.append((name, tags))
    trunk_index = socket.if_nametoindex(trunk)
    attach(trunk, trunk_program([(socket.if_nametoindex(n), t) for n, t in ports]))
    for name, tags in ports:
        attach(name, port_program(trunk_index, tags, mac))


if __name__ == "__main__":
    main(sys.argv[1:])
