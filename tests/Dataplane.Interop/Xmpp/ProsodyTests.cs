using Dataplane.Routing.Loop;
using Dataplane.Xmpp;
using Dataplane.Xmpp.Client;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Interop.Xmpp;

/// <summary>Our client with a stock server, Prosody.</summary>
public sealed class ProsodyTests
{
    private static readonly Jid Client = Jid.Parse("02aa10c0ffee@" + ProsodyServer.Domain);
    private static readonly TlsCredentials Credentials = TestAuthority.Shared.Client(Client.ToString());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "XMP-01")]
    [Trait("Requirement", "XMP-02")]
    [Trait("Requirement", "SEC-05")]
    public async Task ConnectsBindsAndPings(bool isDirectTls)
    {
        using var prosody = new ProsodyServer();
        prosody.Start();
        using var loop = new RoutingLoop();
        loop.Start();
        var handler = new RecordingHandler();
        XmppClientSettings settings = Settings(isDirectTls ? prosody.DirectPort : prosody.Port, isDirectTls) with
        {
            Session = new() { PingInterval = TimeSpan.FromMilliseconds(300), PingMisses = 100 },
        };
        await using (var client = new XmppClient(loop, settings, handler))
        {
            client.Start();
            await Eventually.IsTrue(() => handler.Channels.Count == 1, () => $"{client.LastFailure}\n{prosody.Log}");
            IXmppChannel channel = handler.Channels[0];
            Assert.Equal((Jid.Parse(ProsodyServer.Domain), Client.WithResource("agent")), (channel.Peer, channel.Local));
            Assert.Contains(ProsodyServer.Domain, channel.Identity.DnsNames);

            Assert.True(channel.TrySend(Iq.Get("d1", channel.Peer, new(Namespaces.DiscoInfo + "query"))));
            Assert.True(channel.TrySend(Iq.Set("x1", channel.Peer, new("{urn:example:unknown}thing"))));
            await Eventually.IsTrue(() => handler.Stanzas.Count >= 2);
            Stanza info = handler.Stanzas.Single(static stanza => stanza.Id == "d1");
            Assert.Contains(info.Payload!.Elements(), static feature => (string?)feature.Attribute("var") == "urn:xmpp:ping");
            Stanza error = handler.Stanzas.Single(static stanza => stanza.Id == "x1");
            Assert.Equal(StanzaErrorCondition.ServiceUnavailable, error.Error!.Condition);

            // It says nothing by itself: what comes now are its answers to our pings.
            long before = client.Counters.StanzasIn;
            await Eventually.IsTrue(() => client.Counters.StanzasIn >= before + 5);
            Assert.Empty(handler.Ends);
        }

        Assert.Equal(SessionEndReason.LocalClose, handler.Ends.Single().Reason);
    }

    [Fact]
    [Trait("Requirement", "AGT-08")]
    public async Task ComesBackWhenTheServerWasKilled()
    {
        using var prosody = new ProsodyServer();
        prosody.Start();
        using var loop = new RoutingLoop();
        loop.Start();
        var handler = new RecordingHandler();
        await using var client = new XmppClient(loop, Settings(prosody.Port), handler);
        client.Start();
        await Eventually.IsTrue(() => handler.Channels.Count == 1, () => $"{client.LastFailure}\n{prosody.Log}");
        prosody.Kill();
        await Eventually.IsTrue(() => handler.Ends.Count == 1);
        Assert.Equal(SessionEndReason.Lost, handler.Ends[0].Reason);
        prosody.Start();
        await Eventually.IsTrue(() => handler.Channels.Count == 2, () => $"{client.LastFailure}\n{prosody.Log}");
    }

    [Fact]
    [Trait("Requirement", "XMP-03")]
    public async Task HearsThatItIsDisplaced()
    {
        using var prosody = new ProsodyServer();
        prosody.Start();
        using var loop = new RoutingLoop();
        loop.Start();
        RecordingHandler older = new(), newer = new();
        await using var first = new XmppClient(loop, Settings(prosody.Port) with { FirstBackOff = TimeSpan.FromHours(1), LongestBackOff = TimeSpan.FromHours(1) }, older);
        first.Start();
        await Eventually.IsTrue(() => older.Channels.Count == 1, () => $"{first.LastFailure}\n{prosody.Log}");
        await using var second = new XmppClient(loop, Settings(prosody.Port), newer);
        second.Start();
        await Eventually.IsTrue(() => older.Ends.Count == 1 && newer.Channels.Count == 1);
        Assert.Equal((SessionEndReason.PeerError, StreamErrorCondition.Conflict), (older.Ends[0].Reason, older.Ends[0].Error));
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task SaysWhyItIsRefused()
    {
        using var prosody = new ProsodyServer();
        prosody.Start();
        using var loop = new RoutingLoop();
        loop.Start();
        TlsCredentials other = TestAuthority.Shared.Client("02aa10c0beef@" + ProsodyServer.Domain);
        await using var client = new XmppClient(loop, Settings(prosody.Port) with { Tls = other }, new RecordingHandler());
        client.Start();
        await Eventually.IsTrue(() => client.LastFailure is not null);
        Assert.Contains("refused to authenticate", client.LastFailure, StringComparison.Ordinal);
    }

    private static XmppClientSettings Settings(int port, bool isDirectTls = false) => new()
    {
        Jid = Client,
        Resource = "agent",
        Endpoints = [new("127.0.0.1", (ushort)port, isDirectTls)],
        Tls = Credentials,
        FirstBackOff = TimeSpan.FromMilliseconds(50),
        LongestBackOff = TimeSpan.FromMilliseconds(500),
    };
}
