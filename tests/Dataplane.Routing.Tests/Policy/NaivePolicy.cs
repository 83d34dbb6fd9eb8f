using Dataplane.Net;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>A term in both forms: as the engine has it, and as functions over routes as people think of them.</summary>
internal sealed record NaiveTerm(
    PolicyTerm Term, Func<SampleRoute, bool> Matches, Func<SampleRoute, SampleRoute> Change, NaivePolicy? Call);

/// <summary>A policy evaluated in the plainest way.</summary>
internal sealed record NaivePolicy(PolicyDefinition Definition, IReadOnlyList<NaiveTerm> Terms)
{
    public (bool Accepted, SampleRoute Route, string By) Evaluate(SampleRoute route)
    {
        foreach (NaiveTerm term in Terms)
        {
            if (!term.Matches(route))
            {
                continue;
            }

            if (term.Call is { } called)
            {
                (bool accepted, SampleRoute changed, string by) = called.Evaluate(route);
                if (!accepted)
                {
                    return (false, route, by);
                }

                route = changed;
            }

            route = term.Change(route);
            if (term.Term.Outcome != TermOutcome.Next)
            {
                return (term.Term.Outcome == TermOutcome.Accept, route, $"{Definition.Name}/{term.Term.Name}");
            }
        }

        return (Definition.AcceptsByDefault, route, Definition.Name + "/");
    }
}

/// <summary>Makes policies and routes up, from values so few that they meet.</summary>
internal sealed class PolicyMaker(Random random)
{
    private static readonly string[] Standard = ["65000:1", "65000:2", "65001:1", "no-export"];
    private static readonly string[] Extended = ["rt:65000:1", "rt:65000:2", "rt:203.0.113.17:1", "soo:65000:1", "0x0600000000000003"];
    private static readonly string[] Large = ["65000:1:1", "65000:1:2", "65001:1:1"];

    public SampleRoute Route() => new()
    {
        Family = Any(RouteFamily.Ipv4Unicast, RouteFamily.Ipv6Unicast, RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint) is var family
            ? family : default,
        Prefix = family.AddressFamily == AddressFamily.Ipv6
            ? $"{IpPrefix.Of(Ipv6Address.Parse(Any("2001:db8::", "2001:db8:1::")), (byte)random.Next(30, 50))}"
            : $"{IpPrefix.Of(Ipv4Address.Parse(Any("10.0.0.0", "10.128.0.0", "192.0.2.0")), (byte)random.Next(0, 33))}",
        Distinguisher = Any("65000:1", "65000:2", "203.0.113.17:1"),
        Path = [.. Enumerable.Range(0, random.Next(3)).Select(_ => (uint[])[.. random.Next(4) == 0 ? [0u] : Array.Empty<uint>(), .. Numbers(1, 4)])],
        NextHop = Any<string?>(null, "203.0.113.17", "192.0.2.1", "2001:db8:f::17"),
        Origin = (byte)random.Next(3),
        LocalPref = Any<uint?>(null, 50, 100, 150),
        Med = Any<uint?>(null, 0, 10, 20),
        Communities = [.. SampleRoute.Values(Some(Standard)), .. SampleRoute.Values(Some(Extended)), .. SampleRoute.Values(Some(Large))],
        Source = Any(SourceKind.Local, SourceKind.Ibgp, SourceKind.Ebgp),
        SourceAddress = Any("203.0.113.9", "192.0.2.9"),
        Peer = Any("203.0.113.9", "192.0.2.9"),
        PeerAs = Any(65000u, 65010u),
    };

    public NaivePolicy Policy(string name, IReadOnlyList<NaivePolicy> callable)
    {
        NaiveTerm[] terms = [.. Enumerable.Range(0, random.Next(1, 5)).Select(index => Term($"t{index}", callable))];
        return new(
            new PolicyDefinition { Name = name, Terms = [.. terms.Select(static term => term.Term)], AcceptsByDefault = random.Next(2) == 0 }, terms);
    }

    private NaiveTerm Term(string name, IReadOnlyList<NaivePolicy> callable)
    {
        var matches = Enumerable.Range(0, random.Next(3)).Select(_ => Match()).ToArray();
        var actions = Enumerable.Range(0, random.Next(4)).Select(_ => Action()).ToArray();
        NaivePolicy? called = callable.Count > 0 && random.Next(4) == 0 ? callable[random.Next(callable.Count)] : null;
        var term = new PolicyTerm
        {
            Name = name,
            Matches = [.. matches.Select(static match => match.Match)],
            Actions = [.. actions.Select(static action => action.Action)],
            Call = called?.Definition.Name,
            Outcome = (TermOutcome)random.Next(3),
        };
        return new(
            term, route => matches.All(match => match.Naive(route)), route => actions.Aggregate(route, static (changed, action) => action.Naive(changed)), called);
    }

    private (RouteMatch Match, Func<SampleRoute, bool> Naive) Match()
    {
        uint low = (uint)random.Next(3) * 10, high = low + ((uint)random.Next(3) * 60);
        var number = (uint)random.Next(1, 4);
        var set = new AsSet([new AsRange(new(number), new(number + 1))]);
        bool IsIn(uint given) => given == number || given == number + 1;
        switch (random.Next(13))
        {
            case 0:
                var (prefix, min, max) = (IpPrefix.Parse(Any("10.0.0.0/8", "0.0.0.0/0", "10.128.0.0/9", "2001:db8::/32")), random.Next(32, 40), random.Next(40, 49));
                (min, max) = prefix.Address.IsV6 ? (min, max) : (min - 16, max - 16);
                return (new PrefixMatch(new([new PrefixRange(prefix, (byte)min, (byte)max)])), route => route.Family <= RouteFamily.VpnIpv6
                    && IpPrefix.Parse(route.Prefix) is var given && given.Length >= min && given.Length <= max && prefix.Contains(given));
            case 1:
                RouteFamily family = Any(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.Ipv4Unicast);
                return (new FamilyMatch([family]), route => route.Family == family);
            case 2:
                var distinguisher = Any("65000:1", "65000:*", "203.0.113.17:*");
                _ = DistinguisherPattern.TryParse(distinguisher, out DistinguisherPattern pattern);
                return (new DistinguisherMatch([pattern]), route => route.Family is RouteFamily.VpnIpv4 or RouteFamily.VpnIpv6
                    && (route.Distinguisher == distinguisher || route.Distinguisher.StartsWith(distinguisher.TrimEnd('*'), StringComparison.Ordinal) == distinguisher.EndsWith('*')
                        && distinguisher.EndsWith('*')));
            case 3:
                string[] wanted = [.. Some(Standard), .. Some(Extended), .. Some(Large)];
                var mode = (SetMode)random.Next(3);
                return (new CommunityMatch(new(wanted.Select(Pattern)), mode), route =>
                {
                    var has = wanted.Select(text => route.Communities.Any(value => value == SampleRoute.Values(text)[0])).ToArray();
                    return mode switch { SetMode.Any => has.Contains(true), SetMode.All => !has.Contains(false), _ => !has.Contains(true) };
                }
                );
            case 4:
                return (new CommunityMatch(new([Pattern("65000:*"), Pattern("rt:65000:*"), Pattern("*:1:2")]), SetMode.Any), static route => route.Communities.Any(
                    static value => value.Kind switch
                    {
                        CommunityKind.Standard => value.ToString().StartsWith("65000:", StringComparison.Ordinal),
                        CommunityKind.Extended => value.ToString().StartsWith("rt:65000:", StringComparison.Ordinal),
                        _ => value.ToString().EndsWith(":1:2", StringComparison.Ordinal),
                    }));
            case 5:
                return (new AsPathLengthMatch(new(1, number)), route => route.Path.Sum(static s => s is [0, ..] ? 1 : s.Length) is var length && length >= 1 && length <= number);
            case 6:
                return (new AsPathContainsMatch(set), route => route.Path.Any(s => s.Any(n => n != 0 && IsIn(n))));
            case 7:
                return (new OriginatedByMatch(set), route => route.Path.Count > 0 && route.Path[^1] is not [0, ..] && IsIn(route.Path[^1][^1]));
            case 8:
                return (new NeighborAsMatch(set), route => route.Path.Count > 0 && route.Path[0] is not [0, ..] && IsIn(route.Path[0][0]));
            case 9:
                return (new MedMatch(new(low, high)), route => route.Med >= low && route.Med <= high);
            case 10:
                return (new LocalPrefMatch(new(low, high)), route => (route.LocalPref ?? 100) >= low && (route.LocalPref ?? 100) <= high);
            case 11:
                var hop = IpPrefix.Parse(Any("203.0.113.0/24", "2001:db8::/32"));
                return (new NextHopMatch(new([PrefixRange.Exactly(hop)])), route => route.NextHop is { } given && hop.Contains(IpAddress.Parse(given)));
            default:
                SourceKind kind = Any(SourceKind.Local, SourceKind.Ebgp);
                var from = IpPrefix.Parse("192.0.2.0/24");
                return random.Next(2) == 0
                    ? (new SourceKindMatch([kind]), route => route.Source == kind)
                    : (new SourceAddressMatch(new([PrefixRange.Exactly(from)])),
                        route => route.Source != SourceKind.Local && from.Contains(IpAddress.Parse(route.SourceAddress)));
        }
    }

    private (RouteAction Action, Func<SampleRoute, SampleRoute> Naive) Action()
    {
        var value = (uint)random.Next(4) * 50;
        switch (random.Next(7))
        {
            case 0:
                return (new SetLocalPref(value), route => route with { LocalPref = value });
            case 1:
                var change = random.Next(-20, 20);
                return (new SetMed(change, isSum: true), route => route with { Med = (uint)Math.Max(0, (route.Med ?? 0) + change) });
            case 2:
                return (new RemoveMed(), static route => route with { Med = null });
            case 3:
                var origin = (byte)random.Next(3);
                return (new SetOrigin((RouteOrigin)origin), route => route with { Origin = origin });
            case 4:
                var address = Any("192.0.2.7", "2001:db8::7");
                return (SetNextHop.To(IpAddress.Parse(address)), route => route with { NextHop = address });
            case 5:
                var (number, count) = ((uint)random.Next(1, 4), random.Next(1, 4));
                return (new PrependAs(new(number), count), route =>
                {
                    var front = Enumerable.Repeat(number, count);
                    return route with
                    {
                        Path = route.Path.Count > 0 && route.Path[0] is not [0, ..]
                        ? [[.. front, .. route.Path[0]], .. route.Path.Skip(1)] : [[.. front], .. route.Path]
                    };
                }
                );
            default:
                var (kind, pool) = random.Next(3) switch { 0 => (CommunityKind.Standard, Standard), 1 => (CommunityKind.Extended, Extended), _ => (CommunityKind.Large, Large) };
                string[] removed = [.. Some(pool)], added = [.. Some(pool)];
                var all = random.Next(4) == 0;
                return (new EditCommunities(kind, removed.Select(Pattern), SampleRoute.Values(added), all), route =>
                {
                    var kept = route.Communities.Where(v => v.Kind == kind && !all && !SampleRoute.Values(removed).Contains(v)).ToList();
                    IEnumerable<CommunityValue> edited = kept.Concat(SampleRoute.Values(added).Where(v => !kept.Contains(v)));
                    return route with { Communities = [.. route.Communities.Where(v => v.Kind < kind), .. edited, .. route.Communities.Where(v => v.Kind > kind)] };
                }
                );
        }
    }

    private static CommunityPattern Pattern(string text) =>
        CommunityPattern.Parse(text, out CommunityPattern? pattern) is null ? pattern! : throw new FormatException(text);

    private T Any<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    private IEnumerable<string> Some(string[] values) => values.Where(_ => random.Next(3) == 0).ToArray();

    private IEnumerable<uint> Numbers(int least, int most) => Enumerable.Range(0, random.Next(least, most)).Select(_ => (uint)random.Next(1, 5)).ToArray();
}
