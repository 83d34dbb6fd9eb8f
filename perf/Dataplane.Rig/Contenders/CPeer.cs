using Dataplane.Net;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Contenders;

/// <summary>The hand-written C forwarder over a scenario's network.</summary>
internal sealed unsafe class CPeer : IDisposable
{
    private const byte NoSource = 255;

    /// <summary>Its groups have a table of their own: so many buckets per member, evenly, rounded up to a power of two.</summary>
    private const int BucketsPerMember = 16;
    private nint _peer;

    internal CPeer(Topology topology, PeerLibrary.LookupKind lookup)
    {
        PeerLibrary.EnsureLoaded();
        uint routes6 = (uint)topology.Routes.Count(static route => route.Destination.IsV6);
        uint local6 = (uint)topology.Attachments.Count(static attachment => attachment.Address.IsV6);
        var config = new PeerLibrary.Config
        {
            Lookup = (uint)lookup,
            Vrfs = (uint)topology.Vrfs,
            Interfaces = (uint)topology.Attachments.Count,
            Tunnels = (uint)topology.Tunnels.Count,
            Groups = (uint)topology.Groups.Count,
            Routes4 = (uint)(topology.Routes.Length + topology.Attachments.Count) - routes6 - local6,
            Routes6 = routes6 + local6,
            Ingresses = topology.Direction == Direction.Decapsulate ? (uint)(topology.Vrfs * topology.Tunnels.Count) : 0,
        };
        MacAddress.Parse("00:00:5e:00:01:01").CopyTo(new Span<byte>(config.VirtualMac4, 6));
        MacAddress.Parse("00:00:5e:00:02:01").CopyTo(new Span<byte>(config.VirtualMac6, 6));
        Topology.CoreMac.CopyTo(new Span<byte>(config.CoreMac, 6));
        Topology.TunnelEnd.CopyTo(new Span<byte>(config.TunnelEnd4, 4));
        _peer = PeerLibrary.Create(&config);
        if (_peer == 0)
            throw new InvalidOperationException("the C peer has not enough memory for this network");
        Mode = topology.Direction == Direction.Encapsulate ? PeerLibrary.Mode.Encapsulate : PeerLibrary.Mode.Decapsulate;
        Description = new string((sbyte*)PeerLibrary.Description(_peer));
        foreach (RemoteTunnel tunnel in topology.Tunnels)
            Add(tunnel);
        for (int row = 0; row < topology.Attachments.Count; row++)
            Add(topology.Attachments[row], (uint)row);
        foreach (IReadOnlyList<RemoteMember> group in topology.Groups)
            Add(group);
        foreach (HostRoute route in topology.Routes)
        {
            bool group = route.Group >= 0;
            SetRoute(PeerLibrary.View.Access, route.Vrf, route.Destination, group ? PeerLibrary.NextHop.Group : PeerLibrary.NextHop.Tunnel,
                (uint)(group ? route.Group : route.Tunnel), route.Label);
        }
        if (topology.Direction == Direction.Encapsulate)
            return;
        byte* source = stackalloc byte[4];
        for (int vrf = 0; vrf < topology.Vrfs; vrf++)
        {
            foreach (RemoteTunnel tunnel in topology.Tunnels)
            {
                tunnel.Remote.CopyTo(new Span<byte>(source, 4));
                Check(PeerLibrary.AllowIngress(_peer, (uint)vrf, 4, source), "an outer source");
            }
        }
    }

    /// <summary>Lookup in use and vector width.</summary>
    internal string Description { get; }

    internal nint Handle => _peer;

    internal PeerLibrary.Mode Mode { get; }

    /// <summary>Counters of a column, by row.</summary>
    internal PeerLibrary.Count[] Read(PeerLibrary.Column column)
    {
        var rows = new PeerLibrary.Count[PeerLibrary.ReadCounters(_peer, column, null, 0)];
        fixed (PeerLibrary.Count* start = rows)
            _ = PeerLibrary.ReadCounters(_peer, column, start, (uint)rows.Length);
        return rows;
    }

    public void Dispose()
    {
        if (_peer != 0)
            PeerLibrary.Destroy(_peer);
        _peer = 0;
    }

    private void Add(RemoteTunnel tunnel)
    {
        var settings = new PeerLibrary.Tunnel
        {
            Family = 4,
            Encapsulation = (byte)tunnel.Encapsulation,
            Ttl = Topology.Ttl,
            PathMtu = Topology.PathMtu,
        };
        Topology.CoreMac.CopyTo(new Span<byte>(settings.SourceMac, 6));
        Topology.NeighborMac.CopyTo(new Span<byte>(settings.DestinationMac, 6));
        tunnel.Remote.CopyTo(new Span<byte>(settings.Remote, 4));
        Check(PeerLibrary.AddTunnel(_peer, &settings), "a tunnel");
    }

    private void Add(IReadOnlyList<RemoteMember> group)
    {
        PeerLibrary.Member[] members = [.. group.Select(static member => new PeerLibrary.Member((uint)member.Tunnel, member.Label))];
        var buckets = new ushort[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(group.Count * BucketsPerMember))];
        for (int i = 0; i < buckets.Length; i++)
            buckets[i] = (ushort)(i % members.Length);
        fixed (PeerLibrary.Member* first = members)
        fixed (ushort* table = buckets)
            Check(PeerLibrary.AddGroup(_peer, first, (uint)members.Length, table, (uint)buckets.Length), "a group");
    }

    private void Add(Attachment attachment, uint row)
    {
        bool v6 = attachment.Address.IsV6;
        var settings = new PeerLibrary.Interface
        {
            Vrf = (uint)attachment.Vrf,
            Vlan = attachment.Vlan,
            Mtu = Topology.AccessMtu,
            Source4Length = v6 ? NoSource : (byte)32,
            Source6Length = v6 ? (byte)128 : NoSource,
        };
        attachment.Mac.CopyTo(new Span<byte>(settings.Mac, 6));
        attachment.Address.CopyTo(v6 ? new Span<byte>(settings.Source6, 16) : new Span<byte>(settings.Source4, 4));
        Check(PeerLibrary.AddInterface(_peer, &settings), "an interface");
        Check(PeerLibrary.SetLabel(_peer, attachment.Label, PeerLibrary.LabelKind.Interface, (uint)attachment.Vrf, row), "a label");
        SetRoute(PeerLibrary.View.Local, attachment.Vrf, attachment.Address, PeerLibrary.NextHop.Interface, row, 0);
    }

    private void SetRoute(PeerLibrary.View view, int vrf, IpAddress destination, PeerLibrary.NextHop nextHop, uint row, uint label)
    {
        byte* address = stackalloc byte[16];
        destination.CopyTo(new Span<byte>(address, 16));
        Check(PeerLibrary.SetRoute(_peer, view, (uint)vrf, destination.IsV6 ? 6u : 4u, address, (uint)destination.Bits, nextHop, row, label), "a route");
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new InvalidOperationException($"the C peer refuses {what}: error {-result}");
    }
}
