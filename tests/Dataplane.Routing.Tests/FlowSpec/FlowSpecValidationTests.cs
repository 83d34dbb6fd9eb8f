using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Tests.Rib;

namespace Dataplane.Routing.Tests.FlowSpec;

/// <summary>Flow specifications follow the unicast routes to their destinations (RFC 8955 §6, RFC 9117).</summary>
public sealed class FlowSpecValidationTests
{
    private readonly RoutingBase _routing = new();
    private readonly SourceId _one;
    private readonly SourceId _two;
    private readonly SourceId _unchecked;
    private readonly SourceId _inside;

    public FlowSpecValidationTests()
    {
        _one = Source("10.9.0.1", 65001);
        _two = Source("10.9.0.2", 65002);
        _unchecked = Source("10.9.0.3", 65003, validates: false);
        _inside = _routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Address = IpAddress.Parse("10.9.0.4"), Name = "inside", ValidatesFlowSpecs = true });
    }

    [Fact]
    [Trait("Requirement", "SIG-02")]
    public void ARuleIsUsedWhileTheUnicastRouteIsItsSenders()
    {
        Nlri rule = Rule("10.1.2.0/24");
        Announce(rule, _one, 65001);
        Assert.Equal((false, FlowSpecVerdict.NoUnicastRoute), State(rule, _one));
        Unicast("10.1.0.0/16", _one, 65001);
        Assert.Equal((true, FlowSpecVerdict.Feasible), State(rule, _one));

        // A better covering route of another: rule b, and over eBGP already RFC 9117's on the leftmost AS.
        Unicast("10.1.2.0/23", _two, 65002);
        Assert.Equal((false, FlowSpecVerdict.OtherLeftmostAs), State(rule, _one));
        Withdraw("10.1.2.0/23", _two);
        Assert.True(State(rule, _one).IsUsed);

        // Rule c: something more specific by another neighbour.
        Unicast("10.1.2.128/25", _two, 65002);
        Assert.Equal((false, FlowSpecVerdict.MoreSpecificElsewhere), State(rule, _one));
        Unicast("10.1.3.128/25", _two, 65002);
        Withdraw("10.1.2.128/25", _two);
        Assert.True(State(rule, _one).IsUsed);
        Withdraw("10.1.0.0/16", _one);
        Assert.False(State(rule, _one).IsUsed);
        Assert.Equal(1, _routing.FlowSpecValidations[0].Count);
        _ = _routing[RouteFamily.Ipv4FlowSpec].Withdraw(rule, _one, 0);
        _ = _routing.Settle();
        Assert.Equal(0, _routing.FlowSpecValidations[0].Count);
    }

    [Fact]
    public void AnotherPathOfTheSameRuleIsUsedInstead()
    {
        Nlri rule = Rule("10.1.2.0/24");
        Unicast("10.1.0.0/16", _two, 65002);
        Announce(rule, _one, 65001);
        Announce(rule, _two, 65002);
        Assert.False(State(rule, _one).IsUsed);
        Assert.True(State(rule, _two).IsUsed);
        FamilyTable table = _routing[RouteFamily.Ipv4FlowSpec];
        Assert.True(table.TryFind(rule, out DestinationId id));
        Assert.Equal(DecisionStep.Feasibility, table.Explain(id)[1].Step);
    }

    [Fact]
    public void WhoIsNotCheckedAndWhoIsOfOurOwnAsNeedsNoUnicastRoute()
    {
        Nlri rule = Rule("10.1.2.0/24");
        Nlri everything = Rule(null);
        Announce(rule, _unchecked, 65003);
        Assert.True(State(rule, _unchecked).IsUsed);
        Announce(everything, _unchecked, 65003);
        Assert.True(State(everything, _unchecked).IsUsed);
        Announce(rule, _inside);
        Announce(everything, _inside);
        Assert.Equal(FlowSpecVerdict.Feasible, State(rule, _inside).Verdict);
        Assert.Equal(FlowSpecVerdict.NoDestination, State(everything, _inside).Verdict);
    }

    /// <summary>Whatever order rules and unicast routes come and go in, the outcome is that of judging everything at the end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TheOrderOfEventsDoesNotMatter(int seed)
    {
        var random = new Random(seed);
        SourceId[] sources = [_one, _two];
        Nlri[] rules = [.. Enumerable.Range(0, 12).Select(i => Rule($"10.{i % 3}.{i / 3 * 16}.0/{20 + i % 3}"))];
        FamilyTable table = _routing[RouteFamily.Ipv4FlowSpec];
        for (var step = 0; step < 4000; step++)
        {
            var who = random.Next(2);
            var prefix = $"10.{random.Next(3)}.{random.Next(4) * 16}.0/{random.Next(16, 24)}";
            switch (random.Next(4))
            {
                case 0:
                    Announce(rules[random.Next(rules.Length)], sources[who], 65001 + (uint)who);
                    break;
                case 1:
                    _ = table.Withdraw(rules[random.Next(rules.Length)], sources[who], 0);
                    break;
                case 2:
                    Unicast(prefix, sources[who], 65001 + (uint)who);
                    break;
                default:
                    Withdraw(prefix, sources[who]);
                    break;
            }

            if (random.Next(5) == 0)
            {
                while (_routing.Settle(1 + random.Next(3)) > 0)
                {
                }

                foreach (Nlri rule in rules)
                {
                    if (!table.TryFind(rule, out DestinationId id))
                    {
                        continue;
                    }

                    var any = false;
                    foreach (PathId path in table.PathsOf(id))
                    {
                        FlowSpecVerdict verdict = _routing.FlowSpecValidations[0].Judge(path);
                        Assert.Equal(verdict != FlowSpecVerdict.Feasible, table.Row(path).IsInfeasible);
                        any |= verdict == FlowSpecVerdict.Feasible;
                    }

                    Assert.Equal(any, !table.BestOf(id).IsNone);
                }
            }
        }
    }

    private SourceId Source(string address, uint number, bool validates = true) => _routing.Sources.Add(new()
    {
        Kind = SourceKind.Ebgp,
        Address = IpAddress.Parse(address),
        RouterId = IpAddress.Parse(address).V4.Value,
        As = new(number),
        Name = address,
        ValidatesFlowSpecs = validates,
    });

    // Bits beyond the length are forgotten.
    private static IpPrefix PrefixOf(string text) =>
        IpPrefix.Of(IpAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]), byte.Parse(text.AsSpan(text.IndexOf('/', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture));

    private Nlri Rule(string? destination)
    {
        FlowSpecMatch tcp = new(FlowSpecComponentType.Protocol, [new(false, 1, 6)]);
        FlowSpecRule rule = destination is null
            ? new(AddressFamily.Ipv4, tcp)
            : new(AddressFamily.Ipv4, FlowSpecPrefix.Of(FlowSpecComponentType.DestinationPrefix, PrefixOf(destination).V4), tcp);
        return new Nlri(default, 0, _routing.FlowSpecs.Intern(rule.Encode()), 0);
    }

    private void Announce(Nlri nlri, SourceId source, params uint[] path) => Announce(RouteFamily.Ipv4FlowSpec, nlri, source, path);

    private void Unicast(string prefix, SourceId source, params uint[] path) =>
        Announce(RouteFamily.Ipv4Unicast, Nlri.Of(PrefixOf(prefix)), source, path);

    private void Withdraw(string prefix, SourceId source) => _ = _routing[RouteFamily.Ipv4Unicast].Withdraw(
        Nlri.Of(PrefixOf(prefix)), source, 0);

    private void Announce(RouteFamily family, Nlri nlri, SourceId source, uint[] path)
    {
        AttributeSetId set = new SomeAttributes { NextHop = "10.0.0.1", Path = path }.InternInto(_routing.Attributes);
        _routing.Attributes.Acquire(set);
        _ = _routing[family].Announce(nlri, source, 0, set, set, 0);
    }

    private (bool IsUsed, FlowSpecVerdict Verdict) State(Nlri rule, SourceId source)
    {
        _ = _routing.Settle();
        FamilyTable table = _routing[RouteFamily.Ipv4FlowSpec];
        Assert.True(table.TryFind(rule, out DestinationId id));
        PathId path = table.FindPath(id, source, 0);
        return (table.BestOf(id) == path, _routing.FlowSpecValidations[0].Judge(path));
    }
}
