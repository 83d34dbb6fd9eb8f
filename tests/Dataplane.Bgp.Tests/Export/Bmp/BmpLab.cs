using System.Buffers;
using Dataplane.Bgp.Export.Bmp;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Export.Bmp;

/// <summary>Tables with an exporter, fed with UPDATEs as a speaker does: odd local preferences are rejected by policy.</summary>
internal sealed class BmpLab : IDisposable
{
    private static readonly FamilySet Families = FamilySet.Of(
        RouteFamily.Ipv4Unicast, RouteFamily.Ipv6Unicast, RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint);

    private readonly RoutingLoop _loop = new();
    private readonly DecodedUpdate _update = new();
    private readonly Dictionary<IpAddress, (SourceId Source, CodecOptions Codec)> _peers = [];

    public BmpLab(IBmpSubject? subject = null)
    {
        Exporter = new(_loop, Routes, new() { As = new(65000), RouterId = 0x0A000009, SystemName = "dut", SystemDescription = "dataplane test" }, subject);
        _loop.AddWork(new Settling(Routes));
        _loop.Start();
    }

    public RoutingBase Routes { get; } = new();

    public BmpExporter Exporter { get; }

    public IReadOnlyList<BmpStationStatus> Status => On(() => Exporter.Status);

    public void Apply(params IReadOnlyList<BmpSettings> settings) => On(() => Exporter.Apply(settings));

    public T On<T>(Func<T> function) => _loop.InvokeAsync(function).GetAwaiter().GetResult();

    public void On(Action action) => _loop.InvokeAsync(action).GetAwaiter().GetResult();

    public CodecOptions CodecOf(IpAddress peer) => _peers.TryGetValue(peer, out var known) ? known.Codec with { FourOctetAs = true } : new() { Families = FamilySet.Of([.. RouteFamilies.All]), FlowSpecs = new() };

    public SourceId SourceOf(string peer) => _peers[IpAddress.Parse(peer)].Source;

    public void PeerUp(string address, CodecOptions? codec = null) => On(() =>
    {
        var peer = IpAddress.Parse(address);
        if (!_peers.TryGetValue(peer, out (SourceId Source, CodecOptions Codec) known))
        {
            known = (Routes.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = address, Address = peer, As = new(65000), RouterId = 1 }),
                (codec ?? new()) with { Families = Families, IsIbgp = true, LocalAs = new(65000), PeerAs = new(65000) });
            _peers.Add(peer, known);
        }

        var open = new OpenMessage
        {
            As = new(65000),
            HoldTime = 90,
            RouterId = 0x0A000001,
            Capabilities = new() { FourOctetAs = new AsNumber(65000), Families = known.Codec.Families, AddPathSend = known.Codec.AddPathReceive },
        };
        Exporter.PeerUp(new()
        {
            Source = known.Source,
            Address = peer,
            Port = 50000,
            LocalAddress = peer,
            LocalPort = 179,
            SentOpen = open,
            ReceivedOpen = open,
            Codec = known.Codec,
            Since = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000),
        });
    });

    public void PeerDown(string address, NotificationMessage? notification = null, bool wasSent = false) => On(() =>
    {
        SourceId source = SourceOf(address);
        foreach (FamilyTable table in Routes.Families)
        {
            _ = table.Sweep(source);
        }

        Exporter.PeerDown(source, notification, wasSent);
    });

    public void Announce(string peer, RouteFamily family, uint localPreference, params ReadOnlySpan<NlriEntry> routes)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetNextHop(family.Afi == 2 ? IpAddress.Parse("2001:db8::1") : IpAddress.Parse("10.0.0.1"));
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, localPreference);
        builder.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1")]);
        var to = new ArrayBufferWriter<byte>();
        (SourceId _, CodecOptions codec) = _peers[IpAddress.Parse(peer)];
        Assert.Equal(routes.Length, UpdateEncoder.EncodeReach(family, builder.Block, routes, codec with { AddPathSend = codec.AddPathReceive }, to).Routes);
        Receive(peer, to.WrittenSpan.ToArray());
    }

    public void Withdraw(string peer, RouteFamily family, params ReadOnlySpan<NlriEntry> routes)
    {
        var to = new ArrayBufferWriter<byte>();
        (SourceId _, CodecOptions codec) = _peers[IpAddress.Parse(peer)];
        _ = UpdateEncoder.EncodeUnreach(family, routes, codec with { AddPathSend = codec.AddPathReceive }, to);
        Receive(peer, to.WrittenSpan.ToArray());
    }

    /// <summary>Takes messages as if they came from a peer.</summary>
    public void Receive(string peer, byte[] messages) => On(() =>
    {
        (SourceId source, CodecOptions codec) = _peers[IpAddress.Parse(peer)];
        for (var at = 0; at < messages.Length;)
        {
            var length = messages[at + 16] << 8 | messages[at + 17];
            Take(source, codec, messages.AsSpan(at, length));
            at += length;
        }
    });

    public void Dispose()
    {
        On(Exporter.Dispose);
        _loop.Dispose();
    }

    private void Take(SourceId source, CodecOptions codec, ReadOnlySpan<byte> message)
    {
        UpdateDecoder.Decode(message[MessageHeader.Size..], codec, _update);
        foreach (RouteGroup group in _update.Withdrawn)
        {
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                _ = Routes[group.Family].Withdraw(route.Nlri, source, route.PathIdentifier);
            }
        }

        foreach (RouteGroup group in _update.Announced)
        {
            _ = group.Attributes.TryGet(AttributeCode.LocalPref, out ReadOnlySpan<byte> preference);
            var isAccepted = (preference[3] & 1) == 0;
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                AttributeSetId received = Routes.Attributes.Intern(group.Attributes);
                AttributeSetId accepted = isAccepted ? Routes.Attributes.Intern(group.Attributes) : default;
                _ = Routes[group.Family].Announce(route.Nlri, source, route.PathIdentifier, received, accepted, route.Label);
            }
        }

        Exporter.UpdateReceived(source, message, _update);
        _loop.Wake();
    }

    private sealed class Settling(RoutingBase routes) : IWorkSource
    {
        public bool Work(WorkTurn turn) => routes.Settle(256) > 0;
    }
}
