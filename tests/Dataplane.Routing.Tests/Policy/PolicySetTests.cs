using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>Terms, calls, defaults, counters, and what a new set takes over.</summary>
public sealed class PolicySetTests
{
    private static readonly SampleRoute Route = new() { Med = 30, LocalPref = 100 };

    private static PolicyDefinition Define(string name, bool accepts, params IReadOnlyList<PolicyTerm> terms) =>
        new() { Name = name, Terms = terms, AcceptsByDefault = accepts };

    private static PolicyTerm Term(string name, TermOutcome outcome, uint? med = null, uint? localPref = null, string? call = null) => new()
    {
        Name = name,
        Matches = med is { } wanted ? [new MedMatch(new(wanted, wanted))] : [],
        Call = call,
        Actions = localPref is { } set ? [new SetLocalPref(set)] : [],
        Outcome = outcome,
    };

    [Fact]
    public void TermsDecideInOrderAndLaterOnesSeeChanges()
    {
        var set = new PolicySet([Define("p", false,
            Term("other", TermOutcome.Reject, med: 31),
            Term("raise", TermOutcome.Next, med: 30, localPref: 200),
            new PolicyTerm { Name = "raised", Matches = [new LocalPrefMatch(new(200, 200))], Actions = [new SetMed(5)], Outcome = TermOutcome.Accept },
            Term("never", TermOutcome.Reject))]);
        RoutePolicy policy = set.Find("p")!;
        (PolicyResult result, SampleRoute route) = Route.Through(policy);
        Assert.Equal((PolicyResult.Changed, 200u, 5u), (result, route.LocalPref!.Value, route.Med!.Value));
        Assert.Equal(("p", "raised"), set.Describe(policy.DecidingTerm));
        Assert.Equal(PolicyResult.Rejected, (Route with { Med = 31 }).Through(policy).Result);
        Assert.Equal(("p", "other"), set.Describe(policy.DecidingTerm));
        Assert.Equal([1, 1, 1, 0, 0], policy.Terms.Select(static term => term.Routes));
        Assert.False(policy.LooksAtNlri);
        Assert.False(policy.LooksAtPeer);
    }

    [Fact]
    public void DefaultsDecideWhatTermsDoNot()
    {
        var set = new PolicySet([Define("yes", true, Term("t", TermOutcome.Next, localPref: 7)), Define("no", false)]);
        (PolicyResult result, SampleRoute route) = Route.Through(set.Find("yes")!);
        Assert.Equal((PolicyResult.Changed, 7u), (result, route.LocalPref!.Value));
        Assert.Equal(("yes", null), set.Describe(set.Find("yes")!.DecidingTerm));
        Assert.Equal(PolicyResult.Rejected, Route.Through(set.Find("no")!).Result);
        Assert.Equal(PolicyResult.Accepted, Route.Through(set.Find(PolicySet.AcceptAll)!).Result);
        Assert.Equal(PolicyResult.Rejected, Route.Through(set.Find(PolicySet.RejectAll)!).Result);
        Assert.Null(set.Find("maybe"));
    }

    [Fact]
    public void CallsRejectForTheCallerAndKeepChangesWhenTheyAccept()
    {
        var set = new PolicySet([
            Define("caller", false, Term("ask", TermOutcome.Accept, call: "called", localPref: 9)),
            Define("called", true, Term("no", TermOutcome.Reject, med: 31), new PolicyTerm { Name = "mark", Actions = [new SetMed(1)], Outcome = TermOutcome.Accept }),
        ]);
        RoutePolicy caller = set.Find("caller")!;
        (PolicyResult result, SampleRoute route) = Route.Through(caller);
        Assert.Equal((PolicyResult.Changed, 9u, 1u), (result, route.LocalPref!.Value, route.Med!.Value));
        Assert.Equal(("caller", "ask"), set.Describe(caller.DecidingTerm));
        Assert.Equal(PolicyResult.Rejected, (Route with { Med = 31 }).Through(caller).Result);
        Assert.Equal(("called", "no"), set.Describe(caller.DecidingTerm));
    }

    [Fact]
    public void WhatAPolicyLooksAtIsSaid()
    {
        var set = new PolicySet([
            Define("prefix", true, new PolicyTerm { Name = "t", Matches = [new PrefixMatch(new([]))] }),
            Define("peer", true, new PolicyTerm { Name = "t", Matches = [new PeerMatch(new([]))] }),
            Define("both", true, Term("a", TermOutcome.Next, call: "prefix"), Term("b", TermOutcome.Next, call: "peer")),
        ]);
        Assert.Equal((true, false), (set.Find("prefix")!.LooksAtNlri, set.Find("prefix")!.LooksAtPeer));
        Assert.Equal((false, true), (set.Find("peer")!.LooksAtNlri, set.Find("peer")!.LooksAtPeer));
        Assert.Equal((true, true), (set.Find("both")!.LooksAtNlri, set.Find("both")!.LooksAtPeer));
    }

    [Fact]
    public void LoopsUnknownCallsAndNamesThatAreTwiceAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new PolicySet([Define("p", true, Term("t", TermOutcome.Next, call: "p"))]));
        Assert.Throws<ArgumentException>(() => new PolicySet([
            Define("p", true, Term("t", TermOutcome.Next, call: "q")), Define("q", true, Term("t", TermOutcome.Next, call: "p"))]));
        Assert.Throws<ArgumentException>(() => new PolicySet([Define("p", true, Term("t", TermOutcome.Next, call: "nobody"))]));
        Assert.Throws<ArgumentException>(() => new PolicySet([Define("p", true), Define("p", false)]));
    }

    [Fact]
    public void WhatStaysTheSameIsTakenOver()
    {
        PolicyDefinition[] Definitions(uint localPref) =>
        [
            Define("stays", true, Term("t", TermOutcome.Next, med: 30, localPref: 1)),
            Define("changes", true, Term("t", TermOutcome.Next, localPref: localPref)),
            Define("calls", true, Term("t", TermOutcome.Next, call: "changes")),
        ];
        var first = new PolicySet(Definitions(5));
        _ = Route.Through(first.Find("stays")!);
        var same = new PolicySet(Definitions(5), first);
        Assert.False(same.IsChanged);
        Assert.Same(first.Find("calls"), same.Find("calls"));
        var changed = new PolicySet(Definitions(6), same);
        Assert.True(changed.IsChanged);
        Assert.Same(first.Find("stays"), changed.Find("stays"));
        Assert.Equal(1, changed.Find("stays")!.Terms[0].Routes);
        Assert.NotSame(first.Find("changes"), changed.Find("changes"));
        Assert.NotSame(first.Find("calls"), changed.Find("calls"));
        _ = Route.Through(changed.Find("calls")!);
        Assert.Equal(("calls", null), changed.Describe(changed.Find("calls")!.DecidingTerm));
        Assert.True(new PolicySet([], changed).IsChanged);
    }

    [Fact]
    public void EvaluationAllocatesNothing()
    {
        CommunityPattern.Parse("65000:*", out CommunityPattern? pattern);
        AsPathPattern.Parse("^65010 .* [64512-64520]$", out AsPathPattern? path);
        PrefixRange.Parse("198.51.100.0/24 le 32", out PrefixRange prefix);
        RoutePolicy policy = new PolicySet([Define("p", false,
            new PolicyTerm
            {
                Name = "t",
                Matches =
                [
                    new FamilyMatch([RouteFamily.VpnIpv4]), new PrefixMatch(new([prefix])), new CommunityMatch(new([pattern!]), SetMode.Any),
                    new AsPathPatternMatch([path!]), new NextHopMatch(new([prefix])),
                ],
                Outcome = TermOutcome.Reject,
            },
            new PolicyTerm
            {
                Name = "u",
                Actions =
                [
                    new SetLocalPref(7), new SetMed(3, isSum: true), new PrependAs(null, 3), SetNextHop.Self,
                    new EditCommunities(CommunityKind.Extended, [CommunityPattern.AnyRouteTarget], SampleRoute.Values("rt:65000:9")),
                ],
                Outcome = TermOutcome.Accept,
            })]).Find("p")!;
        SampleRoute route = Route with { Path = [[65010, 1, 64512]], Communities = SampleRoute.Values("65000:3", "rt:65000:1") };
        var block = route.ToBlock();
        var nlri = route.Nlri;
        PolicyContext context = route.Context;
        var output = new AttributeBlockBuilder();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(PolicyResult.Changed, policy.Apply(new(block), nlri, route.Family, context, output));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _ = policy.Apply(new(block), nlri, route.Family, context, output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
