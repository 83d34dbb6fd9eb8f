#!/usr/bin/python3
"""A stranger to our server: connects with a client certificate, binds, pings, asks for what is and what is not there, answers pings, leaves.
usage: slixmpp_client.py PORT JID SERVER DIRECTORY (starttls|direct). DIRECTORY holds ca.crt, client.crt, client.key. Prints a line per event."""
import asyncio
import sys

import slixmpp
from slixmpp.xmlstream import ET

port, jid, server, directory, security = sys.argv[1:6]


def say(*words):
    print(*words, flush=True)


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, "", plugin_config={"feature_mechanisms": {"use_mech": "EXTERNAL"}})
        self.ca_certs = f"{directory}/ca.crt"
        self.certfile, self.keyfile = f"{directory}/client.crt", f"{directory}/client.key"
        self.credentials["authzid"] = slixmpp.JID(jid).bare
        for plugin in ("xep_0030", "xep_0199"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.work)
        self.add_event_handler("failed_auth", lambda _: self.over("FAILED_AUTH"))
        self.add_event_handler("stream_error", lambda error: say("STREAM_ERROR", error["condition"]))
        self.add_event_handler("disconnected", lambda _: self.over("DISCONNECTED"))
        self.done = self.loop.create_future()

    def over(self, word):
        say(word)
        if not self.done.done():
            self.done.set_result(None)

    async def work(self, _):
        say("BOUND", self.boundjid)
        self.send_presence()
        await self["xep_0199"].ping(server, timeout=30)
        say("PONG")
        info = await self["xep_0030"].get_info(jid=server, timeout=30)
        say("FEATURES", *sorted(info["disco_info"]["features"]))
        request = self.make_iq_set(ito=server, sub=ET.fromstring("<thing xmlns='urn:example:unknown'/>"))
        try:
            await request.send(timeout=30)
            say("UNEXPECTED result")
        except slixmpp.exceptions.IqError as error:
            say("ERROR", error.iq["error"]["type"], error.iq["error"]["condition"])
        self.send_message(mto=server, mbody="\u00fcber < & >")
        say("READY")
        await asyncio.get_event_loop().run_in_executor(None, sys.stdin.readline)
        await self.disconnect()


client = Client()
options = dict(use_ssl=True, disable_starttls=True) if security == "direct" else dict(force_starttls=True)
client.connect(("127.0.0.1", int(port)), **options)
client.loop.run_until_complete(client.done)
