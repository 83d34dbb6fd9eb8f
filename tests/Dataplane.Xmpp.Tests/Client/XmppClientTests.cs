using System.Collections.Concurrent;
using Dataplane.Xmpp.Client;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Xmpp.Tests.Client;

/// <summary>Our client with our server.</summary>
public sealed class XmppClientTests
{
    private static readonly Jid Agent = Jid.Parse("02aa10c0ffee@" + ServerRig.Domain);
    private static readonly TlsCredentials Credentials = TestAuthority.Shared.Client(Agent.ToString(), "203.0.113.17");

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [Trait("Requirement", "XMP-01")]
    [Trait("Requirement", "SEC-05")]
    public async Task KeepsASession(bool isDirectTls, bool isPlaintext)
    {
        await using var rig = new ServerRig(settings => isPlaintext
            ? settings with { AllowPlaintext = true, Tls = null, Endpoints = settings.Endpoints.Take(1).ToArray() }
            : settings);
        rig.Handler.OnReceived = static (channel, stanza) => channel.TrySend(Iq.Result(stanza));
        var handler = new RecordingHandler();
        XmppClientSettings settings = Settings(isDirectTls ? rig.DirectPort : rig.Port, isDirectTls) with
        {
            Resource = "agent",
            AllowPlaintext = isPlaintext,
            Tls = isPlaintext ? null : Credentials,
        };
        await using (var client = new XmppClient(rig.Loop, settings, handler))
        {
            client.Start();
            await Eventually.IsTrue(() => handler.Channels.Count == 1, () => client.LastFailure ?? "no session");
            IXmppChannel channel = handler.Channels[0];
            Assert.Equal((Jid.Parse(ServerRig.Name), Agent.WithResource("agent")), (channel.Peer, channel.Local));
            Assert.Equal(isPlaintext, channel.Identity.IsPlaintext);
            Assert.Equal(isPlaintext ? [] : [ServerRig.Name, ServerRig.Domain], channel.Identity.DnsNames);
            Assert.True(channel.TrySend(Iq.Set("s-1", channel.Peer, new("{urn:x}x"))));
            await Eventually.IsTrue(() => handler.Stanzas.Count == 1);
            Assert.True(handler.Stanzas.TryPeek(out Stanza? answer));
            Assert.Equal(("result", "s-1"), (answer!.Type, answer.Id));
        }

        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1 && handler.Ends.Count == 1);
        Assert.True(rig.Handler.Ends[0].IsOrderly);
        Assert.Equal(SessionEndReason.LocalClose, handler.Ends[0].Reason);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task RefusesServersThatDoNotProveTheirName()
    {
        var stranger = new TestAuthority("stranger");
        foreach (TlsCredentials server in new[] { stranger.Server(ServerRig.Name), TestAuthority.Shared.Server("other.example") })
        {
            await using var rig = new ServerRig(settings => settings with { Tls = server });
            var handler = new RecordingHandler();
            await using var client = new XmppClient(rig.Loop, Settings(rig.Port), handler);
            client.Start();
            await Eventually.IsTrue(() => client.LastFailure is not null);
            Assert.Contains("certificate", client.LastFailure, StringComparison.OrdinalIgnoreCase);
            Assert.Empty(handler.Channels);
            Assert.Empty(rig.Handler.Channels);
        }
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task SaysNothingToAServerWithoutTls()
    {
        await using var rig = new ServerRig(static settings => settings with { AllowPlaintext = true, Tls = null, Endpoints = settings.Endpoints.Take(1).ToArray() });
        await using var client = new XmppClient(rig.Loop, Settings(rig.Port), new RecordingHandler());
        client.Start();
        await Eventually.IsTrue(() => client.LastFailure is not null);
        Assert.Contains("offers no TLS", client.LastFailure, StringComparison.Ordinal);
        Assert.Empty(rig.Handler.Channels);
    }

    [Fact]
    public async Task SaysWhyTheServerDoesNotTakeIt()
    {
        await using var rig = new ServerRig();
        TlsCredentials other = TestAuthority.Shared.Client("02aa10c0beef@" + ServerRig.Domain);
        await using var client = new XmppClient(rig.Loop, Settings(rig.Port) with { Tls = other }, new RecordingHandler());
        client.Start();
        await Eventually.IsTrue(() => client.LastFailure is not null);
        Assert.Contains("invalid-authzid", client.LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "AGT-08")]
    public async Task TriesTheNextEndpointAndComesBackAfterALoss()
    {
        await using var rig = new ServerRig();
        var notices = new ConcurrentQueue<XmppNotice>();
        var handler = new RecordingHandler();
        XmppClientSettings settings = Settings(rig.Port) with
        {
            Endpoints = [new("127.0.0.1", 1), new("127.0.0.1", (ushort)rig.Port)],
            FirstBackOff = TimeSpan.FromMilliseconds(20),
            LongestBackOff = TimeSpan.FromMilliseconds(40),
        };
        await using var client = new XmppClient(rig.Loop, settings, handler) { Noticed = notices.Enqueue };
        client.Start();
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1 && handler.Channels.Count == 1);
        rig.Handler.Channels[0].Close(Xmpp.Streams.StreamErrorCondition.Reset, "again");
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 2 && handler.Channels.Count == 2);
        Assert.Equal(SessionEndReason.PeerError, handler.Ends[0].Reason);
        Assert.Contains(notices, static notice => notice.Text.Contains("127.0.0.1:1:", StringComparison.Ordinal));
        Assert.Contains(notices, static notice => notice.Text.Contains("Reset", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "XMP-02")]
    public async Task PingsASilentServer()
    {
        await using var rig = new ServerRig();
        var handler = new RecordingHandler();
        await using var client = new XmppClient(
            rig.Loop, Settings(rig.Port) with { Session = new() { PingInterval = TimeSpan.FromMilliseconds(50), PingMisses = 200 } }, handler);
        client.Start();
        await Eventually.IsTrue(() => handler.Channels.Count == 1);
        long before = client.Counters.StanzasIn;
        await Eventually.IsTrue(() => client.Counters.StanzasIn >= before + 3);
        Assert.Empty(handler.Stanzas);
        Assert.Empty(rig.Handler.Stanzas);
        Assert.Empty(handler.Ends);
    }

    [Fact]
    public void BackOffDoublesWithJitterUpToItsLimit()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random(1));
        double[] waits = [.. Enumerable.Range(0, 50).Select(_ => backOff.Next().TotalSeconds)];
        for (int i = 0; i < waits.Length; i++)
        {
            double bound = Math.Min(30, Math.Pow(2, i));
            Assert.InRange(waits[i], bound / 2, bound);
        }

        Assert.True(waits[10..].Distinct().Count() > 30);
        backOff.Reset();
        Assert.InRange(backOff.Next().TotalSeconds, 0.5, 1);
    }

    private static XmppClientSettings Settings(int port, bool isDirectTls = false) => new()
    {
        Jid = Agent,
        ServerName = ServerRig.Name,
        Endpoints = [new("127.0.0.1", (ushort)port, isDirectTls)],
        Tls = Credentials,
    };
}
