using System.Text;
using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>An end-system of the tests: sends requests as octets, reads answers and events as octets, and holds what it was told.</summary>
internal sealed class EndSystemModel
{
    private readonly GatewayRig _rig;
    private int _id;

    public EndSystemModel(GatewayRig rig, string jid, string? infrastructure = null, WireProfile profile = WireProfile.Esv05)
    {
        _rig = rig;
        Jid = Jid.Parse(jid);
        Profile = profile;
        Proved = infrastructure is null ? [] : [IpAddress.Parse(infrastructure)];
        Connect();
    }

    public Jid Jid { get; }

    public WireProfile Profile { get; }

    public IpAddress[] Proved { get; }

    public FakeChannel Channel { get; private set; } = null!;

    /// <summary>Routes by VPN and token, as events left them.</summary>
    public Dictionary<(string Vpn, string Token), VpnEntry> Routes { get; } = [];

    /// <summary>Everything it was told, in order.</summary>
    public List<PubSubEvent> Events { get; } = [];

    /// <summary>Everything it received, as text.</summary>
    public StringBuilder Wire { get; } = new();

    public void Connect()
    {
        Channel = new FakeChannel(Jid.WithResource($"r{++_id}"), GatewayRig.Address, Proved);
        _rig.Gateway.Opened(Channel);
    }

    public void Lose(SessionEndReason reason = SessionEndReason.Lost)
    {
        Channel.Close();
        _rig.Gateway.Closed(Channel, new(reason));
        _rig.Run();
    }

    /// <summary>Sends a request and has everything settle.</summary>
    /// <returns>Null, or the error.</returns>
    public StanzaError? Do(PubSubRequest request)
    {
        var answer = Send(request);
        _rig.Run();
        return answer;
    }

    /// <summary>Sends a request and reads its one answer.</summary>
    public StanzaError? Send(PubSubRequest request)
    {
        var text = new StanzaText();
        var id = $"q{++_id}";
        RequestWriter.Write(text, Profile, Jid.ToString(), GatewayRig.Address.ToString(), id, request);
        return Ask(Encoding.UTF8.GetString(text.Written), id).Error;
    }

    /// <summary>Sends an IQ as text and reads its one answer.</summary>
    public Stanza Ask(string iq, string id)
    {
        var before = Channel.Sent.Count;
        Assert.Null(Stanza.TryRead(Parse(iq).Single(), out Stanza? stanza));
        _rig.Gateway.Received(Channel, stanza!);
        Stanza[] answers = [.. Channel.Sent.Skip(before).SelectMany(static sent => Parse(sent)).Select(static element =>
        {
            Assert.Null(Stanza.TryRead(element, out Stanza? read));
            return read!;
        }).Where(answer => answer.Id == id)];
        return Assert.Single(answers);
    }

    public StanzaError? Publish(string vpn, string prefix, string nextHop, uint label, uint version = 0)
    {
        var leaf = $"{Jid.Local}:{vpn}:{prefix}";
        return Send(new PublishRequest(leaf, [new(null, Entry(prefix, nextHop, label, version))])) ?? Do(new AssociateRequest(vpn, leaf));
    }

    public static VpnEntry Entry(string prefix, string nextHop, uint label, uint version = 0) => new()
    {
        Prefix = IpPrefix.Parse(prefix),
        NextHops = [new(IpAddress.Parse(nextHop), new Label20(label))],
        Version = version,
    };

    /// <summary>Reads what has come: all stanzas are whole and addressed to us.</summary>
    public EndSystemModel Read()
    {
        foreach (ReadOnlyMemory<byte> sent in Channel.Sent)
        {
            _ = Wire.Append(Encoding.UTF8.GetString(sent.Span));
            foreach (XElement element in Parse(sent))
            {
                Assert.Equal(Channel.Local.ToString(), (string?)element.Attribute("from"));
                if (element.Name.LocalName != "message")
                {
                    continue;
                }

                Assert.Equal(Channel.Peer.ToString(), (string?)element.Attribute("to"));
                var events = new List<PubSubEvent>();
                var faults = new List<PubSubFault>();
                Assert.True(EventReader.Read(element, events, faults));
                Assert.Empty(faults);
                events.ForEach(Apply);
                Events.AddRange(events);
            }
        }

        Channel.Sent.Clear();
        return this;
    }

    /// <summary>The routes of a VPN, as text in order: prefix, next hops with labels, version.</summary>
    public IEnumerable<string> RoutesOf(string vpn) => Read().Routes.Where(route => route.Key.Vpn == vpn).Select(static route => TextOf(route.Value)).Order();

    public static string TextOf(VpnEntry entry) =>
        $"{entry.Prefix} via {string.Join(',', entry.NextHops.Select(static hop => $"{hop.Address}:{hop.Label}").Order())} v{entry.Version}";

    private static IEnumerable<XElement> Parse(ReadOnlyMemory<byte> octets) => Parse(Encoding.UTF8.GetString(octets.Span));

    private static IEnumerable<XElement> Parse(string text) => XElement.Parse($"<s xmlns='jabber:client'>{text}</s>").Elements();

    private void Apply(PubSubEvent told)
    {
        switch (told)
        {
            case RouteChangedEvent change:
                Routes[(change.Node, change.Token)] = change.Entry;
                break;
            case RouteRetractedEvent retracted:
                _ = Routes.Remove((retracted.Node, retracted.Token));
                break;
            case RouteDisassociatedEvent left:
                _ = Routes.Remove((left.Collection, left.Token));
                break;
            case NodeDeletedEvent deleted:
                foreach ((string Vpn, string Token) key in Routes.Keys.Where(key => key.Vpn == deleted.Node || key.Token == deleted.Node).ToArray())
                {
                    _ = Routes.Remove(key);
                }

                break;
        }
    }
}
