using Dataplane.Host.Configuration.Values;
using Dataplane.Routing.Policy;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of entries of <c>policies</c> and of the sets that they name.</summary>
internal static class PolicyKeys
{
    public static readonly ConfigurationKey<string> PrefixSetName = Required("name", BgpValues.Name,
        "Unique name.");

    public static readonly ConfigurationKey<IReadOnlyList<PrefixRange>> Prefixes = List("prefixes",
        new ListValue<PrefixRange>(BgpValues.PrefixRange, "prefixes", unique: true),
        "Prefixes: 10.0.0.0/8 is itself only, \"10.0.0.0/8 le 24\" itself and what is in it up to /24, \"10.0.0.0/8 ge 16 le 24\" what is in it "
        + "from /16 to /24. Where addresses are matched, the lengths do not count.");

    public static readonly MappingValue<PrefixSetConfiguration> PrefixSetMapping = new(
        "a prefix set",
        static m => new PrefixSetConfiguration(m.Get(PrefixSetName), m.Get(Prefixes)),
        PrefixSetName, Prefixes);

    public static readonly ConfigurationKey<string> CommunitySetName = Required("name", BgpValues.Name,
        "Unique name.");

    public static readonly ConfigurationKey<IReadOnlyList<CommunityPattern>> Communities = List("communities",
        new ListValue<CommunityPattern>(BgpValues.AnyCommunities, "communities", unique: true),
        "Communities of any kinds: 65000:1, no-export, rt:65000:1, soo:65000:1, 65000:1:2, 0x and sixteen digits; * stands for any number.");

    public static readonly MappingValue<CommunitySetConfiguration> CommunitySetMapping = new(
        "a community set",
        static m => new CommunitySetConfiguration(m.Get(CommunitySetName), m.Get(Communities)),
        CommunitySetName, Communities);

    public static readonly ConfigurationKey<string> AsPathSetName = Required("name", BgpValues.Name,
        "Unique name.");

    public static readonly ConfigurationKey<IReadOnlyList<AsRange>> Numbers = List("as",
        new ListValue<AsRange>(NumberValues.AsRange, "AS numbers", unique: true),
        "AS numbers and ranges of them, for the matches 'as-path-contains', 'originated-by', 'neighbor-as' and 'peer-as'.");

    public static readonly ConfigurationKey<IReadOnlyList<AsPathPattern>> Patterns = List("patterns",
        new ListValue<AsPathPattern>(BgpValues.AsPath, "patterns", unique: true),
        "Patterns for the match 'as-path', with AS numbers as letters: . for any, 64512-64520, [65000 65010], [^65000], (…|…), * + ?, ^ and $.");

    public static readonly MappingValue<AsPathSetConfiguration> AsPathSetMapping = new(
        "an AS path set",
        static m => new AsPathSetConfiguration(m.Get(AsPathSetName), m.Get(Numbers), m.Get(Patterns)),
        AsPathSetName, Numbers, Patterns);

    public static readonly ConfigurationKey<string> TermName = Required("name", BgpValues.Name,
        "Name, unique in the policy.");

    public static readonly ConfigurationKey<MatchConfiguration> Match = Section("match", MatchKeys.Mapping,
        "What a route has to satisfy, all of it. Default: every route does.");

    public static readonly ConfigurationKey<string?> Call = Optional("call", BgpValues.Name,
        "Policy that such a route goes through first. What it rejects is rejected; its changes stay, and this term goes on.");

    public static readonly ConfigurationKey<ChangeConfiguration> Then = Section("then", ChangeKeys.Mapping,
        "What is changed.");

    public static readonly ConfigurationKey<TermOutcome> Outcome = Required(
        "action",
        new ChoiceValue<TermOutcome>([
            new("accept", TermOutcome.Accept, "the route passes"),
            new("reject", TermOutcome.Reject, "it does not"),
            new("next", TermOutcome.Next, "it goes on to the next term, which sees the changes"),
        ]),
        "What then becomes of the route.");

    public static readonly MappingValue<TermConfiguration> TermMapping = new(
        "a term",
        static m => new TermConfiguration(m.Get(TermName), m.Get(Match), m.Get(Call), m.Get(Then), m.Get(Outcome)),
        TermName, Match, Call, Then, Outcome);

    public static readonly ConfigurationKey<string> PolicyName = Required("name", BgpValues.Name,
        "Unique name. There are always 'accept-all' and 'reject-all'.");

    public static readonly ConfigurationKey<IReadOnlyList<TermConfiguration>> Terms = List("terms",
        new ListValue<TermConfiguration>(TermMapping, "terms"),
        "The terms in the order in which a route meets them.");

    public static readonly ConfigurationKey<bool> Default = WithDefault(
        "default",
        new ChoiceValue<bool>([new("accept", true, "it passes"), new("reject", false, "it does not")]),
        false,
        "What becomes of a route that no term decides about.");

    public static readonly MappingValue<PolicyConfiguration> PolicyMapping = new(
        "a policy",
        static m => new PolicyConfiguration(m.Get(PolicyName), m.Get(Terms), m.Get(Default)),
        PolicyName, Terms, Default);
}
