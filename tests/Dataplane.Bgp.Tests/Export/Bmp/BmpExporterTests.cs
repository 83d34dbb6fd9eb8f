using System.Buffers.Binary;
using System.Text;
using Dataplane.Bgp.Export.Bmp;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Export.Bmp;

public sealed class BmpExporterTests
{
    private const BmpViews Mirrored = BmpViews.AdjRibInPre | BmpViews.AdjRibInPost | BmpViews.LocRib;
    private const string PeerA = "10.0.0.1";
    private const string PeerB = "2001:db8::2";

    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void TsharkReadsWhatAStationIsSent()
    {
        using var station = new FakeStation();
        using (var lab = new BmpLab(new OneRouteSubject()))
        {
            lab.PeerUp(PeerA);
            lab.Announce(PeerA, RouteFamily.VpnIpv4, 100, Vpn(1), Vpn(2));
            lab.Apply(station.Settings(Mirrored | BmpViews.AdjRibOutPre | BmpViews.AdjRibOutPost) with { StatisticsInterval = TimeSpan.FromMilliseconds(50) });
            station.WaitUntil("the tables", seen => seen.Count(message => message.Type == BmpSeen.RouteMonitoring) > 10);
            lab.PeerUp(PeerB);
            lab.Announce(PeerB, RouteFamily.Ipv6Unicast, 100, new NlriEntry(Nlri.Of(IpPrefix.Parse("2001:db8:1::/48"))));
            lab.Announce(PeerB, RouteFamily.VpnIpv6, 101, new NlriEntry(Nlri.Of(IpPrefix.Parse("2001:db8:2::/48"), RouteDistinguisher.Parse("65000:7")), 0, 0x3e81));
            lab.PeerDown(PeerB, NotificationMessage.Of(CeaseReason.AdministrativeShutdown), wasSent: true);
            station.WaitUntil("statistics", seen => seen.Exists(message => message.Type == BmpSeen.Statistics && message.PeerType == 3));
        }

        station.WaitUntil("the end", seen => seen.Exists(message => message.Type == BmpSeen.Termination));

        // tshark 4.0 takes what follows the OPENs of a peer up for another BGP message: that of the Loc-RIB is looked at here.
        BmpSeen table = Assert.Single(station.Seen(), message => message is { Type: BmpSeen.PeerUp, PeerType: 3 });
        Assert.Equal("00030006676C6F62616C", Convert.ToHexString(table.Body[^10..]));
        Assert.Equal(table.Body[20..^10][..((table.Body.Length - 30) / 2)], table.Body[20..^10][((table.Body.Length - 30) / 2)..]);
        List<string[]> rows = BmpCapture.Decode(
            BmpStream.Without(station.Octets(), BmpSeen.PeerUp, 3), "bmp.type", "bmp.peer.ip.addr", "bmp.peer.ipv6.addr", "bmp.peer.asn", "bmp.init.info", "bmp.peer.down.reason",
            "bgp.mp_reach_nlri_ipv4_prefix", "bmp.stats.data.routes_per_adj_rib_in", "_ws.malformed", "_ws.expert.severity");
        var types = string.Join(',', rows.Select(row => row[0])).Split(',');
        Assert.Equal("4", types[0]);
        Assert.Equal("5", types[^1]);
        Assert.All(new[] { "0", "1", "2", "3" }, type => Assert.Contains(type, types));
        Assert.All(rows, row => Assert.Equal("", row[8]));
        Assert.DoesNotContain(rows, row => row[9].Contains("8388608", StringComparison.Ordinal)); // tshark's "Error"
        Assert.Contains(rows, row => row[4].Contains("dut", StringComparison.Ordinal));
        Assert.Contains(rows, row => row[1].Contains(PeerA, StringComparison.Ordinal) && row[3].Contains("65000", StringComparison.Ordinal));
        Assert.Contains(rows, row => row[2].Contains(PeerB, StringComparison.Ordinal) && row[5].Contains('1'));
        Assert.Contains(rows, row => row[7].Contains('2'));
    }

    /// <summary>
    /// Types 14 to 17 (RFC 8671 §6.2): before policy the best paths that are not the peer's own, of its families, over more destinations than are
    /// counted at a time; after policy what the speaker says. A station that does not want what is before policy is not told how much that is.
    /// </summary>
    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void ReportsTellTheSizeOfEachAdjRibOut()
    {
        const int routes = 9000;
        using var station = new FakeStation();
        using var plain = new FakeStation();
        using var lab = new BmpLab(new OneRouteSubject());
        lab.PeerUp(PeerA);
        lab.PeerUp(PeerB);
        for (uint first = 0; first < routes; first += 100)
        {
            lab.Announce(PeerA, RouteFamily.VpnIpv4, 100, [.. Enumerable.Range((int)first, 100).Select(number => Vpn((uint)number))]);
        }

        lab.Announce(PeerB, RouteFamily.VpnIpv4, 102, Vpn(7), Vpn(5000), Vpn(routes - 1)); // better than A's
        lab.Announce(PeerB, RouteFamily.VpnIpv4, 101, Vpn(8)); // rejected by policy
        lab.Announce(PeerB, RouteFamily.Ipv6Unicast, 100, new NlriEntry(Nlri.Of(IpPrefix.Parse("2001:db8:1::/48"))));
        lab.Apply(
            station.Settings(BmpViews.AdjRibOutPre) with { StatisticsInterval = TimeSpan.FromMilliseconds(50) },
            plain.Settings(BmpViews.AdjRibOutPost) with { StatisticsInterval = TimeSpan.FromMilliseconds(50) });
        const string ofA = "14 4; 15 13; 16 1/1 0; 16 1/128 3; 16 1/132 0; 16 2/1 1; 16 2/128 0; 17 1/128 6; 17 2/128 7";
        const string ofB = "14 8997; 15 13; 16 1/1 0; 16 1/128 8997; 16 1/132 0; 16 2/1 0; 16 2/128 0; 17 1/128 6; 17 2/128 7";
        station.WaitUntil("the sizes", seen => IsSaid(seen, PeerA, ofA) && IsSaid(seen, PeerB, ofB));
        lab.Withdraw(PeerB, RouteFamily.VpnIpv4, Vpn(7));
        lab.Withdraw(PeerA, RouteFamily.VpnIpv4, Vpn(6), Vpn(7));
        station.WaitUntil("the sizes after that", seen => IsSaid(seen, PeerB, ofB.Replace("8997", "8996", StringComparison.Ordinal)));
        plain.WaitUntil("a report without them", seen => IsSaid(seen, PeerA, "15 13; 17 1/128 6; 17 2/128 7"));
    }

    [Fact]
    public void AStationHasTheTablesWhateverHappens()
    {
        using var early = new FakeStation();
        using var late = new FakeStation();
        using var lab = new BmpLab();
        lab.Apply(early.Settings(Mirrored));
        Wait.Until("a connection", () => lab.Status[0].IsConnected);
        var random = new Random(7854);
        string[] peers = [PeerA, PeerB, "10.0.0.3"];
        foreach (var peer in peers)
        {
            lab.PeerUp(peer, new() { AddPathReceive = peer == "10.0.0.3" ? FamilySet.Of(RouteFamily.VpnIpv4) : default });
        }

        for (var i = 0; i < 3000; i++)
        {
            var peer = peers[random.Next(3)];
            var route = Vpn((uint)random.Next(400)) with { PathIdentifier = peer == "10.0.0.3" ? (uint)random.Next(1, 3) : 0 };
            switch (random.Next(100))
            {
                case < 70:
                    lab.Announce(peer, RouteFamily.VpnIpv4, (uint)random.Next(100, 110), route);
                    break;
                case < 98:
                    lab.Withdraw(peer, RouteFamily.VpnIpv4, route);
                    break;
                default:
                    lab.PeerDown(peer);
                    lab.PeerUp(peer);
                    break;
            }

            if (i == 1500)
            {
                lab.Apply(early.Settings(Mirrored), late.Settings(Mirrored));
            }
        }

        foreach (FakeStation station in (FakeStation[])[early, late])
        {
            Wait.Until("the tables of a station", () => Tables(station, lab).SequenceEqual(Expected(lab)));
        }
    }

    [Fact]
    public void AStationThatDoesNotReadIsCutAndStartsOver()
    {
        using var slow = new FakeStation(reads: false);
        using var quick = new FakeStation();
        using var lab = new BmpLab();
        lab.PeerUp(PeerA);
        lab.Apply(slow.Settings(Mirrored) with { QueueBytes = 256 * 1024 }, quick.Settings(Mirrored));
        Wait.Until("connections", () => lab.Status.All(status => status.IsConnected));
        uint next = 0;
        Wait.Until("the cut", () =>
        {
            for (var i = 0; i < 50; i++)
            {
                NlriEntry[] routes = [.. Enumerable.Range(0, 100).Select(_ => Vpn(next++))];
                lab.Announce(PeerA, RouteFamily.VpnIpv4, 100 + (next / 100 % 2 * 2), routes);
            }

            return lab.Status[0].Cuts > 0;
        });
        Wait.Until("the quick one", () => Tables(quick, lab).SequenceEqual(Expected(lab)));
        Assert.Equal(0, lab.Status[1].Cuts);
        slow.Read();
        Wait.Until("the slow one", () => lab.Status[0].IsSynchronized && Tables(slow, lab).SequenceEqual(Expected(lab)));
        Assert.True(slow.Connections > 1);
    }

    [Fact]
    public void StationsThatAreNotThereAreTriedAgain()
    {
        BmpSettings settings;
        using (var gone = new FakeStation())
        {
            settings = gone.Settings(BmpViews.None);
        }

        using var lab = new BmpLab();
        lab.Apply(settings);
        Wait.Until("failures", () => lab.Status[0] is { Failures: > 1, IsConnected: false, LastError: not null });
        using var station = new FakeStation(port: settings.Port);
        station.WaitUntil("an initiation", seen => seen.Count > 0 && seen[0].Type == BmpSeen.Initiation);
        station.Drop();
        Wait.Until("another connection", () => station.Connections == 2 && station.Seen().Count > 0);
        Assert.Contains("dut", Encoding.UTF8.GetString(station.Seen()[0].Body), StringComparison.Ordinal);
    }

    [Fact]
    public void PeerDownSaysWhy()
    {
        using var station = new FakeStation();
        using var lab = new BmpLab();
        lab.Apply(station.Settings(BmpViews.None));
        Wait.Until("a connection", () => lab.Status[0].IsConnected);
        var notification = NotificationMessage.Of(CeaseReason.AdministrativeReset);
        foreach ((NotificationMessage? message, var wasSent) in new[] { (notification, true), (null, true), (notification, false), (null, false) })
        {
            lab.PeerUp(PeerA);
            lab.PeerDown(PeerA, message, wasSent);
        }

        station.WaitUntil("four ends", seen => seen.Count(message => message.Type == BmpSeen.PeerDown) == 4);
        List<byte[]> bodies = [.. station.Seen().Where(message => message.Type == BmpSeen.PeerDown).Select(message => message.Body)];
        Assert.Equal([1, 2, 3, 4], bodies.Select(body => body[0]));
        Assert.Equal(notification.Encode(), bodies[0][1..]);
        Assert.Equal(2, bodies[1].Length - 1);
        Assert.Equal(notification.Encode(), bodies[2][1..]);
        Assert.Single(bodies[3]);
    }

    [Fact]
    public void WhatAnUpdateGotWrongIsNotPassedOn()
    {
        using var station = new FakeStation();
        using var lab = new BmpLab();
        lab.PeerUp(PeerA);
        lab.Apply(station.Settings(Mirrored));
        Wait.Until("a connection", () => lab.Status[0].IsSynchronized);
        lab.Announce(PeerA, RouteFamily.Ipv4Unicast, 100, new NlriEntry(Nlri.Of(IpPrefix.Parse("10.1.0.0/16"))));

        // ORIGIN with a value that does not exist: treat-as-withdraw (RFC 7606 §7.1).
        lab.Receive(PeerA, Convert.FromHexString(new string('F', 32) + "002F" + "02" + "0000" + "0015"
            + "40010109" + "400200" + "4003040A000001" + "40050400000064" + "100A01"));
        station.WaitUntil("the withdrawal", seen => seen.Count(message => message is { Type: BmpSeen.RouteMonitoring, PeerType: 0, Flags: 0 }) >= 2
            && Tables(station, lab).Count == 0);
        Assert.DoesNotContain(station.Seen(), message => Convert.ToHexString(message.Body).Contains("40010109", StringComparison.Ordinal));
    }

    /// <summary>Whether the last report about a peer says this of its Adj-RIB-Out; the header has no flag of a direction.</summary>
    private static bool IsSaid(List<BmpSeen> seen, string peer, string sizes)
    {
        if (seen.FindLast(message => message.Type == BmpSeen.Statistics && message.Peer == IpAddress.Parse(peer)) is not { } report)
        {
            return false;
        }

        Assert.Equal(0, report.Flags & 0x10);
        List<string> said = [];
        ReadOnlySpan<byte> rest = report.Body.AsSpan(4);
        for (var left = BinaryPrimitives.ReadUInt32BigEndian(report.Body); left > 0; left--)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            ReadOnlySpan<byte> value = rest.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            rest = rest[(4 + value.Length)..];
            if (type is >= 14 and <= 17)
            {
                said.Add($"{type} {(value.Length == 11 ? $"{BinaryPrimitives.ReadUInt16BigEndian(value)}/{value[2]} " : "")}{BinaryPrimitives.ReadUInt64BigEndian(value[^8..])}");
            }
        }

        Assert.True(rest.IsEmpty);
        return string.Join("; ", said.Order(StringComparer.Ordinal)) == sizes;
    }

    private static NlriEntry Vpn(uint number) =>
        new(Nlri.Of(new Ipv4Prefix(new(0x0B000000 + (number << 8)), 24), RouteDistinguisher.Parse("65000:1")), 0, 0x3e80 + (number << 4) + 1);

    private static SortedSet<string> Tables(FakeStation station, BmpLab lab)
    {
        var tables = new BmpTables();
        foreach (BmpSeen message in station.Seen())
        {
            tables.Apply(message, lab.CodecOf);
        }

        return new(tables.Routes.Select(pair => $"{pair.Key} {pair.Value}"), StringComparer.Ordinal);
    }

    private static SortedSet<string> Expected(BmpLab lab) => lab.On(() =>
    {
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (FamilyTable table in lab.Routes.Families)
        {
            for (var i = 0; i < table.DestinationCapacity; i++)
            {
                if (!table.Exists(new(i)))
                {
                    continue;
                }

                Nlri nlri = table.NlriOf(new(i));
                PathId best = table.BestOf(new(i));
                if (!best.IsNone)
                {
                    Add(3, 0, default, 0, table.Row(best).Accepted, table.Row(best).Label);
                }

                foreach (PathId path in table.PathsOf(new(i)))
                {
                    PathRow row = table.Row(path);
                    IpAddress peer = lab.Routes.Sources[row.Source].Address;
                    Add(0, 0, peer, row.PathIdentifier, row.Received, row.Label);
                    Add(0, 0x40, peer, row.PathIdentifier, row.Accepted, row.Label);
                }

                void Add(byte type, byte flags, IpAddress peer, uint identifier, AttributeSetId set, uint label)
                {
                    if (!set.IsNone)
                    {
                        var key = (PeerType: type, Flags: flags, Peer: peer, table.Family, Nlri: nlri, Path: identifier);
                        _ = expected.Add($"{key} {BmpTables.Text(label, lab.Routes.Attributes[set])}");
                    }
                }
            }
        }

        return expected;
    });

    private sealed class OneRouteSubject : IBmpSubject
    {
        public void AddStatistics(SourceId source, BmpCounters to)
        {
            to.RejectedByPolicy(1);
            to.Loops(2, 3, 4);
            to.TreatedAsWithdraw(5);
            to.Advertised((RouteFamily.VpnIpv4, 6), (RouteFamily.VpnIpv6, 7));
        }

        public void ForEachSent(SourceId source, RouteFamily family, DestinationId destination, SentRoute each)
        {
            if (family == RouteFamily.VpnIpv4)
            {
                var builder = new AttributeBlockBuilder();
                builder.SetOrigin(0);
                builder.SetAsPath();
                builder.SetNextHop(IpAddress.Parse("10.0.0.9"));
                each(Vpn(77), builder.Block);
            }
        }
    }
}
