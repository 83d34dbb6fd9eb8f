using System.Net;
using System.Text;
using System.Xml.Linq;
using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Xmpp;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>A client of a gateway without a socket, that counts what it is told.</summary>
internal sealed class CountedClient(GatewayRuntime gateway, int number) : IXmppChannel
{
    private readonly Dictionary<string, int> _told = [];
    private readonly List<XElement> _answers = [];

    public Jid Peer { get; } = Jid.Parse($"{number:x12}@example.net/r");

    public Jid Local { get; } = Jid.Parse("sg.example.net");

    public PeerIdentity Identity { get; } = new(new IPEndPoint(IPAddress.Loopback, 1), isPlaintext: false, addresses: [Infrastructure(number)]);

    public long QueuedOctets => 0;

    private static IpAddress Infrastructure(int number) => IpAddress.Parse($"192.0.{number >> 8}.{number & 255}");

    /// <summary>How often it was told of a prefix.</summary>
    public int Count(string prefix)
    {
        lock (_told)
        {
            return _told.GetValueOrDefault(prefix);
        }
    }

    public bool TrySend(ReadOnlyMemory<byte> stanza)
    {
        foreach (XElement element in XElement.Parse($"<s xmlns='jabber:client'>{Encoding.UTF8.GetString(stanza.Span)}</s>").Elements())
        {
            if (element.Name.LocalName == "iq")
            {
                _answers.Add(element);
                continue;
            }

            var events = new List<PubSubEvent>();
            _ = EventReader.Read(element, events, []);
            lock (_told)
            {
                foreach (RouteChangedEvent change in events.OfType<RouteChangedEvent>())
                {
                    string prefix = change.Entry.Prefix.ToString();
                    _told[prefix] = _told.GetValueOrDefault(prefix) + 1;
                }
            }
        }

        return true;
    }

    public void Close(StreamErrorCondition? error = null, string? text = null)
    {
    }

    public Task SubscribeAsync(string vpn) => AskAsync(new SubscribeRequest(vpn, null));

    public async Task PublishAsync(string vpn, string prefix)
    {
        await AskAsync(new PublishRequest(prefix, [new(null, new VpnEntry { Prefix = IpPrefix.Parse(prefix), NextHops = [new(Infrastructure(number), new Label20(1000))] })]));
        await AskAsync(new AssociateRequest(vpn, prefix));
    }

    private Task AskAsync(PubSubRequest request) => gateway.Loop.InvokeAsync(() =>
    {
        var text = new StanzaText();
        RequestWriter.Write(text, WireProfile.Esv05, Peer.ToString(), Local.ToString(), "q", request);
        XElement iq = XElement.Parse($"<s xmlns='jabber:client'>{Encoding.UTF8.GetString(text.Written)}</s>").Elements().Single();
        Assert.Null(Stanza.TryRead(iq, out Stanza? stanza));
        _answers.Clear();
        gateway.Signaling!.Gateway.Received(this, stanza!);
        Assert.Equal("result", (string?)Assert.Single(_answers).Attribute("type"));
    });
}
