using System.Diagnostics;
using Dataplane.EndToEnd.Lab;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Interop.Xmpp;

/// <summary>A stock client, slixmpp, with our server.</summary>
public sealed class SlixmppTests
{
    private const string Client = "02aa10c0ffee@" + ServerRig.Domain;

    [Theory]
    [InlineData("starttls")]
    [InlineData("direct")]
    [Trait("Requirement", "XMP-01")]
    [Trait("Requirement", "XMP-02")]
    [Trait("Requirement", "SEC-05")]
    public async Task ConnectsBindsPingsAndIsPinged(string security)
    {
        await using var rig = new ServerRig(static settings => settings with
        {
            Session = new() { PingInterval = TimeSpan.FromMilliseconds(300), PingMisses = 100 },
        });
        using var folder = new PemFolder("client", TestAuthority.Shared.Client(Client));
        using var client = new SlixmppProcess(security == "direct" ? rig.DirectPort : rig.Port, Client + "/agent", folder.Path, security);
        client.Until("READY");
        Assert.Contains($"BOUND {Client}/agent", client.Lines);
        Assert.Contains("PONG", client.Lines);
        Assert.Contains("ERROR cancel service-unavailable", client.Lines);
        string features = Assert.Single(client.Lines, static line => line.StartsWith("FEATURES", StringComparison.Ordinal));
        Assert.All(
            new[] { "http://jabber.org/protocol/pubsub", "http://jabber.org/protocol/pubsub#collections", "urn:xmpp:ping" },
            feature => Assert.Contains(feature, features.Split(' ')));

        await Eventually.IsTrue(() => rig.Handler.Stanzas.Any(static stanza => stanza.Kind == StanzaKind.Message));
        Assert.Equal("\u00fcber < & >", rig.Handler.Stanzas.First(static stanza => stanza.Kind == StanzaKind.Message).Element.Value);

        // It says nothing by itself: what comes now are its answers to our pings.
        long before = rig.Server.Counters.StanzasIn;
        await Eventually.IsTrue(() => rig.Server.Counters.StanzasIn >= before + 5);
        Assert.Empty(rig.Handler.Ends);

        client.Leave();
        client.Until("DISCONNECTED");
        await Eventually.IsTrue(() => rig.Handler.Ends.Count == 1);
        Assert.Equal(SessionEndReason.PeerClosed, rig.Handler.Ends[0].Reason);
        Assert.Equal(0, rig.Server.Counters.Violations);
    }

    [Fact]
    [Trait("Requirement", "XMP-03")]
    public async Task UnderstandsWhyItIsDisplaced()
    {
        await using var rig = new ServerRig();
        using var folder = new PemFolder("client", TestAuthority.Shared.Client(Client));
        using var older = new SlixmppProcess(rig.Port, Client, folder.Path, "starttls");
        older.Until("READY");
        using RawClient newer = await RawClient.BoundAsync(rig.Port, TestAuthority.Shared.Client(Client));
        older.Until("STREAM_ERROR conflict");
        await Eventually.IsTrue(() => rig.Handler.Ends.Count >= 1);
        Assert.Equal((SessionEndReason.Displaced, StreamErrorCondition.Conflict), (rig.Handler.Ends[0].Reason, rig.Handler.Ends[0].Error));
    }

    [Fact]
    [Trait("Requirement", "SEC-05")]
    public async Task IsRefusedWithAnotherSystemsCertificate()
    {
        await using var rig = new ServerRig();
        using var folder = new PemFolder("client", TestAuthority.Shared.Client("02aa10c0beef@" + ServerRig.Domain));
        using var client = new SlixmppProcess(rig.Port, Client, folder.Path, "starttls");
        client.Until("FAILED_AUTH");
        Assert.Empty(rig.Handler.Channels);
        Assert.True(rig.Server.Counters.AuthenticationFailures > 0);
        Assert.Contains(rig.Notices, static notice => notice.Text.StartsWith("InvalidAuthzid", StringComparison.Ordinal));
    }

    /// <summary>The client as a process of Debian's Python; its events are its lines.</summary>
    private sealed class SlixmppProcess : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = [];
        private readonly Task<string> _errors;

        public SlixmppProcess(int port, string jid, string directory, string security)
        {
            string script = Path.Combine(AppContext.BaseDirectory, "Xmpp", "slixmpp_client.py");
            var start = new ProcessStartInfo("/usr/bin/python3", [script, $"{port}", jid, ServerRig.Name, directory, security])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            _process = Process.Start(start)!;
            _process.OutputDataReceived += (_, line) =>
            {
                lock (_lines)
                {
                    _lines.Add(line.Data ?? "");
                }
            };
            _process.BeginOutputReadLine();
            _errors = _process.StandardError.ReadToEndAsync();
        }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void Until(string line)
        {
            Wait.Until($"slixmpp to say {line}", () => Lines.Contains(line) || _process.HasExited, Eventually.Bound);
            _process.WaitForExit(_process.HasExited ? 5000 : 0);
            Assert.True(Lines.Contains(line), $"slixmpp said {string.Join("; ", Lines)}; {(_process.HasExited ? _errors.Result : "")}");
        }

        public void Leave() => _process.StandardInput.WriteLine();

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
