#!/usr/bin/python3
"""Tells the VPN routes of an MRT dump (TABLE_DUMP_V2, RFC 6396 and RFC 8050) as mrtparse reads them: a JSON object a line.

mrtparse 1.6 is told two things that it does not know: that the entries of RIB_GENERIC_ADDPATH have path identifiers (RFC 8050 section 4; it
knows it of the unicast subtypes), and that MP_REACH_NLRI is a length and a next hop here (RFC 6396 section 4.3.4), in VPN families
with a distinguisher of zero before each address (it takes the first octets of that for the address, and loses the attributes behind it).
"""

import json
import sys

import mrtparse

GENERIC = (6, 12)
GENERIC_ADD_PATH = 12
WITH_IDENTIFIERS = False

read_entry = mrtparse.RibEntries.unpack


def entry_unpack(self):
    mrtparse.is_add_path(WITH_IDENTIFIERS)
    try:
        return read_entry(self)
    finally:
        mrtparse.is_add_path(False)


def mp_reach_unpack(self):
    length = self.val_num(1)
    if length + 1 != self.len or length not in (12, 24, 48):
        raise mrtparse.MrtFormatError(f"a VPN next hop of {length} octets in an attribute of {self.len}")
    family = 1 if length == 12 else 2
    hops = []
    for _ in range(1 if length < 48 else 2):
        hops.append((self.val_num(8), self.val_addr(family)))
    self.mp_reach = {"next_hop": [f"{distinguisher}:{address}" for distinguisher, address in hops]}


mrtparse.RibEntries.unpack = entry_unpack
mrtparse.BgpAttr.unpack_mp_reach_nlri = mp_reach_unpack


def attributes(entry):
    told = {}
    for attribute in entry.attr:
        for name in ("origin", "as_path", "med", "local_pref", "comm", "ext_comm"):
            if getattr(attribute, name, None) is not None:
                told[name] = getattr(attribute, name)
        if attribute.mp_reach is not None:
            told["next_hop"] = attribute.mp_reach["next_hop"][0]
    return told


class Reader(mrtparse.Reader):
    def unpack_td_v2(self, data):
        global WITH_IDENTIFIERS
        WITH_IDENTIFIERS = self.mrt.subtype == GENERIC_ADD_PATH
        if self.mrt.subtype not in GENERIC or data[6] == 128:
            mrtparse.Reader.unpack_td_v2(self, data)


peers = []
for record in Reader(sys.argv[1]):
    mrt = record.mrt
    if mrt.err:
        sys.exit(f"{mrt.err_msg} in a record of subtype {mrt.subtype}")
    if mrt.peer is not None:
        peers = [peer.ip for peer in mrt.peer.entry]
    if isinstance(mrt.rib, mrtparse.RibGeneric):
        rib = mrt.rib
        if rib.p != mrt.len:
            sys.exit(f"{mrt.len - rib.p} octets are left of a record of subtype {mrt.subtype}")
        (nlri,) = rib.nlri
        for entry in rib.entry:
            print(json.dumps({
                "subtype": mrt.subtype,
                "afi": rib.afi,
                "nlri": f"{nlri.rd} {nlri.prefix}/{nlri.plen - 88}",
                "label": nlri.label[0] >> 4,
                "peer": peers[entry.peer_index],
                "path": entry.path_id,
                **attributes(entry),
            }))
