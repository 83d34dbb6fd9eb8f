using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>
/// Clients that come, go, publish, lie, stall and come twice, beside BGP routes that do the same, against a model that knows nothing of feeds, batches and
/// tables: after every step what is exported, what is wanted and what each subscriber has been told is what the model says.
/// </summary>
public sealed class OracleTests
{
    private static readonly string[] Vpns = ["blue", "red", "shared"];

    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 500)]
    [InlineData(3, 500)]
    [InlineData(4, 500)]
    [InlineData(5, 500)]
    [InlineData(6, 500)]
    [InlineData(7, 4000)]
    [Trait("Requirement", "SIG-02")]
    [Trait("Requirement", "SIG-09")]
    [Trait("Requirement", "SIG-14")]
    [Trait("Requirement", "SIG-19")]
    [Trait("Requirement", "SEC-03")]
    [Trait("Requirement", "SEC-06")]
    public void WhatEveryoneHearsIsWhatTheModelSays(int seed, int steps)
    {
        using var run = new Run(seed);
        for (var i = 0; i < steps; i++)
        {
            run.Step();
        }

        run.Finish();
    }

    private sealed class Run : IDisposable
    {
        private readonly Random _random;
        private readonly GatewayRig _rig;
        private readonly Host[] _hosts;
        private readonly Dictionary<(string Prefix, int Peer), (string Vpn, uint Label, uint Version)> _bgp = [];
        private double _now;

        public Run(int seed)
        {
            _random = new(seed);
            // Host 5 may not publish to red, nor anything outside of 10.0.0.0/30.
            _rig = new(provisioning: new Provisioning(
            [
                new EndSystemGrant { Pattern = "02aa10c00005", Vpns = [new() { Vpn = "blue", Prefixes = [IpPrefix.Parse("10.0.0.0/30")] }, new() { Vpn = "shared" }] },
                .. Enumerable.Range(0, 5).SelectMany(static i => GatewayRig.Everybody($"02aa10c0000{i}").Grants),
            ]));
            _hosts = [.. Enumerable.Range(0, 6).Select(i => new Host(_rig, i))];
        }

        public void Step()
        {
            Host host = _hosts[_random.Next(_hosts.Length)];
            var vpn = Vpns[_random.Next(Vpns.Length)];
            var leaf = $"leaf{_random.Next(4)}";
            var prefix = $"10.0.0.{_random.Next(6)}/32";
            var label = (uint)_random.Next(16, 40);
            var version = (uint)_random.Next(3);
            switch (_random.Next(16))
            {
                case 0:
                    Pass(_random.Next(1, 35));
                    break;
                case 1:
                    host.Connect(_now);
                    break;
                case 2 when host.IsConnected:
                    host.End(_random.Next(2) == 0, _now);
                    break;
                case 3 when host.IsConnected:
                    host.SetFull(_random.Next(2) == 0);
                    break;
                case 4 or 5 when host.MayAsk:
                    host.Subscribe(vpn, !IsForeign(host, vpn));
                    break;
                case 6 when host.MayAsk:
                    host.Unsubscribe(vpn);
                    break;
                case 7 or 8 or 9 when host.MayAsk:
                    host.Publish(leaf, prefix, label, version, IsForeign, _now);
                    break;
                case 10 or 11 when host.MayAsk:
                    host.Associate(vpn, leaf, IsForeign);
                    break;
                case 12 when host.MayAsk:
                    host.Withdraw(vpn, leaf, _random.Next(3), _now);
                    break;
                case 13 when host.MayAsk:
                    // Somebody else's address as next hop.
                    Assert.NotNull(host.Model.Send(new PublishRequest(leaf, [new(null, EndSystemModel.Entry(prefix, "203.0.113.9", label, 99))])));
                    break;
                default:
                    Bgp(prefix, vpn, label, version);
                    break;
            }

            _rig.Run();
            foreach (Host each in _hosts)
            {
                each.NoteClose(_now);
            }

            Check();
        }

        /// <summary>Everybody takes what waits.</summary>
        public void Finish()
        {
            foreach (Host host in _hosts.Where(static host => host.IsConnected))
            {
                host.SetFull(false);
            }

            _rig.Run();
            Check();
            foreach (Host host in _hosts.Where(static host => host.IsConnected))
            {
                host.End(isOrderly: true, _now);
            }

            Pass(61);
            Assert.Empty(_rig.Gateway.Clients);
            Assert.Empty(_rig.Vrfs.Membership.Targets);
            Assert.Equal(_bgp.Count, _rig.Exported().Count());
        }

        public void Dispose() => _rig.Dispose();

        private static bool IsForeign(Host host, string vpn) => host.Number == 5 && vpn == "red";

        private static bool IsForeign(Host host, string vpn, string prefix) =>
            host.Number == 5 && (vpn != "blue" || !IpPrefix.Parse("10.0.0.0/30").Contains(IpPrefix.Parse(prefix)));

        private void Pass(int seconds)
        {
            _now += seconds;
            _rig.Pass(TimeSpan.FromSeconds(seconds));
            foreach (Host host in _hosts)
            {
                host.NoteClose(_now);
                host.Pass(_now);
            }
        }

        private void Bgp(string prefix, string vpn, uint label, uint version)
        {
            var peer = _random.Next(2);
            if (vpn == "shared")
            {
                _ = _bgp.Remove((prefix, peer));
                _rig.Withdraw(prefix, $"65000:{peer}");
            }
            else
            {
                _bgp[(prefix, peer)] = (vpn, label, version);
                _rig.Announce(prefix, $"65000:{peer}", $"203.0.114.{peer}", label, vpn == "blue" ? "65000:1" : "65000:2", version);
            }
        }

        private void Check()
        {
            var local = _hosts.SelectMany(static host => host.Advertised()).ToList();
            Assert.Equal(local.Count + _bgp.Count, _rig.Exported().Count());
            Assert.Equal(
                local.Select(static route => $"{route.Entry.Prefix} via {route.Entry.NextHops[0].Address}:{route.Entry.NextHops[0].Label} v{route.Entry.Version}").Order(),
                _rig.Exported().Where(static route => route.StartsWith("203.", StringComparison.Ordinal)).Select(static route => route[(route.IndexOf(' ') + 1)..]).Order());

            var wanted = new HashSet<string>(_hosts.SelectMany(static host => host.Subscriptions.Keys)
                .SelectMany(static vpn => vpn switch { "blue" => ["65000:1"], "red" => ["65000:2"], _ => new[] { "65000:1", "65000:2" } }));
            Assert.Equal(wanted.Select(GatewayRig.Target).Order(), _rig.Vrfs.Membership.Targets.Order());

            foreach (Host host in _hosts.Where(static host => host is { IsConnected: true, IsFull: false }))
            {
                foreach (var vpn in Vpns)
                {
                    Assert.Equal(host.IsFollowing(vpn) ? View(vpn, local) : [], host.Model.RoutesOf(vpn));
                }
            }
        }

        // Highest version, then all that have it.
        private IEnumerable<string> View(string vpn, List<(string Vpn, VpnEntry Entry)> local)
        {
            bool Sees(string from) => from == vpn || (vpn == "shared" && from != "shared");
            var candidates = local.Where(route => Sees(route.Vpn))
                .Select(static route => (Prefix: route.Entry.Prefix.ToString(), Hop: $"{route.Entry.NextHops[0].Address}:{route.Entry.NextHops[0].Label}", route.Entry.Version))
                .Concat(_bgp.Where(route => Sees(route.Value.Vpn))
                    .Select(static route => (route.Key.Prefix, Hop: $"203.0.114.{route.Key.Peer}:{route.Value.Label}", route.Value.Version)));
            return candidates.GroupBy(static candidate => candidate.Prefix).Select(static prefix =>
            {
                var version = prefix.Max(static candidate => candidate.Version);
                var hops = prefix.Where(candidate => candidate.Version == version).Select(static candidate => candidate.Hop).Distinct().Order();
                return $"{prefix.Key} via {string.Join(',', hops)} v{version}";
            }).Order();
        }
    }

    private sealed class Host(GatewayRig rig, int number)
    {
        private readonly Dictionary<string, Item> _leaves = [];
        private double? _staleUntil;
        private int _order;

        public int Number { get; } = number;

        public EndSystemModel Model { get; } = rig.Host($"02aa10c0000{number}", $"203.0.113.{number}");

        public bool IsConnected { get; private set; } = true;

        public bool IsFull { get; private set; }

        public bool MayAsk => IsConnected && !IsFull;

        /// <summary>Subscriptions and whether they are stale.</summary>
        public Dictionary<string, bool> Subscriptions { get; } = [];

        public bool IsFollowing(string vpn) => Subscriptions.TryGetValue(vpn, out var isStale) && !isStale;

        public void Connect(double now)
        {
            if (IsConnected)
            {
                FakeChannel older = Model.Channel;
                Model.Connect();
                rig.Gateway.Closed(older, new(SessionEndReason.LocalClose));
                BecomeStale(now);
            }
            else
            {
                Model.Connect();
            }

            Model.Routes.Clear();
            IsConnected = true;
            IsFull = false;
        }

        public void End(bool isOrderly, double now)
        {
            Model.Lose(isOrderly ? SessionEndReason.PeerClosed : SessionEndReason.Lost);
            IsConnected = false;
            IsFull = false;
            if (isOrderly)
            {
                _leaves.Clear();
                Subscriptions.Clear();
                _staleUntil = null;
            }
            else
            {
                BecomeStale(now);
            }
        }

        public void NoteClose(double now)
        {
            if (IsConnected && Model.Channel.IsClosed)
            {
                rig.Gateway.Closed(Model.Channel, new(SessionEndReason.LocalClose));
                IsConnected = false;
                IsFull = false;
                BecomeStale(now);
            }
        }

        public void SetFull(bool isFull)
        {
            IsFull = isFull;
            Model.Channel.IsFull = isFull;
            if (!isFull && Model.Channel.HasRefused)
            {
                Model.Channel.HasRefused = false;
                rig.Gateway.Drained(Model.Channel);
            }
        }

        public void Pass(double now)
        {
            if (_staleUntil <= now)
            {
                _staleUntil = null;
                foreach (var name in _leaves.Where(static leaf => leaf.Value.IsStale).Select(static leaf => leaf.Key).ToArray())
                {
                    _ = _leaves.Remove(name);
                }

                foreach (var vpn in Subscriptions.Where(static item => item.Value).Select(static item => item.Key).ToArray())
                {
                    _ = Subscriptions.Remove(vpn);
                }
            }

            foreach (var name in _leaves.Where(leaf => leaf.Value.Vpn is null && leaf.Value.Since + 60 <= now).Select(static leaf => leaf.Key).ToArray())
            {
                _ = _leaves.Remove(name);
            }
        }

        public void Subscribe(string vpn, bool isAllowed)
        {
            if (isAllowed)
            {
                foreach ((string Vpn, string Token) key in Model.Read().Routes.Keys.Where(key => key.Vpn == vpn).ToArray())
                {
                    _ = Model.Routes.Remove(key); // it is all told again
                }

                Subscriptions[vpn] = false;
            }

            Assert.Equal(isAllowed, Model.Send(new SubscribeRequest(vpn, null)) is null);
        }

        public void Unsubscribe(string vpn)
        {
            Assert.Equal(Subscriptions.Remove(vpn), Model.Send(new UnsubscribeRequest(vpn, null)) is null);
            foreach ((string Vpn, string Token) key in Model.Read().Routes.Keys.Where(key => key.Vpn == vpn).ToArray())
            {
                _ = Model.Routes.Remove(key);
            }
        }

        public void Publish(string leaf, string prefix, uint label, uint version, Func<Host, string, string, bool> isForeign, double now)
        {
            VpnEntry entry = EndSystemModel.Entry(prefix, $"203.0.113.{Number}", label, version);
            var isKnown = _leaves.TryGetValue(leaf, out Item? item);
            var isAllowed = item?.Vpn is null || !isForeign(this, item.Vpn, prefix);
            Assert.Equal(isAllowed, Model.Send(new PublishRequest(leaf, [new(null, entry)])) is null);
            if (!isAllowed)
            {
                return;
            }

            _leaves[leaf] = new(entry, item?.Vpn, isKnown ? item!.Since : now, false, ++_order);
        }

        public void Associate(string vpn, string leaf, Func<Host, string, string, bool> isForeign)
        {
            var isKnown = _leaves.TryGetValue(leaf, out Item? item);
            var isAllowed = isKnown && (item!.Vpn == vpn || (item.Vpn is null && !isForeign(this, vpn, item.Entry.Prefix.ToString())));
            Assert.Equal(isAllowed, Model.Send(new AssociateRequest(vpn, leaf)) is null);
            if (isAllowed)
            {
                _leaves[leaf] = item! with { Vpn = vpn };
            }
        }

        public void Withdraw(string vpn, string leaf, int how, double now)
        {
            var isKnown = _leaves.TryGetValue(leaf, out Item? item);
            switch (how)
            {
                case 0:
                    Assert.Equal(isKnown, Model.Send(new DeleteRequest(leaf)) is null);
                    _ = _leaves.Remove(leaf);
                    break;
                case 1:
                    var isThere = isKnown && item!.Vpn == vpn;
                    Assert.Equal(isThere, Model.Send(new DissociateRequest(vpn, leaf)) is null);
                    if (isThere)
                    {
                        _leaves[leaf] = item! with { Vpn = null, Since = now };
                    }

                    break;
                default:
                    var isHeld = isKnown && item!.Vpn == vpn;
                    Assert.Equal(isHeld, Model.Send(new RetractRequest(vpn, [leaf])) is null);
                    _ = isHeld && _leaves.Remove(leaf);
                    break;
            }
        }

        /// <summary>Of several leaves of a VPN for a prefix, the highest version, then the latest.</summary>
        public IEnumerable<(string Vpn, VpnEntry Entry)> Advertised() => _leaves.Values.Where(static leaf => leaf.Vpn is not null)
            .GroupBy(static leaf => (leaf.Vpn, leaf.Entry.Prefix))
            .Select(static place => (place.Key.Vpn!, place.OrderBy(static leaf => leaf.Entry.Version).ThenBy(static leaf => leaf.Order).Last().Entry));

        private void BecomeStale(double now)
        {
            _staleUntil = now + 60;
            foreach (var name in _leaves.Keys.ToArray())
            {
                _leaves[name] = _leaves[name] with { IsStale = true };
            }

            foreach (var vpn in Subscriptions.Keys.ToArray())
            {
                Subscriptions[vpn] = true;
            }
        }

        private sealed record Item(VpnEntry Entry, string? Vpn, double Since, bool IsStale, int Order);
    }
}
