using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>Groups of next hops on the control side: times are per group, its publication included.</summary>
public class GroupBenchmarks
{
    private Datapath _datapath = null!;
    private GroupSettings _all = null!;
    private GroupSettings _butOne = null!;
    private GroupId _group;

    [Params(2, 16, 200, 1024)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _datapath = Datapaths.Create(1, out _);
        var members = new GroupMember[Members];
        for (int i = 0; i < Members; i++)
            members[i] = GroupMember.Remote(Datapaths.AddTunnel(_datapath, i), new Label20(16), 1 + i % 7);
        _all = new GroupSettings { Members = members };
        _butOne = new GroupSettings { Members = members[1..] };
        _group = _datapath.AddGroup(_all);
    }

    [GlobalCleanup]
    public void Free() => _datapath.Dispose();

    /// <summary>A new group, and its removal.</summary>
    [Benchmark(Baseline = true)]
    public void New() => _datapath.RemoveGroup(_datapath.AddGroup(_all));

    /// <summary>One member goes and comes again: two changes.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public void OneMemberMoreOrLess()
    {
        _datapath.SetGroup(_group, _butOne);
        _datapath.SetGroup(_group, _all);
    }
}
