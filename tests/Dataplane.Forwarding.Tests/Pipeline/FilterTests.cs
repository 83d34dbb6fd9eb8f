using Dataplane.Forwarding.Control;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>What filters of VRFs do with packets that enter from interfaces (SIG-20, ARC-20).</summary>
public sealed class FilterTests : IDisposable
{
    private const string Vm1 = TestNetwork.Vm1;
    private const string Remote4 = TestNetwork.Remote4;
    private readonly TestNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    [Trait("Requirement", "ARC-20")]
    public void What_a_rule_discards_is_dropped_where_it_enters_and_the_rest_passes()
    {
        Set(Discard("dport 53", dport: 53));
        byte[][] frames = [Frame(53), Frame(80), Frame(53), Frame(443)];
        BurstResult result = _network.Receive(_network.Access, frames);
        Assert.Equal([Exit.Freed, Exit.Transmitted, Exit.Freed, Exit.Transmitted], result.Outcomes.Select(outcome => outcome.Exit));
        Assert.Equal(2, result.Drops[DropReason.Filtered]);
        FilterReading reading = Assert.Single(_network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4));
        Assert.Equal((2ul, 2ul, 2 * 60ul), (reading.Count.Packets, reading.Count.Dropped, reading.Count.Bytes));
        _network.RequireCounters();

        Set();
        Assert.Equal(4, _network.Receive(_network.Access, frames).Count(Exit.Transmitted));
        Assert.Empty(_network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4));
    }

    [Fact]
    public void Rules_of_a_vrf_and_a_family_concern_no_others()
    {
        _network.SetFilters(_network.Red, AddressFamily.Ipv4, new FilterRule { Name = "all", BytesPerSecond = 0 });
        _network.SetFilters(_network.Blue, AddressFamily.Ipv6, new FilterRule { Name = "all", BytesPerSecond = 0 });
        Assert.Equal(1, _network.Receive(_network.Access, Frame(80)).Count(Exit.Transmitted));
        byte[] v6 = TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6));
        Assert.Equal(1, _network.Receive(_network.Access, v6).Drops[DropReason.Filtered]);
    }

    [Fact]
    public void Packets_from_the_core_are_not_filtered_here()
    {
        Set(new FilterRule { Name = "all", BytesPerSecond = 0 });
        byte[] frame = TestNetwork.OnCore(TestNetwork.Tunnelled(Forwarding.Layout.Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, Build.Udp(Remote4, Vm1)));
        Assert.Equal(1, _network.Receive(_network.Core, frame).Count(Exit.Transmitted));
    }

    [Fact]
    public void The_first_rule_that_matches_decides_unless_it_says_to_go_on()
    {
        FilterRule accept = new() { Name = "accept", DestinationPorts = [new(80, 80)] };
        Set(accept, Discard("rest"));
        Assert.Equal([Exit.Transmitted, Exit.Freed], _network.Receive(_network.Access, Frame(80), Frame(53)).Outcomes.Select(outcome => outcome.Exit));
        Set(accept with { Continue = true }, Discard("rest"));
        Assert.Equal(2, _network.Receive(_network.Access, Frame(80), Frame(53)).Drops[DropReason.Filtered]);
        // Its counters went on: one packet before, one now.
        Assert.Equal(2ul, _network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4)[0].Count.Packets);
    }

    [Fact]
    public void A_rule_that_comes_again_counts_from_zero()
    {
        Set(Discard("all"));
        _ = _network.Receive(_network.Access, Frame(80));
        Set();
        _network.Datapath.Reclaim();
        Set(Discard("all"));
        Assert.Equal(0ul, Assert.Single(_network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4)).Count.Packets);
    }

    [Fact]
    public void A_mark_sets_the_tenants_dscp_and_keeps_ecn_and_checksum()
    {
        var mark = new FilterRule { Name = "mark", Dscp = 46, Continue = true };
        var later = new FilterRule { Name = "later", Dscp = 8 }; // the first counts
        Set(mark, later);
        _network.SetFilters(_network.Blue, AddressFamily.Ipv6, mark, later);
        // The model writes each frame down, checksum included: plain ones eight at a time, and one with options.
        byte[][] frames = [.. Enumerable.Range(0, 9).Select(i => TestNetwork.FromVm1(Build.Udp(Vm1, Remote4, tos: (byte)(i * 4 + 1), destinationPort: (ushort)(9000 + 7 * i)))),
            TestNetwork.FromVm1(Build.Ipv4(Vm1, Remote4, 17, new byte[8], tos: 3, options: [1, 1, 1, 1])),
            TestNetwork.FromVm1(Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6, tos: 2))];
        Assert.Equal(frames.Length, _network.Receive(_network.Access, frames).Count(Exit.Transmitted));
    }

    [Fact]
    public void A_redirect_looks_up_in_the_other_vrf_until_that_has_gone()
    {
        VrfId service = _network.AddVrf(null);
        _network.Route(service, "0.0.0.0/0", new TunnelId(1), 61999);
        Set(new FilterRule { Name = "web", DestinationPorts = [new(80, 80)], Redirect = service });
        byte[][] frames = [Frame(53), Frame(80)];
        BurstResult result = _network.Receive(_network.Access, frames);
        Assert.Equal(2, result.Count(Exit.Transmitted));
        Assert.Equal(1ul, _network.Datapath.ReadCounters().VrfEncapsulated[service.Row].Packets);

        _network.RemoveRoute(service, "0.0.0.0/0");
        _network.Datapath.RemoveVrf(service);
        result = _network.Rig.Receive(_network.Access, frames);
        Assert.Equal(2, result.Count(Exit.Transmitted));
        Assert.Equal(1ul, _network.Datapath.ReadCounters().VrfEncapsulated[service.Row].Packets);
    }

    [Fact]
    public void A_rate_in_bytes_passes_what_it_says_in_the_long_run()
    {
        // Frames of 1000 bytes of IP, one per millisecond: 1 MB/s against 250 kB/s.
        Set(new FilterRule { Name = "limit", BytesPerSecond = 250_000 });
        Assert.InRange(SentIn(seconds: 4, bytes: 1000), 1000, 1000 + 26);
        FilterReading reading = Assert.Single(_network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4));
        Assert.Equal(4000ul, reading.Count.Packets);
        Assert.InRange(reading.Count.Dropped, 4000ul - 1026, 3000ul);
        Assert.Equal(reading.Count.Dropped, _network.Datapath.ReadCounters().Drops[(int)DropReason.FilterRateLimited]);
    }

    [Fact]
    public void A_rate_in_packets_below_one_packet_per_bucket_still_passes_them()
    {
        Set(new FilterRule { Name = "limit", PacketsPerSecond = 2 });
        Assert.InRange(SentIn(seconds: 10, bytes: 100), 20, 21);
    }

    [Fact]
    public void A_rate_beyond_any_worker_is_none()
    {
        Set(new FilterRule { Name = "limit", BytesPerSecond = double.PositiveInfinity });
        Assert.Equal(1, _network.Rig.Receive(_network.Access, Frame(80)).Count(Exit.Transmitted));
    }

    [Fact]
    public void Too_many_rules_and_names_that_stand_twice_change_nothing()
    {
        Set(Discard("kept"));
        FilterRule[] many = [.. Enumerable.Range(0, Datapath.MostFilters + 1).Select(i => Discard($"{i}"))];
        Assert.Contains("at most 256", Assert.Throws<ArgumentException>(() => Set(many)).Message, StringComparison.Ordinal);
        Assert.Contains("two filters are 'a'", Assert.Throws<ArgumentException>(() => Set(Discard("a"), Discard("a"))).Message, StringComparison.Ordinal);
        Assert.Equal("kept", Assert.Single(_network.Datapath.ReadFilters(_network.Blue, AddressFamily.Ipv4)).Rule.Name);
        Set(many[..Datapath.MostFilters]);
        Assert.Equal(1, _network.Rig.Receive(_network.Access, Frame(80)).Drops[DropReason.Filtered]);
    }

    [Fact]
    public void A_removed_vrf_takes_its_rules_along()
    {
        VrfId vrf = _network.AddVrf(null);
        _network.Datapath.SetFilters(vrf, AddressFamily.Ipv4, [Discard("all")]);
        _network.Datapath.RemoveVrf(vrf);
        _network.Datapath.Reclaim();
        Assert.Empty(_network.Datapath.ReadFilters(_network.Datapath.AddVrf(null, []), AddressFamily.Ipv4));
    }

    private static FilterRule Discard(string name, ushort? dport = null) => new()
    {
        Name = name,
        DestinationPorts = dport is { } port ? [new(port, port)] : null,
        BytesPerSecond = 0,
    };

    private static byte[] Frame(ushort port) => TestNetwork.FromVm1(Build.Udp(Vm1, Remote4, destinationPort: port));

    private void Set(params FilterRule[] rules) => _network.SetFilters(_network.Blue, AddressFamily.Ipv4, rules);

    // A frame per millisecond of the rig's clock of a MHz.
    private int SentIn(int seconds, int bytes)
    {
        byte[] frame = TestNetwork.FromVm1(Build.Udp(Vm1, Remote4, bytes - 28));
        int sent = 0;
        for (int i = 0; i < seconds * 1000; i++)
        {
            sent += _network.Rig.Receive(_network.Access, frame).Count(Exit.Transmitted);
            _network.Rig.Now += 1000;
        }
        return sent;
    }
}
