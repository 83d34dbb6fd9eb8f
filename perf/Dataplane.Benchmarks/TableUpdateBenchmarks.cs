using BenchmarkDotNet.Attributes;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;

namespace Dataplane.Benchmarks;

/// <summary>
/// Changes of routes by the control thread, in tables of several sizes. Times are per change; the routes touched are spread
/// over all of them. No worker runs, so that replaced blocks are free at once.
/// </summary>
public class TableUpdateBenchmarks
{
    private const int Changes = 4096;
    private const int RoutesPerVrf = 1000;
    private const int Stride = 7919;
    private Datapath _datapath = null!;
    private VrfId[] _vrfs = null!;
    private TunnelId _tunnel;
    private uint _label;

    [Params(1_000, 64_000, 1_000_000)]
    public int Routes { get; set; }

    /// <summary>32: host routes, in the shared exact table; 24: in a trie per VRF.</summary>
    [Params(32, 24)]
    public int PrefixLength { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _datapath = Datapaths.Create(Routes / RoutesPerVrf, out _tunnel);
        _vrfs = new VrfId[Routes / RoutesPerVrf];
        for (int i = 0; i < _vrfs.Length; i++)
            _vrfs[i] = _datapath.AddVrf(null, []);
        for (int i = 0; i < Routes; i++)
            Set(i);
    }

    [GlobalCleanup]
    public void Free() => _datapath.Dispose();

    [Benchmark(OperationsPerInvoke = Changes)]
    public void Replace()
    {
        _label++;
        for (int i = 0; i < Changes; i++)
            Set(Spread(i));
    }

    [Benchmark(OperationsPerInvoke = 2 * Changes)]
    public void WithdrawAndAddAgain()
    {
        for (int i = 0; i < Changes; i++)
        {
            int route = Spread(i);
            _datapath.RemoveRoute(_vrfs[route / RoutesPerVrf], Prefix(route));
            Set(route);
        }
    }

    private int Spread(int i) => (int)((long)i * Stride % Routes);

    private void Set(int route) => _datapath.SetRoute(
        _vrfs[route / RoutesPerVrf], Prefix(route), new SuppliedRoute(_tunnel, new Label20(16 + (_label + (uint)route) % 1_000_000)));

    private IpPrefix Prefix(int route) => IpPrefix.Of(new Ipv4Address(0xC0000000u + (uint)(route % RoutesPerVrf << (32 - PrefixLength))), (byte)PrefixLength);
}
