using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Xmpp.Tests.Server;

/// <summary>Sessions of a server, over sockets.</summary>
public sealed class ServerSessionTests
{
    private const string SystemId = "02aa10c0ffee";
    private const string ClientJid = SystemId + "@" + ServerRig.Domain;

    private static readonly TlsCredentials Credentials = TestAuthority.Shared.Client(ClientJid, "127.0.0.1", "203.0.113.17");

    [Fact]
    [Trait("Requirement", "XMP-01")]
    [Trait("Requirement", "SEC-05")]
    public async Task ConnectsBindsAndClosesInOrder()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.AuthenticatedAsync(rig.Port, Credentials);
        await client.WriteAsync(RawClient.Bind);
        Assert.Contains($"<jid>{ClientJid}/agent</jid>", await client.ExpectAsync("</iq>"), StringComparison.Ordinal);

        await client.WriteAsync("<iq type='set' id='u1'><query xmlns='urn:unknown'/></iq>");
        string answer = await client.ExpectAsync("</iq>");
        Assert.Contains("<service-unavailable", answer, StringComparison.Ordinal);
        Assert.Contains("id=\"u1\"", answer, StringComparison.Ordinal);

        IXmppChannel channel = Assert.Single(rig.Handler.Channels);
        Assert.Equal((Jid.Parse(ClientJid + "/agent"), Jid.Parse(ServerRig.Domain)), (channel.Peer, channel.Local));
        Assert.False(channel.Identity.IsPlaintext);
        Assert.Equal(Jid.Parse(ClientJid), Assert.Single(channel.Identity.Jids));
        Assert.True(channel.Identity.MayUse(Net.IpAddress.Parse("203.0.113.17")));
        Assert.False(channel.Identity.MayUse(Net.IpAddress.Parse("203.0.113.18")));

        await client.WriteAsync("<message><body>last</body></message></stream:stream>");
        Assert.EndsWith("</stream:stream>", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1);
        Assert.True(rig.Handler.Ends[0].IsOrderly);
        Assert.Equal(
            [$"opened {ClientJid}", "received Iq u1", "received Message ", $"closed {ClientJid} PeerClosed"],
            rig.Handler.Events);
        Assert.False(channel.TrySend("<message/>"u8.ToArray()));
    }

    [Fact]
    [Trait("Requirement", "XMP-01")]
    public async Task ServesDirectTlsNamedByAlpn()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.ConnectAsync(rig.DirectPort);
        await client.BeginTlsAsync(Credentials.Certificate, [TlsCredentials.ApplicationProtocol]);
        Assert.Equal(TlsCredentials.ApplicationProtocol, client.Protocol);
        await client.WriteAsync(RawClient.Header + RawClient.Auth);
        Assert.DoesNotContain("starttls", await client.ExpectAsync("<success"), StringComparison.Ordinal);
        await client.WriteAsync(RawClient.Header + RawClient.Bind);
        _ = await client.ExpectAsync("</iq>");
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
    }

    [Fact]
    [Trait("Requirement", "XMP-01")]
    public async Task ServiceDiscoveryListsPublishSubscribeAndCollections()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await client.WriteAsync($"<iq type='get' id='d' to='{ServerRig.Name}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        string answer = await client.ExpectAsync("</iq>");
        foreach (string part in new[]
        {
            "category=\"pubsub\" type=\"service\"", "category=\"pubsub\" type=\"collection\"", "var=\"http://jabber.org/protocol/pubsub\"",
            "var=\"http://jabber.org/protocol/pubsub#collections\"", "var=\"urn:xmpp:ping\"", "var=\"http://jabber.org/protocol/disco#info\"",
        })
        {
            Assert.Contains(part, answer, StringComparison.Ordinal);
        }

        await client.WriteAsync("<iq type='get' id='n'><query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>");
        Assert.Contains("item-not-found", await client.ExpectAsync("</iq>"), StringComparison.Ordinal);
        await client.WriteAsync("<iq type='get' id='i'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Contains("type=\"result\"", await client.ExpectAsync("</iq>"), StringComparison.Ordinal);
        await client.WriteAsync("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
        Assert.Contains("type=\"result\"", await client.ExpectAsync("/>"), StringComparison.Ordinal);
        Assert.Empty(rig.Handler.Stanzas);
    }

    [Fact]
    [Trait("Requirement", "XMP-02")]
    public async Task AnswersPings()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await client.WriteAsync($"<iq type='get' id='p' from='{ClientJid}/agent' to='{ServerRig.Name}'><ping xmlns='urn:xmpp:ping'/></iq>");
        string answer = await client.ExpectAsync("/>");
        Assert.Equal($"<iq type=\"result\" from=\"{ServerRig.Name}\" to=\"{ClientJid}/agent\" id=\"p\" />", answer);
        Assert.Empty(rig.Handler.Stanzas);
    }

    [Fact]
    [Trait("Requirement", "XMP-02")]
    public async Task PingsASilentClientAndGivesItUpAfterTheMisses()
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new() { PingInterval = TimeSpan.FromMilliseconds(100), PingMisses = 2 },
        });
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        string text = await client.ReadToEndAsync();
        Assert.Contains($"<iq type='get' from='{ServerRig.Domain}' to='{ClientJid}/agent' id='ping-1'><ping xmlns='urn:xmpp:ping'/></iq>", text, StringComparison.Ordinal);
        Assert.Contains("id='ping-2'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("id='ping-3'", text, StringComparison.Ordinal);
        Assert.Contains("<connection-timeout", text, StringComparison.Ordinal);
        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1);
        Assert.Equal((SessionEndReason.TimedOut, StreamErrorCondition.ConnectionTimeout), (rig.Handler.Ends[0].Reason, rig.Handler.Ends[0].Error));
    }

    [Fact]
    [Trait("Requirement", "XMP-02")]
    public async Task AClientThatAnswersPingsStays()
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new() { PingInterval = TimeSpan.FromMilliseconds(50), PingMisses = 200 },
        });
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        for (int i = 0; i < 5; i++)
        {
            string ping = await client.ExpectAsync("<ping xmlns='urn:xmpp:ping'/></iq>");
            await client.WriteAsync($"<iq type='result' {ping[ping.LastIndexOf("id='ping-", StringComparison.Ordinal)..ping.IndexOf("><ping", StringComparison.Ordinal)]}/>");
        }

        Assert.Empty(rig.Handler.Ends);
        Assert.Empty(rig.Handler.Stanzas);
    }

    [Fact]
    [Trait("Requirement", "XMP-03")]
    public async Task ANewerSessionOfTheSameAddressDisplacesTheOlderWithAnAlarm()
    {
        await using var rig = new ServerRig();
        using RawClient older = await RawClient.BoundAsync(rig.Port, Credentials);
        using RawClient newer = await RawClient.AuthenticatedAsync(rig.Port, Credentials);
        await newer.WriteAsync(RawClient.Bind.Replace("agent", "other", StringComparison.Ordinal));
        _ = await newer.ExpectAsync("</iq>");
        Assert.Contains("<conflict", await older.ReadToEndAsync(), StringComparison.Ordinal);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 2);
        Assert.Equal(
            [$"opened {ClientJid}", $"closed {ClientJid} Displaced", $"opened {ClientJid}"],
            rig.Handler.Events);
        Assert.Contains(rig.Notices, static notice => notice is { Kind: XmppNoticeKind.Displaced, IsWarning: true });
        Assert.Equal(1, rig.Server.Counters.Displaced);
        await newer.WriteAsync("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.Contains("id=\"p\"", await newer.ExpectAsync("/>"), StringComparison.Ordinal);
        Assert.Equal(1, await rig.Loop.InvokeAsync(() => rig.Server.Sessions.Count));
    }

    [Fact]
    public async Task ALostConnectionIsNotOrderly()
    {
        await using var rig = new ServerRig();
        RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        client.Dispose();
        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1);
        Assert.Equal((SessionEndReason.Lost, false), (rig.Handler.Ends[0].Reason, rig.Handler.Ends[0].IsOrderly));
    }

    [Fact]
    public async Task AnErrorOfThePeerEndsTheSession()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await client.WriteAsync("<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
        _ = await client.ReadToEndAsync();
        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1);
        Assert.Equal((SessionEndReason.PeerError, StreamErrorCondition.Reset), (rig.Handler.Ends[0].Reason, rig.Handler.Ends[0].Error));
    }

    [Fact]
    public async Task ASlowClientIsRefusedMoreAndToldWhenItsQueueHasDrained()
    {
        await using var rig = new ServerRig(static settings => settings with { Session = new() { SendQueueOctets = 64 << 10 } });
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        IXmppChannel channel = rig.Handler.Channels[0];
        byte[] body = System.Text.Encoding.UTF8.GetBytes($"<message><body>{new string('x', 8000)}</body></message>");
        int taken = 0;
        while (channel.TrySend(body))
        {
            Assert.True(++taken < 32_000, "the queue has no bound");
        }

        Assert.True(channel.QueuedOctets < (64 << 10) + body.Length);
        Assert.DoesNotContain("drained", rig.Handler.Events);
        for (int read = 0; read < taken; read++)
        {
            _ = await client.ExpectAsync("</message>");
        }

        await Eventually.IsTrue(() => rig.Handler.Events.Contains("drained"));
        Assert.True(channel.TrySend(body));
        Assert.Equal(1, rig.Server.Counters.SendsRefused);
    }

    [Fact]
    public async Task AClientThatTakesNothingIsCutOff()
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new()
            {
                SendQueueOctets = 64 << 10,
                WriteTimeout = TimeSpan.FromMilliseconds(300),
                PingInterval = TimeSpan.FromMilliseconds(200),
                PingMisses = 1000,
                Linger = TimeSpan.FromMilliseconds(200),
            },
        });
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        byte[] body = System.Text.Encoding.UTF8.GetBytes($"<message><body>{new string('x', 8000)}</body></message>");
        await Eventually.IsTrue(() =>
        {
            while (rig.Handler.Channels[0].TrySend(body))
            {
            }

            return rig.Handler.Ends.Count == 1;
        });
        Assert.Equal(SessionEndReason.TimedOut, rig.Handler.Ends[0].Reason);
    }

    [Fact]
    public async Task ReadingStopsWhileTheLoopIsBehind()
    {
        await using var rig = new ServerRig(static settings => settings with { Session = new() { WaitingStanzas = 8 } });
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        using var hold = new ManualResetEventSlim();
        rig.Loop.Post(() => hold.Wait(Eventually.Bound));
        string text = string.Concat(Enumerable.Range(0, 1000).Select(static i => $"<message id='{i}'><body>{new string('x', 8000)}</body></message>"));
        Task writing = client.WriteAsync(text);
        await Eventually.IsTrue(() => rig.Server.Counters.StanzasIn >= 8);
        await Task.Delay(100);
        Assert.InRange(rig.Server.Counters.StanzasIn, 8, 10);
        hold.Set();
        await Eventually.IsTrue(() => rig.Handler.Stanzas.Count == 1000);
        await writing;
        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), rig.Handler.Stanzas.Select(static stanza => stanza.Id));
    }

    [Fact]
    public async Task ServerThatEndsSaysSo()
    {
        var rig = new ServerRig();
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        Task<string> reading = client.ReadToEndAsync();
        await rig.DisposeAsync();
        Assert.Contains("<system-shutdown", await reading, StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.LocalClose, rig.Handler.Ends.Single().Reason);
    }

    [Fact]
    public async Task StanzasMayBeSentAtOnceWithTheRequestToBind()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.AuthenticatedAsync(rig.Port, Credentials);
        await client.WriteAsync(RawClient.Bind + $"<message to='{ServerRig.Name}' id='m1'>{new string(' ', 20_000)}</message>");
        await Eventually.IsTrue(() => rig.Handler.Stanzas.Count == 1);
        Assert.True(rig.Handler.Stanzas.TryPeek(out Stanza? stanza));
        Assert.Equal((StanzaKind.Message, "m1", Jid.Parse(ServerRig.Name)), (stanza!.Kind, stanza.Id, stanza.To!.Value));
    }
}
