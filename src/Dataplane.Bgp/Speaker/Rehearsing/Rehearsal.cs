using System.Buffers;
using System.Diagnostics;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Bgp.Speaker.Rehearsing;

/// <summary>
/// Takes some thousand routes through a speaker that nobody sees: two peers send them, each prefix twice, a third is a client that they are reflected
/// to, VRFs import them, and in the end the sessions are over and the tables empty. After that the machine code that a load of routes needs is there,
/// which otherwise the routing thread compiles while the first peers wait: a tenth of a second and more (ADR-0007). It shares nothing with
/// the real speaker, but for the machine code.
/// </summary>
public sealed class Rehearsal
{
    /// <summary>Prefixes that go through: so many that the indexes of all tables grow and are split.</summary>
    public const int Routes = 6144;

    private const int RoutesPerSet = 64;
    private const int Vrfs = 4;
    private const int Senders = 2;
    private static readonly AsNumber As = new(64512);

    private readonly RoutingLoop _loop = new();
    private readonly RoutingBase _routes = new();
    private readonly BgpSpeaker _speaker;
    private readonly ScriptedLink[] _links = [.. Enumerable.Range(1, Senders + 1).Select(Link)];
    private readonly long _end;

    private Rehearsal(TimeSpan patience)
    {
        _end = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        VrfTable vrfs = _routes.AddVrfs(new() { As = As, RouterId = 1, NextHop = Address(0).V4 });
        for (var i = 0; i < Vrfs; i++)
        {
            _ = vrfs.Add(new() { Name = $"rehearsal-{i}", ImportTargets = [Target(i)], ExportTargets = [Target(i)] });
        }

        _speaker = new(_loop, _routes, new()
        {
            As = As,
            RouterId = 1,
            Peers = [.. _links.Select((link, i) => new PeerSettings
            {
                Address = link.Ends.Remote,
                As = As,
                Transport = new() { Passive = true },
                RouteReflectorClient = i == Senders,
                Families = [RouteFamily.VpnIpv4],
            })],
        });
    }

    /// <summary>Rehearses on the calling thread, and the pool where sockets would be read and written.</summary>
    /// <param name="patience">When it is given up: what it was for comes later then, by itself.</param>
    /// <returns>Whether every route arrived where it should, and all were gone in the end.</returns>
    public static bool Run(TimeSpan patience)
    {
        var rehearsal = new Rehearsal(patience);
        try
        {
            return rehearsal.Play();
        }
        finally
        {
            rehearsal._loop.Dispose();
        }
    }

    private bool Play()
    {
        _speaker.Start();
        for (var i = 0; i < _links.Length; i++)
        {
            _links[i].Say(Open(i + 1));
            _links[i].Say(MessageHeader.Keepalive());
            _speaker.Accept(_links[i]);
        }

        FamilyTable table = _routes[RouteFamily.VpnIpv4];
        var isComplete = Until(() => Array.TrueForAll(_links, IsUp));
        for (var sender = 0; sender < Senders && isComplete; sender++)
        {
            _links[sender].Say(Updates(sender));
        }

        isComplete = isComplete && Until(() =>
            table.PathCount == Senders * Routes && _routes.IsSettled && _speaker.Snapshot(_links[Senders].Ends.Remote)!.Families[0].Advertised == Routes);
        _links[0].Leave();
        isComplete = isComplete && Until(() => table.PathCount == (Senders - 1) * Routes && _routes.IsSettled);
        Array.ForEach(_links, static link => link.Leave());
        isComplete = Until(() => table.PathCount == 0 && _routes.IsSettled) && isComplete;
        _speaker.Stop();
        _ = _loop.RunTurn();
        return isComplete;
    }

    private bool IsUp(ScriptedLink link) => _speaker.Snapshot(link.Ends.Remote) is { State: Fsm.SessionState.Established };

    private bool Until(Func<bool> isSo)
    {
        while (Stopwatch.GetTimestamp() < _end)
        {
            var isBusy = _loop.RunTurn();
            if (!isBusy && isSo())
            {
                return true;
            }

            if (!isBusy)
            {
                Thread.Sleep(1); // the pool has something to do
            }
        }

        return false;
    }

    private static ScriptedLink Link(int peer) => new(new(Address(0), SpeakerSettings.WellKnownPort, Address(peer), 40000));

    private static IpAddress Address(int node) => new Ipv4Address(0xC000_0200u + (uint)node); // RFC 5737: nobody's

    private static ExtendedCommunity Target(int vrf) => ExtendedCommunity.ParseRouteTarget($"{As}:{vrf + 1}");

    private static byte[] Open(int peer) => new OpenMessage
    {
        As = As,
        HoldTime = 90,
        RouterId = Address(peer).V4.Value,
        Capabilities = new() { Families = FamilySet.Of(RouteFamily.VpnIpv4), FourOctetAs = As, RouteRefresh = true },
    }.Encode();

    private static ReadOnlyMemory<byte> Updates(int sender)
    {
        var octets = new ArrayBufferWriter<byte>();
        var attributes = new AttributeBlockBuilder();
        var codec = new CodecOptions { Families = FamilySet.Of(RouteFamily.VpnIpv4), IsIbgp = true };
        var routes = new NlriEntry[RoutesPerSet];
        for (var set = 0; set < Routes / RoutesPerSet; set++)
        {
            attributes.Clear();
            attributes.SetOrigin(0);
            attributes.SetAsPath();
            attributes.SetNextHop(Address(sender + 1));
            attributes.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, (uint)set);
            attributes.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
            attributes.SetExtendedCommunities([Target(set % Vrfs)]);
            for (var i = 0; i < RoutesPerSet; i++)
            {
                var prefix = IpPrefix.Host(new Ipv4Address(0xC612_0000u + (uint)((set * RoutesPerSet) + i))); // RFC 2544: for benchmarks
                routes[i] = new(Nlri.Of(prefix, RouteDistinguisher.OfAs(64512, (uint)(set % Vrfs))), Label: (uint)(16 + i) << 4 | 1);
            }

            _ = UpdateEncoder.EncodeReach(RouteFamily.VpnIpv4, attributes.Block, routes, codec, octets);
        }

        return octets.WrittenMemory;
    }
}
