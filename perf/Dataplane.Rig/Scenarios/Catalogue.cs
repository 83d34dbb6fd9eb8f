using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Rig.Scenarios;

/// <summary>The scenarios by name.</summary>
internal static class Catalogue
{
    private const int Remotes = 16;
    private const int Vrfs = 64;
    private const int RoutesPerVrf = 1000;
    private const int GuestsPerVrf = 16;
    private const int ManyVrfs = 10_000;
    private const int RoutesPerManyVrf = 100;
    private const int ChurnedVrfs = 1000;
    private const int VlansOfManyVrfs = 2500;

    /// <summary>Shortest Ethernet frame without FCS.</summary>
    private const int ShortFrame = 60;

    /// <summary>Ethernet, tag, IPv6 and UDP without payload.</summary>
    private const int ShortFrame6 = 66;

    private static readonly int[] Imix = [ShortFrame, ShortFrame, ShortFrame, ShortFrame, ShortFrame, ShortFrame, ShortFrame, 590, 590, 590, 590, 1514];

    internal static IReadOnlyList<Workload> All { get; } =
    [
        ToCore("encap4-gre", "64-byte frames, IPv4 tenants, MPLS-over-GRE, 64 VRFs x 1,000 host routes, 16 remote forwarders",
            Encapsulation.MplsInGre, v6: false),
        ToCore("encap4-udp", "the same with MPLS-over-UDP, flow entropy in the source port",
            Encapsulation.MplsInUdp, v6: false),
        ToCore("encap6-gre", "70-byte frames, IPv6 tenants, MPLS-over-GRE (outer IPv4), otherwise as encap4-gre",
            Encapsulation.MplsInGre, v6: true),
        ToTenants("decap4-gre", "MPLS-over-GRE from 16 remote forwarders to 64 VRFs x 16 guests by interface label; tenants' frames of 64 bytes",
            Encapsulation.MplsInGre, v6: false),
        ToTenants("decap4-udp", "the same with MPLS-over-UDP", Encapsulation.MplsInUdp, v6: false),
        ToTenants("decap6-gre", "as decap4-gre with IPv6 tenants, frames of 70 bytes", Encapsulation.MplsInGre, v6: true),
        new()
        {
            Name = "ecmp512",
            Description = "as encap4-gre, all routes to one group of 512 remote forwarders, chosen by flow",
            Topology = static () => Encapsulating(Vrfs, RoutesPerVrf, Encapsulation.MplsInGre, v6: false, groupMembers: 512),
            TenantFrameBytes = [ShortFrame],
        },
        new()
        {
            Name = "imix",
            Description = "as encap4-gre with frames of 64, 594 and 1,518 bytes, 7:4:1",
            Topology = static () => Encapsulating(Vrfs, RoutesPerVrf, Encapsulation.MplsInGre, v6: false),
            TenantFrameBytes = Imix,
        },
        new()
        {
            Name = "vrf10k-routes1m",
            Description = "64-byte frames, MPLS-over-GRE, 10,000 VRFs x 100 host routes; an interface per VRF, four MACs on each of 2,500 VLANs of one port",
            Topology = static () => Encapsulating(ManyVrfs, RoutesPerManyVrf, Encapsulation.MplsInGre, v6: false),
            TenantFrameBytes = [ShortFrame],
        },
    ];

    /// <summary>Encapsulation in 64 VRFs while 1,000 hold a million routes, which <see cref="Commands"/> change meanwhile.</summary>
    internal static Workload Churn { get; } = new()
    {
        Name = "churn",
        Description = "traffic of encap4-gre in 64 of 1,000 VRFs x 1,000 host routes, while the control thread changes them without pause",
        Topology = static () => Encapsulating(ChurnedVrfs, RoutesPerVrf, Encapsulation.MplsInGre, v6: false),
        TenantFrameBytes = [ShortFrame],
        BusyVrfs = Vrfs,
    };

    internal static IEnumerable<Workload> Everything => All.Append(Churn);

    internal static Workload Find(string name) => Everything.FirstOrDefault(w => w.Name == name)
        ?? throw new ArgumentException($"there is no scenario {name}; there are {string.Join(", ", Everything.Select(static w => w.Name))}");

    private static Workload ToCore(string name, string description, Encapsulation encapsulation, bool v6) => new()
    {
        Name = name,
        Description = description,
        Topology = () => Encapsulating(Vrfs, RoutesPerVrf, encapsulation, v6),
        TenantFrameBytes = [v6 ? ShortFrame6 : ShortFrame],
    };

    private static Workload ToTenants(string name, string description, Encapsulation encapsulation, bool v6) => new()
    {
        Name = name,
        Description = description,
        Topology = () => new Topology
        {
            Direction = Direction.Decapsulate,
            Vrfs = Vrfs,
            Attachments = [.. Enumerable.Range(0, Vrfs * GuestsPerVrf).Select(guest =>
                new Attachment(guest % Vrfs, (ushort)(100 + guest % Vrfs), Mac(guest), Guest(guest, v6), 1000u + (uint)guest))],
            Tunnels = Tunnels(Remotes, encapsulation),
        },
        TenantFrameBytes = [v6 ? ShortFrame6 : ShortFrame],
    };

    // With a group, its members are all the tunnels there are, each with a label of its own.
    private static Topology Encapsulating(int vrfs, int routesPerVrf, Encapsulation encapsulation, bool v6, int groupMembers = 0) => new()
    {
        Direction = Direction.Encapsulate,
        Vrfs = vrfs,
        Attachments = [.. Enumerable.Range(0, vrfs).Select(vrf =>
            new Attachment(vrf, (ushort)(100 + vrf % VlansOfManyVrfs), Mac(vrf), Guest(vrf, v6), 1000u + (uint)vrf))],
        Tunnels = Tunnels(groupMembers == 0 ? Remotes : groupMembers, encapsulation),
        Groups = groupMembers == 0 ? [] : [[.. Enumerable.Range(0, groupMembers).Select(static i => new RemoteMember(i, 16u + (uint)i))]],
        Routes = [.. Enumerable.Range(0, vrfs * routesPerVrf).Select(i => new HostRoute(
            i / routesPerVrf, Host(i % routesPerVrf, v6), i % routesPerVrf % Remotes, 16u + (uint)i, groupMembers == 0 ? -1 : 0))],
    };

    private static RemoteTunnel[] Tunnels(int count, Encapsulation encapsulation) =>
        [.. Enumerable.Range(0, count).Select(i => new RemoteTunnel(new Ipv4Address(0xC6120001u + (uint)i), encapsulation))];

    private static MacAddress Mac(int guest) => new(0x02AA_1000_0000u + (uint)guest);

    private static IpAddress Guest(int guest, bool v6) => v6
        ? new Ipv6Address(0x2001_0DB8_0000_0001, 0x0A00_0001u + (uint)guest)
        : new Ipv4Address(0x0A00_0001u + (uint)guest);

    /// <summary>A distant tenant's host.</summary>
    internal static IpAddress Host(int host, bool v6) => v6
        ? new Ipv6Address(0x2001_0DB8_0000_0002, 0xC0A8_0000u + (uint)host)
        : new Ipv4Address(0xC0A8_0000u + (uint)host);
}
