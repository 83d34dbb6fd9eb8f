using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>After any history, what each peer holds is what computation from scratch says that it should be sent.</summary>
public sealed class AdjRibOutOracleTests
{
    private const int Rounds = 30;
    private const int OperationsPerRound = 60;
    private const string Reflector = "10.0.0.9";

    private static readonly string[] Targets = ["65000:1", "65000:2", "65000:3", "65000:4"];

    private readonly TestNet _net = new();
    private readonly Dictionary<string, TestNode> _nodes = [];
    private readonly Catalog _catalog = new();
    private TestNode _reflector = null!;

    [Theory, Trait("Requirement", "SIG-07"), Trait("Requirement", "SIG-15"), Trait("Requirement", "SIG-21")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PeersHoldWhatComputationFromScratchSays(int seed)
    {
        var random = new Random(seed);
        Build();
        for (var round = 0; round < Rounds; round++)
        {
            var count = random.Next(1, OperationsPerRound);
            for (var i = 0; i < count; i++)
            {
                Operate(random);
                if (random.Next(4) == 0)
                {
                    foreach (TestNode node in _net.Nodes)
                    {
                        _ = node.Loop.RunTurn();
                    }
                }
            }

            Recover();
            Compare($"seed {seed} round {round}");
        }
    }

    private void Build()
    {
        FamilySettings[] plain = [RouteFamily.VpnIpv4];
        FamilySettings[] constrained = [RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint];
        FamilySettings[] paths = [new() { Family = RouteFamily.VpnIpv4, AddPath = AddPathMode.Both, SendMaxPaths = 3 }];
        (string Address, uint As, FamilySettings[] Families, bool Client)[] peers =
        [
            ("10.0.0.1", 65000, plain, true),
            ("10.0.0.2", 65000, constrained, true),
            ("10.0.0.3", 65000, constrained, false),
            ("10.0.0.4", 65000, plain, false),
            ("10.0.0.5", 65005, constrained, false),
            ("10.0.0.6", 65006, plain, false),
            ("10.0.0.7", 65000, paths, true),
            ("10.0.0.8", 65000, plain, true),
        ];
        _reflector = _net.Add(
            Reflector,
            65000,
            settings => settings with
            {
                Peers = [.. peers.Select(peer => Settings(peer.Address, peer.As, peer.Families) with { RouteReflectorClient = peer.Client })],
            },
            new() { Policies = _catalog });
        foreach (var peer in peers)
        {
            _nodes.Add(peer.Address, _net.Add(peer.Address, peer.As, settings => settings with
            {
                Peers = [Settings(Reflector, 65000, peer.Families)],
            }));
        }

        _net.Nodes.ForEach(node => node.Start());
        Recover();
    }

    private static PeerSettings Settings(string address, uint number, FamilySettings[] families) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(number),
        Families = families,
        Transport = new() { SendQueueBytes = 2000 },
        GracefulRestart = GracefulRestartMode.Disabled,
    };

    private void Operate(Random random)
    {
        TestNode node = _nodes.Values.ElementAt(random.Next(_nodes.Count));
        switch (random.Next(24))
        {
            case < 12:
                node.Originate(
                    $"65000:{random.Next(1, 3)}", $"10.{random.Next(6)}.{random.Next(30)}.0/24", (uint)random.Next(16, 20),
                    [.. Targets.Where(_ => random.Next(3) == 0)]);
                break;
            case < 18:
                node.Withdraw($"65000:{random.Next(1, 3)}", $"10.{random.Next(6)}.{random.Next(30)}.0/24");
                break;
            case < 20:
                node.Speaker.Memberships.MembershipChanged(ExtendedCommunity.ParseRouteTarget(Targets[random.Next(4)]), random.Next(2) == 0);
                node.Loop.Wake();
                break;
            case 20:
                _net.Network.Sleep(node.Address, random.Next(3) > 0);
                break;
            case 21 when random.Next(3) == 0:
                _ = _reflector.Speaker.Reset(node.Address, "oracle");
                break;
            case 22 when random.Next(3) == 0:
                _catalog.Turn();
                _reflector.Speaker.Apply(_catalog);
                break;
            case 23:
                PeerSettings[] peers = [.. _reflector.Speaker.Settings.Peers];
                var index = random.Next(peers.Length);
                peers[index] = random.Next(3) switch
                {
                    0 => peers[index] with { ExportPolicy = random.Next(3) switch { 0 => null, 1 => "med", _ => "odd" } },
                    1 => peers[index] with { NextHop = (NextHopMode)random.Next(3) },
                    _ => peers[index] with { RouteReflectorClient = peers[index].As.Value == 65000 && random.Next(2) == 0 },
                };
                Assert.Empty(_reflector.Speaker.Apply(_reflector.Speaker.Settings with { Peers = peers }));
                break;
        }
    }

    private void Recover()
    {
        foreach (TestNode node in _nodes.Values)
        {
            _net.Network.Sleep(node.Address, false);
        }

        for (var i = 0; i < 200; i++)
        {
            _net.Quiet();
            if (_net.Nodes.TrueForAll(node => node.Speaker.Peers.All(peer => peer.State == SessionState.Established)))
            {
                break;
            }

            _net.Advance(TimeSpan.FromSeconds(2));
        }

        _net.UntilEstablished();
        _net.Quiet();
    }

    private void Compare(string when)
    {
        foreach (IPeerView view in _reflector.Speaker.Peers)
        {
            var peer = (Peer)view;
            TestNode node = _nodes[peer.Address.ToString()];
            foreach (PeerFamily family in peer.Families.Where(family => family.IsUp))
            {
                // Octets may still be on their way: what is expected is asked anew each time.
                HashSet<string> expected = [];
                _net.Until(
                    () =>
                    {
                        expected = Expected(peer, family);
                        return family.Member!.EndOfRibSent && Held(node, family).SetEquals(expected) && family.Member.Advertised == expected.Count;
                    },
                    () => $"{when}: {peer} {family.Family.Name}, End-of-RIB {family.Member!.EndOfRibSent}, advertised {family.Member.Advertised} of {expected.Count}"
                        + $"\n missing {string.Join("\n         ", expected.Except(Held(node, family)).Take(5))}"
                        + $"\n more    {string.Join("\n         ", Held(node, family).Except(expected).Take(5))}");
            }
        }

        Assert.All(_reflector.Routes.Families, table => Assert.Equal(0, Pins(table)));
    }

    private static int Pins(FamilyTable table) => Enumerable.Range(0, table.DestinationCapacity)
        .Count(id => table.Exists(new(id)) && !table.PathsOf(new(id)).GetEnumerator().MoveNext());

    /// <summary>What a node has received from the reflector, without path identifiers: which these are is not the oracle's.</summary>
    private static HashSet<string> Held(TestNode node, PeerFamily of)
    {
        FamilyTable table = node.Routes[of.Family];
        SourceId source = node.Speaker.Peers[0].Source;
        var held = new HashSet<string>();
        for (var i = 0; i < table.DestinationCapacity; i++)
        {
            if (!table.Exists(new(i)))
            {
                continue;
            }

            foreach (PathId path in table.PathsOf(new(i)))
            {
                if (table.Row(path).Source == source)
                {
                    Assert.True(held.Add(Text(table.NlriOf(new(i)), table.Row(path).Label, node.Routes.Attributes[table.Row(path).Received])));
                }
            }
        }

        return held;
    }

    private HashSet<string> Expected(Peer peer, PeerFamily family)
    {
        UpdateGroupKey key = family.Member!.Group!.Key;
        FamilyTable table = _reflector.Routes[family.Family];
        var rules = new OutgoingRules();
        var result = new AttributeBlockBuilder();
        var context = new OutgoingContext(_reflector.Routes) { Latency = new(TimeProvider.System) };
        var expected = new HashSet<string>();
        var ranked = new PathId[16];
        for (var i = 0; i < table.DestinationCapacity; i++)
        {
            if (!table.Exists(new(i)))
            {
                continue;
            }

            Nlri nlri = table.NlriOf(new(i));
            var usable = table.Ranked(new(i), ranked);
            IEnumerable<PathId> candidates = ranked.Take(key.MaximumPaths > 1 ? Math.Min(usable, key.MaximumPaths + 1) : Math.Min(usable, 1));
            if (family.Family == RouteFamily.RouteTargetConstraint && key.Profile.Kind == PeerKind.Internal && usable > 0
                && Source(table, ranked[0]) is { Kind: SourceKind.Ibgp, IsRouteReflectorClient: false })
            {
                candidates = [ranked.Take(usable).OrderByDescending(path => Source(table, path).IsRouteReflectorClient).First()];
            }

            var left = key.MaximumPaths;
            foreach (PathId path in candidates)
            {
                PathRow row = table.Row(path);
                IRoutePolicy? policy = key.Profile.ExportPolicy is { } name ? _catalog.Find(name) : null;
                PathOrigin origin = context.OriginOf(row, key.Profile.RouterId);
                if (left > 0 && MaySee(peer, family, key, row, result, rules, origin, nlri, policy))
                {
                    left--;
                    _ = expected.Add(Text(nlri, row.Label, result.Block));
                }
            }
        }

        return expected;
    }

    private bool MaySee(
        Peer peer, PeerFamily family, UpdateGroupKey key, PathRow row, AttributeBlockBuilder result, OutgoingRules rules, PathOrigin origin,
        Nlri nlri, IRoutePolicy? policy)
    {
        if (!rules.Apply(key.Profile, _reflector.Routes.Attributes[row.Accepted], origin, nlri, policy, result))
        {
            return false;
        }

        if (family.Family == RouteFamily.RouteTargetConstraint)
        {
            return row.Source != peer.Source || key.Profile.Kind == PeerKind.Client;
        }

        if (row.Source == peer.Source || !peer.Session!.Families.Contains(RouteFamily.RouteTargetConstraint))
        {
            return row.Source != peer.Source;
        }

        var asked = AskedBy(peer);
        RouteTargetSetId set = _reflector.Routes.Attributes.Summary(row.Accepted).RouteTargets;
        return _reflector.Routes.RouteTargets[set].ToArray().Any(asked.Contains);
    }

    private HashSet<ExtendedCommunity> AskedBy(Peer peer)
    {
        FamilyTable table = _reflector.Routes[RouteFamily.RouteTargetConstraint];
        var asked = new HashSet<ExtendedCommunity>();
        foreach (string text in Targets)
        {
            ExtendedCommunity target = ExtendedCommunity.ParseRouteTarget(text);
            foreach (uint origin in new uint[] { 65000, 65005, 65006 })
            {
                if (table.TryFind(Nlri.Membership(new(origin), target), out DestinationId destination)
                    && !table.FindPath(destination, peer.Source, 0).IsNone)
                {
                    _ = asked.Add(target);
                }
            }
        }

        return asked;
    }

    private SourceInfo Source(FamilyTable table, PathId path) => _reflector.Routes.Sources[table.Row(path).Source];

    private static string Text(Nlri nlri, uint label, AttributeBlock block) =>
        $"{nlri.Distinguisher} {nlri.High:x}:{nlri.Low:x}/{nlri.Length} {label} {Convert.ToHexString(block.Octets)}";

    private sealed class Catalog : IPolicyCatalog
    {
        private Dictionary<string, IRoutePolicy> _policies = [];

        public Catalog() => Turn();

        public uint Generation { get; private set; }

        public IRoutePolicy? Find(string name) => _policies.GetValueOrDefault(name);

        public void Turn()
        {
            Generation++;
            _policies = new() { ["med"] = new Med(Generation % 3), ["odd"] = new Odd(Generation % 2) };
        }
    }

    private sealed class Med(uint metric) : IRoutePolicy
    {
        public bool LooksAtNlri => false;

        public PolicyResult Apply(
            AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result)
        {
            result.Load(attributes);
            result.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, metric);
            return PolicyResult.Changed;
        }
    }

    private sealed class Odd(uint remainder) : IRoutePolicy
    {
        public bool LooksAtNlri => true;

        public PolicyResult Apply(
            AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result) =>
            family == RouteFamily.VpnIpv4 && (nlri.Low >> 8) % 2 == remainder ? PolicyResult.Rejected : PolicyResult.Accepted;
    }
}
