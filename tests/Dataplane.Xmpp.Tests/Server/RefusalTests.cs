using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Xmpp.Tests.Server;

/// <summary>Everything that a server refuses, by sockets: what is sent when, and what has to come back.</summary>
public sealed class RefusalTests
{
    private const string ClientJid = "02aa10c0ffee@" + ServerRig.Domain;
    private const string Sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
    private const string Ping = "<ping xmlns='urn:xmpp:ping'/>";

    private static readonly TlsCredentials Credentials = TestAuthority.Shared.Client(ClientJid, "127.0.0.1");

    /// <summary>How far the stream is when the text is sent.</summary>
    public enum Stage
    {
        Connected,
        Secure,
        Authenticated,
        Bound,
    }

    public static TheoryData<Stage, string, string> Refusals => new()
    {
        // Headers (RFC 6120 §4.7 to §4.9).
        { Stage.Connected, "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='elsewhere.example'>", "host-unknown" },
        { Stage.Connected, "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='a@dc1.example.net'>", "host-unknown" },
        { Stage.Connected, "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='dc1.example.net'>", "unsupported-version" },
        { Stage.Connected, "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='0.9' to='dc1.example.net'>", "unsupported-version" },
        { Stage.Connected, "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='dc1.example.net'>", "invalid-namespace" },
        { Stage.Connected, "<stream:stream xmlns='jabber:client' xmlns:stream='urn:other' version='1.0' to='dc1.example.net'>", "invalid-namespace" },
        { Stage.Connected, "<stream xmlns='http://etherx.jabber.org/streams' version='1.0' to='dc1.example.net'>", "bad-namespace-prefix" },
        { Stage.Connected, "<stream:flow xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='dc1.example.net'>", "bad-format" },
        { Stage.Connected, "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>", "bad-format" },
        { Stage.Connected, "<?xml version='1.0' encoding='ISO-8859-1'?>" + RawClient.Header, "unsupported-encoding" },
        { Stage.Connected, "GET / HTTP/1.1\r\n\r\n", "not-well-formed" },
        { Stage.Connected, "<stream:stream to='dc1.example.net'>", "not-well-formed" },
        { Stage.Connected, RawClient.Header + RawClient.Header + "</stream:stream>", "unsupported-stanza-type" },
        { Stage.Secure, RawClient.Header + new string(' ', 100) + "text", "bad-format" },

        // Order (XMP-16): nothing of the protocol before both sides are authenticated.
        { Stage.Connected, RawClient.Header + $"<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='blue-web' jid='{ClientJid}'/></pubsub></iq>", "not-authorized" },
        { Stage.Secure, RawClient.Header + $"<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='blue-web' jid='{ClientJid}'/></pubsub></iq>", "not-authorized" },
        { Stage.Secure, RawClient.Header + "<message/>", "not-authorized" },
        { Stage.Authenticated, $"<iq type='get' id='1'>{Ping}</iq>", "not-authorized" },
        { Stage.Authenticated, "<presence/>", "not-authorized" },
        { Stage.Authenticated, RawClient.Auth, "unsupported-stanza-type" },
        { Stage.Bound, RawClient.Auth, "unsupported-stanza-type" },
        { Stage.Bound, RawClient.StartTls, "unsupported-stanza-type" },
        { Stage.Bound, "<route xmlns='jabber:client'/>", "unsupported-stanza-type" },
        { Stage.Bound, "<iq xmlns='jabber:server' type='get' id='1'/>", "unsupported-stanza-type" },

        // Restricted XML (XMP-17, RFC 6120 §11.1), also within stanzas.
        { Stage.Connected, RawClient.Header + "<!-- comment -->", "restricted-xml" },
        { Stage.Connected, "<!DOCTYPE x><a/>", "restricted-xml" },
        { Stage.Connected, "<!-- comment -->", "restricted-xml" },
        { Stage.Bound, "<!-- comment -->", "restricted-xml" },
        { Stage.Bound, "<message><!-- comment --></message>", "restricted-xml" },
        { Stage.Bound, "<message><?php ?></message>", "restricted-xml" },
        { Stage.Bound, "<?xml version='1.0'?>", "restricted-xml" },
        { Stage.Bound, "<!DOCTYPE lolz [<!ENTITY lol 'lol'>]>", "restricted-xml" },
        { Stage.Bound, "<message><body>&lol;</body></message>", "restricted-xml" },
        { Stage.Bound, "<message id='&lol;'/>", "restricted-xml" },

        // What is not XML.
        { Stage.Bound, "<message></iq>", "not-well-formed" },
        { Stage.Bound, "<message><body></message>", "not-well-formed" },
        { Stage.Bound, "<message a='1' a='2'/>", "not-well-formed" },
        { Stage.Bound, "<message a=1/>", "not-well-formed" },
        { Stage.Bound, "<x:message/>", "not-well-formed" },
        { Stage.Bound, "<message>\u0001</message>", "not-well-formed" },
        { Stage.Bound, "<message>&#1;</message>", "not-well-formed" },
        { Stage.Bound, "<message>]]></message>", "not-well-formed" },
        { Stage.Bound, "</message>", "not-well-formed" },
        { Stage.Bound, "< message/>", "not-well-formed" },
        { Stage.Bound, "<message\u0000/>", "not-well-formed" },
        { Stage.Bound, "between", "bad-format" },
        { Stage.Bound, "<![CDATA[between]]>", "bad-format" },

        // Addresses (XMP-15).
        { Stage.Bound, $"<iq type='get' id='1' from='02aa10c0beef@dc1.example.net'>{Ping}</iq>", "invalid-from" },
        { Stage.Bound, $"<iq type='get' id='1' from='{ClientJid}/other'>{Ping}</iq>", "invalid-from" },
        { Stage.Bound, $"<message from='{ServerRig.Name}'/>", "invalid-from" },
        { Stage.Bound, "<message from='@'/>", "invalid-from" },
        { Stage.Authenticated, "</stream:stream><a", "" },

        // Bounds.
        { Stage.Bound, "<message><body>" + new string('x', 40_000), "policy-violation|stanza-too-big" },
        { Stage.Bound, "<message " + string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"a{i}='' ")), "policy-violation|stanza-too-big" },
        { Stage.Bound, string.Concat(Enumerable.Repeat("<message>", 9)), "policy-violation" },
        { Stage.Bound, string.Concat(Enumerable.Repeat("<message/>", 100)), "policy-violation|too-many-stanzas" },
        { Stage.Connected, RawClient.Header[..^1] + new string(' ', 20_000), "policy-violation|stanza-too-big" },
        { Stage.Secure, RawClient.Header + "<auth>" + new string('x', 20_000), "policy-violation|stanza-too-big" },
        { Stage.Authenticated, string.Concat(Enumerable.Repeat("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>&#9;</resource></bind></iq>", 40)), "policy-violation" },

        // Authentication (RFC 6120 §6.5).
        { Stage.Connected, RawClient.Header + RawClient.Auth + RawClient.Auth + RawClient.Auth, "encryption-required|policy-violation" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='PLAIN'>AGEAYg==</auth></stream:stream>", "invalid-mechanism" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='SCRAM-SHA-1'/></stream:stream>", "invalid-mechanism" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl}>=</auth></stream:stream>", "malformed-request" },
        { Stage.Secure, RawClient.Header + $"<response {Sasl}>=</response></stream:stream>", "malformed-request" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'>!</auth></stream:stream>", "incorrect-encoding" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'>/w==</auth></stream:stream>", "incorrect-encoding" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'>{Base64("02aa10c0beef@dc1.example.net")}</auth></stream:stream>", "invalid-authzid" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'>{Base64("@")}</auth></stream:stream>", "invalid-authzid" },
        { Stage.Secure, RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'/><abort {Sasl}/></stream:stream>", "challenge|aborted" },
        { Stage.Secure, RawClient.Header + string.Concat(Enumerable.Repeat($"<auth {Sasl} mechanism='EXTERNAL'>!</auth>", 3)), "policy-violation" },
        { Stage.Secure, RawClient.Header + RawClient.StartTls, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    [Trait("Requirement", "XMP-15")]
    [Trait("Requirement", "XMP-16")]
    [Trait("Requirement", "XMP-17")]
    public async Task SaysWhy(Stage stage, string text, string expected)
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new() { Limits = new() { StanzaOctets = 32 << 10, Depth = 8, StanzaBurst = 80, StanzasPerSecond = 1 } },
        });
        using RawClient client = await (stage switch
        {
            Stage.Connected => RawClient.ConnectAsync(rig.Port),
            Stage.Secure => RawClient.SecureAsync(rig.Port, Credentials),
            Stage.Authenticated => RawClient.AuthenticatedAsync(rig.Port, Credentials),
            _ => RawClient.BoundAsync(rig.Port, Credentials),
        });
        await client.WriteAsync(text);
        string answer = await client.ReadToEndAsync();
        Assert.EndsWith("</stream:stream>", answer, StringComparison.Ordinal);
        Assert.All(expected.Split('|'), part => Assert.Contains(part, answer, StringComparison.Ordinal));
        await Eventually.IsTrue(() => rig.Server.Unbound == 0 && rig.Handler.Ends.Count == rig.Handler.Channels.Count);
        Assert.Equal(stage == Stage.Bound ? 1 : 0, rig.Handler.Channels.Count);
        if (stage == Stage.Bound)
        {
            Assert.Equal(SessionEndReason.Violation, rig.Handler.Ends[0].Reason);
            Assert.Equal(1, rig.Server.Counters.Violations);
        }
    }

    [Theory]
    [InlineData("<iq type='put' id='1'><x xmlns='urn:x'/></iq>", "bad-request")]
    [InlineData("<iq type='get' id='1'/>", "bad-request")]
    [InlineData("<iq type='get' id='1' to='@'><x xmlns='urn:x'/></iq>", "jid-malformed")]
    [InlineData("<iq type='get' id='1' to='02aa10c0beef@dc1.example.net'><x xmlns='urn:x'/></iq>", "service-unavailable")]
    [InlineData("<iq type='get' id='1' to='elsewhere.example'><x xmlns='urn:x'/></iq>", "service-unavailable")]
    [InlineData("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "not-allowed")]
    [InlineData("<iq type='get' id='1'><x xmlns='urn:x'/></iq>", "service-unavailable")]
    [Trait("Requirement", "XMP-15")]
    public async Task AnswersAStanzaErrorAndGoesOn(string text, string expected)
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.BoundAsync(rig.Port, Credentials);
        await client.WriteAsync(text);
        string answer = await client.ExpectAsync("</iq>");
        Assert.Contains($"<{expected} xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"", answer, StringComparison.Ordinal);
        Assert.Contains("id=\"1\"", answer, StringComparison.Ordinal);
        await client.WriteAsync($"<iq type='get' id='after'>{Ping}</iq>");
        _ = await client.ExpectAsync("id=\"after\"");
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task RefusesCertificatesThatProveNothing()
    {
        await using var rig = new ServerRig();
        var stranger = new TestAuthority("stranger");
        TlsCredentials[] refused =
        [
            stranger.Client(ClientJid),
            TestAuthority.Shared.Credentials(TestAuthority.Shared.Issue("expired", static names => names.AddXmppAddress(ClientJid), isExpired: true)),
            TestAuthority.Shared.Credentials(TestAuthority.Shared.Issue("server", static names => names.AddXmppAddress(ClientJid), isForServersOnly: true)),
        ];
        foreach (TlsCredentials credentials in refused)
        {
            await IsRefusedByTls(rig, credentials.Certificate);
        }

        await IsRefusedByTls(rig, null);
        await Eventually.IsTrue(() => rig.Server.Counters.TlsFailures == 4);
        Assert.Empty(rig.Handler.Channels);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task RefusesCertificatesWithoutAnAddressOfADomainThatIsServed()
    {
        await using var rig = new ServerRig();
        TlsCredentials[] refused =
        [
            TestAuthority.Shared.Server("02aa10c0ffee.dc1.example.net"),
            TestAuthority.Shared.Client("02aa10c0ffee@elsewhere.example"),
            TestAuthority.Shared.Credentials(TestAuthority.Shared.Issue("other", static names => names.AddOther("1.3.6.1.5.5.7.8.7", ClientJid))),
        ];
        foreach (TlsCredentials credentials in refused)
        {
            using RawClient client = await RawClient.SecureAsync(rig.Port, credentials);
            await client.WriteAsync(RawClient.Header + RawClient.Auth);
            Assert.Contains("<not-authorized", await client.ExpectAsync("</failure>"), StringComparison.Ordinal);
        }

        Assert.Equal(3, rig.Server.Counters.AuthenticationFailures);
        Assert.Contains(rig.Notices, static notice => notice.Kind == XmppNoticeKind.NotAuthenticated);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task BindsTheConnectionToTheInfrastructureAddressWhereThatIsAskedFor()
    {
        await using var rig = new ServerRig(static settings => settings with { RequireCertifiedSource = true });
        using (RawClient client = await RawClient.BoundAsync(rig.Port, Credentials))
        {
            Assert.Contains(Net.IpAddress.Parse("127.0.0.1"), (await OnlySessionAsync(rig)).Identity.Addresses);
        }

        using RawClient other = await RawClient.SecureAsync(rig.Port, TestAuthority.Shared.Client(ClientJid, "203.0.113.17"));
        await other.WriteAsync(RawClient.Header + RawClient.Auth);
        Assert.Contains("<not-authorized", await other.ExpectAsync("</failure>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChoosesByTheStreamAmongSeveralAddressesOfACertificate()
    {
        await using var rig = new ServerRig();
        TlsCredentials both = TestAuthority.Shared.Credentials(TestAuthority.Shared.Issue("two", static names =>
        {
            names.AddXmppAddress("a@dc1.example.net");
            names.AddXmppAddress("b@dc1.example.net");
        }));
        using RawClient client = await RawClient.SecureAsync(rig.Port, both);
        await client.WriteAsync(RawClient.Header + RawClient.Auth);
        Assert.Contains("<invalid-authzid", await client.ExpectAsync("</failure>"), StringComparison.Ordinal);
        using RawClient named = await RawClient.SecureAsync(rig.Port, both);
        await named.WriteAsync(RawClient.Header.Replace("to=", "from='b@dc1.example.net' to=", StringComparison.Ordinal) + RawClient.Auth);
        _ = await named.ExpectAsync("<success");
        await named.WriteAsync(RawClient.Header + RawClient.Bind);
        Assert.Contains("<jid>b@dc1.example.net/agent</jid>", await named.ExpectAsync("</iq>"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task OctetsInjectedBetweenStartTlsAndTlsEndTheConnection()
    {
        await using var rig = new ServerRig();
        using RawClient client = await RawClient.ConnectAsync(rig.Port);
        await client.WriteAsync(RawClient.Header + RawClient.StartTls + RawClient.Header);
        _ = await client.ReadToEndAsync();
        Assert.Contains(rig.Notices, static notice => notice.Text.Contains("between STARTTLS and TLS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AStreamThatIsNotBoundInTimeEnds()
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new() { NegotiationTimeout = TimeSpan.FromMilliseconds(200) },
        });
        using RawClient silent = await RawClient.ConnectAsync(rig.Port);
        Assert.Contains("<connection-timeout", await silent.ReadToEndAsync(), StringComparison.Ordinal);
        using RawClient half = await RawClient.ConnectAsync(rig.DirectPort);
        Assert.DoesNotContain("<stream", await half.ReadToEndAsync(), StringComparison.Ordinal);
        await Eventually.IsTrue(() => rig.Server.Unbound == 0);
    }

    [Fact]
    public async Task ConnectionsThatAreNotBoundAreBoundedInNumber()
    {
        await using var rig = new ServerRig(static settings => settings with { MaximumUnboundPerAddress = 2 });
        using RawClient first = await RawClient.ConnectAsync(rig.Port), second = await RawClient.ConnectAsync(rig.Port);
        await Eventually.IsTrue(() => rig.Server.Unbound == 2);
        using RawClient third = await RawClient.ConnectAsync(rig.Port);
        Assert.Equal("", await third.ReadToEndAsync());
        first.Dispose();
        await Eventually.IsTrue(() => rig.Server.Unbound == 1);
        using RawClient again = await RawClient.ConnectAsync(rig.Port);
        await again.WriteAsync(RawClient.Header);
        _ = await again.ExpectAsync("</stream:features>");
        Assert.Equal(1, rig.Server.Counters.Refused);
    }

    [Fact]
    public async Task SessionsAreBoundedInNumber()
    {
        await using var rig = new ServerRig(static settings => settings with { MaximumSessions = 1 });
        using RawClient first = await RawClient.BoundAsync(rig.Port, Credentials);
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        using RawClient second = await RawClient.BoundAsync(rig.Port, TestAuthority.Shared.Client("other@dc1.example.net"));
        Assert.Contains("<resource-constraint", await second.ReadToEndAsync(), StringComparison.Ordinal);
        _ = Assert.Single(rig.Handler.Channels);
        Assert.Empty(rig.Handler.Ends);
    }

    [Fact]
    public async Task WithoutTlsOnlyWhereASettingAllowsIt()
    {
        await using var rig = new ServerRig(static settings => settings with { AllowPlaintext = true });
        Assert.Contains(rig.Notices, static notice => notice is { Kind: XmppNoticeKind.PlaintextAllowed, IsWarning: true });
        using RawClient client = await RawClient.ConnectAsync(rig.Port);
        await client.WriteAsync(RawClient.Header + $"<auth {Sasl} mechanism='EXTERNAL'>{Base64("lab@dc1.example.net")}</auth>");
        _ = await client.ExpectAsync("<success");
        await client.WriteAsync(RawClient.Header + RawClient.Bind);
        Assert.Contains("lab@dc1.example.net/agent", await client.ExpectAsync("</iq>"), StringComparison.Ordinal);
        Assert.True((await OnlySessionAsync(rig)).Identity.IsPlaintext);
        using RawClient nobody = await RawClient.ConnectAsync(rig.Port);
        await nobody.WriteAsync(RawClient.Header + RawClient.Auth);
        Assert.Contains("<invalid-authzid", await nobody.ExpectAsync("</failure>"), StringComparison.Ordinal);
        _ = Assert.Throws<ArgumentException>(() => new Xmpp.Server.XmppServer(rig.Loop, new() { Name = "a.example" }, rig.Handler));
    }

    // A client knows that it is bound before the routing thread has opened its session.
    private static async Task<IXmppChannel> OnlySessionAsync(ServerRig rig)
    {
        await Eventually.IsTrue(() => rig.Handler.Channels.Count == 1);
        return await rig.Loop.InvokeAsync(() => rig.Server.Sessions.Single());
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    // TLS 1.3 tells the client only when it reads.
    private static async Task IsRefusedByTls(ServerRig rig, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
    {
        using RawClient client = await RawClient.ConnectAsync(rig.Port);
        await client.WriteAsync(RawClient.Header + RawClient.StartTls);
        _ = await client.ExpectAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        try
        {
            await client.BeginTlsAsync(certificate);
            await client.WriteAsync(RawClient.Header);
            Assert.DoesNotContain("<stream", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            // As it should be.
        }
    }
}
