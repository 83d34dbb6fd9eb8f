using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>
/// Longest-prefix match of one address at a time, by number of routes and of VRFs: what a lookup costs without the passes
/// over a burst by which workers hide its cache misses. Times are per lookup over addresses in random order.
/// </summary>
public class LookupBenchmarks
{
    private const int Lookups = 65536;
    private Datapath _datapath = null!;
    private VrfId[] _vrfs = null!;
    private (VrfId Vrf, IpAddress Address)[] _probes = null!;

    [Params(1_000, 64_000, 1_000_000)]
    public int Routes { get; set; }

    [Params(64, 10_000)]
    public int Vrfs { get; set; }

    /// <summary>32: host routes; 24: shorter prefixes, one address of each probed.</summary>
    [Params(32, 24)]
    public int PrefixLength { get; set; }

    [GlobalSetup]
    public void Build()
    {
        int vrfs = Math.Min(Vrfs, Routes);
        _datapath = Datapaths.Create(vrfs, out TunnelId tunnel);
        _vrfs = new VrfId[vrfs];
        for (int i = 0; i < vrfs; i++)
            _vrfs[i] = _datapath.AddVrf(null, []);
        for (int i = 0; i < Routes; i++)
            _datapath.SetRoute(_vrfs[i % vrfs], IpPrefix.Of(Address(i / vrfs), (byte)PrefixLength), new SuppliedRoute(tunnel, new Label20(16 + (uint)i % 1_000_000)));
        var random = new Random(1);
        _probes = new (VrfId, IpAddress)[Lookups];
        for (int i = 0; i < Lookups; i++)
        {
            int route = random.Next(Routes);
            _probes[i] = (_vrfs[route % vrfs], Address(route / vrfs));
            if (_datapath.Lookup(_probes[i].Vrf, _probes[i].Address, coreView: false).Kind != LeafKind.Tunnel)
                throw new InvalidOperationException($"no route to {_probes[i].Address}");
        }
    }

    [GlobalCleanup]
    public void Free() => _datapath.Dispose();

    [Benchmark(OperationsPerInvoke = Lookups)]
    public ulong One()
    {
        ulong sum = 0;
        foreach ((VrfId vrf, IpAddress address) in _probes)
            sum += _datapath.Lookup(vrf, address, coreView: false).Bits;
        return sum;
    }

    private Ipv4Address Address(int i) => new(0x0A000000u + (uint)(i << (32 - PrefixLength)));
}
