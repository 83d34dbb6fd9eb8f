#!/usr/bin/python3
"""An end-system made of slixmpp, driven by lines of JSON: STARTTLS or direct TLS, client certificate, SASL EXTERNAL, ping, XEP-0060.

usage: end_system.py HOST PORT JID CA CERTIFICATE KEY SERVER [--direct-tls] [--stanzas]

Reads requests from standard input, {"op": ...}, and writes what happens to standard output, {"event": ...}. What slixmpp has a method for is done by
that method; associate and dissociate, for which it has none, are written by hand. With --stanzas every stanza that comes is told as it is, {"event": "stanza"}.
"""
import asyncio
import json
import sys

import slixmpp
from slixmpp.xmlstream import ET

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = "http://jabber.org/protocol/pubsub#owner"
EVENT = "{http://jabber.org/protocol/pubsub#event}"
E05 = "http://ietf.org/protocol/bgpvpn"
EXTENSION = "{urn:dataplane:bgpvpn:0}"
E06 = "urn:ietf:params:xml:ns:bgp:l3vpn:unicast"


def say(**what):
    print(json.dumps(what), flush=True)


def entry05(r):
    e = ET.Element("{%s}entry" % E05)
    af = "2" if ":" in r["prefix"] else "1"
    ET.SubElement(e, "{%s}nlri" % E05, af=af).text = r["prefix"]
    ET.SubElement(e, "{%s}next-hop" % E05, af="2" if ":" in r["nextHop"] else "1").text = r["nextHop"]
    ET.SubElement(e, "{%s}version" % E05, id=str(r.get("version", 0)))
    ET.SubElement(e, "{%s}label" % E05).text = str(r["label"])
    return e


def entry06(r):
    def add(parent, name, text=None):
        child = ET.SubElement(parent, "{%s}%s" % (E06, name))
        child.text = text
        return child

    e = ET.Element("{%s}entry" % E06)
    nlri = add(e, "nlri")
    add(nlri, "af", "2" if ":" in r["prefix"] else "1")
    add(nlri, "safi", "1")
    add(nlri, "address", r["prefix"])
    hop = add(add(e, "next-hops"), "next-hop")
    add(hop, "af", "2" if ":" in r["nextHop"] else "1")
    add(hop, "address", r["nextHop"])
    add(hop, "label", str(r["label"]))
    add(add(hop, "tunnel-encapsulation-list"), "tunnel-encapsulation", "gre")
    add(e, "sequence-number", str(r.get("version", 0)))
    add(e, "local-preference", "100")
    return e


def read(entry):
    ns = entry.tag[1:].split("}")[0]
    q = lambda name: "{%s}%s" % (ns, name)
    nlri = entry.find(q("nlri"))
    version = entry.find(q("version"))
    sequence = entry.find(q("sequence-number"))
    hops = entry.findall(q("next-hops") + "/" + q("next-hop"))
    if hops:
        pairs = [(h.findtext(q("address")), h.findtext(q("label"))) for h in hops]
    else:
        pairs = [(entry.findtext(q("next-hop")), entry.findtext(q("label")))]
    return {
        "namespace": ns,
        "prefix": nlri.findtext(q("address")) or nlri.text,
        "nextHops": ["%s:%s" % pair for pair in sorted(pairs)],
        "version": int(version.get("id") if version is not None else sequence.text),
    }


class EndSystem(slixmpp.ClientXMPP):
    def __init__(self, jid, ca, certificate, key, server, stanzas):
        super().__init__(jid, "", plugin_config={"feature_mechanisms": {"use_mech": "EXTERNAL"}})
        self.ca_certs, self.certfile, self.keyfile = ca, certificate, key
        self.credentials["authzid"] = slixmpp.JID(jid).bare
        self.server = server
        if stanzas:
            self.add_filter("in", self.came)
        for plugin in ("xep_0030", "xep_0060", "xep_0199"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_auth", lambda e: say(event="failed", why="authentication"))
        self.add_event_handler("stream_error", lambda e: say(event="stream-error", condition=e["condition"], text=e["text"]))
        self.add_event_handler("disconnected", lambda e: say(event="disconnected"))
        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "events", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message/%sevent" % EVENT), self.told))

        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "settled", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message/%ssettled" % EXTENSION),
            lambda message: say(event="settled", node=message.xml.find(EXTENSION + "settled").get("node"))))

    def came(self, stanza):
        say(event="stanza", xml=str(stanza))
        return stanza

    async def started(self, _):
        self.serving = asyncio.current_task()  # asyncio holds tasks and their readers weakly: this one would be collected while it waits for a request
        say(event="started", jid=str(self.boundjid))
        await self.serve()

    def told(self, message):
        for event in message.xml.findall(EVENT + "event"):
            for part in event:
                kind = part.tag[len(EVENT):]
                node = part.get("node")
                if kind == "items":
                    for item in part:
                        if item.tag == EVENT + "item":
                            say(event="route", node=node, token=item.get("id"), to=str(message["to"]), **read(item[0]))
                        else:
                            say(event="retract", node=node, token=item.get("id"))
                elif kind == "collection":
                    say(event="disassociate", node=node, token=part[0].get("node"))
                else:
                    say(event=kind, node=node)

    async def serve(self):
        reader = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            request = json.loads(line)
            try:
                await self.do(request)
                say(event="done", id=request["id"])
            except slixmpp.exceptions.IqError as error:
                say(event="refused", id=request["id"], condition=error.iq["error"]["condition"], text=error.iq["error"]["text"])
            except slixmpp.exceptions.IqTimeout:
                say(event="refused", id=request["id"], condition="timeout", text="")
        await self.disconnect()
        self.loop.stop()

    async def do(self, r):
        pubsub = self["xep_0060"]
        op = r["op"]
        if op == "subscribe" and "vlan" in r:
            await self.subscribe_with_vlan(r["vpn"], r["vlan"])
        elif op == "subscribe":
            answer = await pubsub.subscribe(self.server, r["vpn"])
            assert answer["pubsub"]["subscription"]["subscription"] == "subscribed"
        elif op == "unsubscribe":
            await pubsub.unsubscribe(self.server, r["vpn"])
        elif op == "publish":
            await pubsub.publish(self.server, r["leaf"], payload=entry05(r))
        elif op == "publish06":
            await pubsub.publish(self.server, r["vpn"], id=r["item"], payload=entry06(r))
        elif op == "retract":
            await pubsub.retract(self.server, r["vpn"], r["item"])
        elif op == "associate":
            await self.collect(PUBSUB, "associate", r)
        elif op == "dissociate":
            await self.collect(OWNER, "dissociate", r)
        elif op == "delete":
            await pubsub.delete_node(self.server, r["leaf"])
        elif op == "ping":
            await self["xep_0199"].ping(self.server, timeout=20)
        elif op == "discover":
            info = await self["xep_0030"].get_info(jid=self.server)
            say(event="discovered", features=sorted(info["disco_info"]["features"]), identities=sorted("%s/%s" % (i[0], i[1]) for i in info["disco_info"]["identities"]))
        elif op == "raw":
            iq = self.make_iq_set(ito=self.server)
            iq.append(ET.fromstring(r["xml"]))
            await iq.send(timeout=20)
        else:
            raise ValueError(op)

    async def subscribe_with_vlan(self, vpn, vlan):
        """To an external forwarder: which VLAN the frames of this interface have (options beside subscribe, XEP-0060 6.3.7)."""
        iq = self.make_iq_set(ito=self.server)
        pubsub = ET.Element("{%s}pubsub" % PUBSUB)
        ET.SubElement(pubsub, "{%s}subscribe" % PUBSUB, node=vpn, jid=self.boundjid.bare)
        options = ET.SubElement(pubsub, "{%s}options" % PUBSUB)
        form = ET.SubElement(options, "{jabber:x:data}x", type="submit")
        field = ET.SubElement(form, "{jabber:x:data}field", var="vpn#vlan_id")
        ET.SubElement(field, "{jabber:x:data}value").text = str(vlan)
        iq.append(pubsub)
        await iq.send(timeout=20)

    async def collect(self, namespace, operation, r):
        iq = self.make_iq_set(ito=self.server)
        pubsub = ET.Element("{%s}pubsub" % namespace)
        collection = ET.SubElement(pubsub, "{%s}collection" % namespace, node=r["vpn"])
        ET.SubElement(collection, "{%s}%s" % (namespace, operation), node=r["leaf"])
        iq.append(pubsub)
        await iq.send(timeout=20)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    host, port, jid, ca, certificate, key, server = arguments
    client = EndSystem(jid, ca, certificate, key, server, "--stanzas" in sys.argv)
    direct = "--direct-tls" in sys.argv
    client.connect((host, int(port)), use_ssl=direct, force_starttls=not direct, disable_starttls=direct)
    client.loop.run_forever()


main()
