using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What is known of routes, with and without a session.</summary>
public sealed class NotifiedRoutesTests
{
    private readonly RecordingSink _sink = new();
    private readonly NotifiedRoutes _routes;

    public NotifiedRoutesTests() => _routes = new(_sink);

    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void TheLastKnownStateStaysAndWhatIsNotToldAgainIsSwept()
    {
        _routes.Begin("red");
        _ = _routes.Announce("red", "t1", Route("10.0.0.1/32", "203.0.113.1", 100));
        _ = _routes.Announce("red", "t2", Route("10.0.0.2/32", "203.0.113.2", 200));
        Assert.Equal(0, _routes.Settle("red"));
        _sink.Log.Clear();

        _routes.Begin("red");
        Assert.Equal(2, _routes.Count);
        Assert.All(_routes.RoutesOf("red"), static route => Assert.True(route.IsStale));
        _ = _routes.Announce("red", "other-gateway-t2", Route("10.0.0.2/32", "203.0.113.2", 200));
        Assert.Empty(_sink.Log);
        Assert.Equal(1, _routes.Settle("red"));
        Assert.Equal(["- red 10.0.0.1/32"], _sink.Log);
        Assert.Equal((2, 1, 1), (_routes.Changed, _routes.Removed, _routes.Swept));
        Assert.False(_routes.Find("red", IpPrefix.Parse("10.0.0.2/32"))!.IsStale);
    }

    [Fact]
    [Trait("Requirement", "XMP-13")]
    public void EitherOfTheTwoWithdrawalsSufficesAndTheSecondDoesNothing()
    {
        _routes.Begin("red");
        _ = _routes.Announce("red", "t1", Route("10.0.0.1/32", "203.0.113.1", 100));
        Assert.True(_routes.Retract("t1"));
        Assert.False(_routes.Retract("t1"));
        Assert.Equal(["+ red 10.0.0.1/32 203.0.113.1:100", "- red 10.0.0.1/32"], _sink.Log);
    }

    [Fact]
    public void RoutesOfVpnsThatNobodyAskedForArePassedOver()
    {
        Assert.False(_routes.Announce("blue", "t1", Route("10.0.0.1/32", "203.0.113.1", 100)));
        Assert.Empty(_sink.Log);
        Assert.False(_routes.Retract("t1"));
    }

    [Fact]
    [Trait("Requirement", "ARC-07")]
    public void TheSamePrefixInTwoVpnsIsTwoRoutes()
    {
        _routes.Begin("red");
        _routes.Begin("blue");
        _ = _routes.Announce("red", "t1", Route("10.0.0.1/32", "203.0.113.1", 100));
        _ = _routes.Announce("blue", "t2", Route("10.0.0.1/32", "203.0.113.2", 200));
        _routes.End("red");
        Assert.Equal(["+ red 10.0.0.1/32 203.0.113.1:100", "+ blue 10.0.0.1/32 203.0.113.2:200", "- red 10.0.0.1/32"], _sink.Log);
        Assert.Equal(1, _routes.Count);
    }

    /// <summary>Against a model that keeps everything in plain dictionaries.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void TheSinkKnowsWhatTheModelKnows(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<(string, IpPrefix), (string Token, NotifiedRoute Route, bool Fresh)>();
        HashSet<string> vpns = [];
        for (var step = 0; step < 20_000; step++)
        {
            var vpn = $"vpn{random.Next(3)}";
            NotifiedRoute route = Route($"10.0.0.{random.Next(8)}/32", $"203.0.113.{random.Next(3)}", 100);
            var token = $"{vpn}|{route.Prefix}|{random.Next(2)}";
            switch (random.Next(12))
            {
                case 0:
                    _routes.Begin(vpn);
                    _ = vpns.Add(vpn);
                    foreach ((string, IpPrefix) key in model.Keys.Where(key => key.Item1 == vpn).ToArray())
                    {
                        model[key] = model[key] with { Token = "", Fresh = false };
                    }

                    break;
                case 1:
                    _ = _routes.Settle(vpn);
                    Forget(key => key.Item1 == vpn && !model[key].Fresh);
                    break;
                case 2 when random.Next(5) == 0:
                    _routes.End(vpn);
                    _ = vpns.Remove(vpn);
                    Forget(key => key.Item1 == vpn);
                    break;
                case 3 or 4 or 5:
                    _ = _routes.Retract(token);
                    Forget(key => model[key].Token == token);
                    break;
                default:
                    _ = _routes.Announce(vpn, token, route);
                    if (vpns.Contains(vpn))
                    {
                        model[(vpn, route.Prefix)] = (token, route, true);
                    }

                    break;
            }

            Assert.Equal(model.Count, _routes.Count);
        }

        Assert.Equal(
            model.Select(static entry => $"{entry.Key.Item1} {entry.Key.Item2} {RecordingSink.Text(entry.Value.Route.NextHops)}").Order(StringComparer.Ordinal),
            _sink.State.Select(static entry => $"{entry.Key.Vpn} {entry.Key.Prefix} {entry.Value}").Order(StringComparer.Ordinal));

        void Forget(Func<(string, IpPrefix), bool> condition)
        {
            foreach ((string, IpPrefix) key in model.Keys.Where(condition).ToArray())
            {
                _ = model.Remove(key);
            }
        }
    }

    private static NotifiedRoute Route(string prefix, string nextHop, uint label, uint version = 1) => new()
    {
        Prefix = IpPrefix.Parse(prefix),
        NextHops = [new(IpAddress.Parse(nextHop), new(label))],
        Version = version,
    };
}

/// <summary>Takes routes and checks that it is told changes only.</summary>
internal sealed class RecordingSink : IRouteSink
{
    public List<string> Log { get; } = [];

    public Dictionary<(string Vpn, IpPrefix Prefix), string> State { get; } = [];

    public static string Text(IReadOnlyList<VrfNextHop> nextHops) => string.Join(' ', nextHops.Select(static hop => $"{hop.Address}:{hop.Label}"));

    public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
    {
        Log.Add($"+ {vpn} {prefix} {Text(nextHops)}");
        Assert.NotEqual($"{Text(nextHops)} v{version}", State.GetValueOrDefault((vpn, prefix)));
        State[(vpn, prefix)] = Text(nextHops);
    }

    public void RouteRemoved(string vpn, IpPrefix prefix)
    {
        Log.Add($"- {vpn} {prefix}");
        Assert.True(State.Remove((vpn, prefix)));
    }
}
