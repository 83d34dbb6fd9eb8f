using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Gateway;

/// <summary>The policies of a configuration with the sets that they name put in their place.</summary>
internal sealed class PolicyReader
{
    private readonly VersionCommunity _versions;
    private readonly Dictionary<string, PrefixSetConfiguration> _prefixes;
    private readonly Dictionary<string, CommunitySetConfiguration> _communities;
    private readonly Dictionary<string, AsPathSetConfiguration> _paths;

    private PolicyReader(DataplaneConfiguration configuration)
    {
        _versions = configuration.Bgp?.VersionCommunity ?? VersionCommunity.MacMobility;
        _prefixes = configuration.PrefixSets.ToDictionary(static set => set.Name, StringComparer.Ordinal);
        _communities = configuration.CommunitySets.ToDictionary(static set => set.Name, StringComparer.Ordinal);
        _paths = configuration.AsPathSets.ToDictionary(static set => set.Name, StringComparer.Ordinal);
    }

    /// <summary>The policies of a configuration that the loader found sound.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="before">The policies in force until now; null for none.</param>
    public static PolicySet Read(DataplaneConfiguration configuration, PolicySet? before = null)
    {
        var reader = new PolicyReader(configuration);
        return new PolicySet(configuration.Policies.Select(policy => new PolicyDefinition
        {
            Name = policy.Name,
            AcceptsByDefault = policy.AcceptsByDefault,
            Terms = [.. policy.Terms.Select(term => new PolicyTerm
            {
                Name = term.Name,
                Matches = [.. reader.Matches(term.Match)],
                Call = term.Call,
                Actions = [.. Changes(term.Then)],
                Outcome = term.Outcome,
            })],
        }), before);
    }

    private static IEnumerable<RouteAction> Changes(ChangeConfiguration then)
    {
        if (then.Communities is { } communities)
            yield return Edit(CommunityKind.Standard, communities);
        if (then.ExtendedCommunities is { } extended)
            yield return Edit(CommunityKind.Extended, extended);
        if (then.RouteTargets is { } targets)
        {
            yield return new EditCommunities(
                CommunityKind.Extended,
                targets.Set is null ? targets.Remove : [CommunityPattern.AnyRouteTarget],
                (targets.Set ?? targets.Add).Select(CommunityValue.Extended));
        }
        if (then.LargeCommunities is { } large)
            yield return Edit(CommunityKind.Large, large);
        if (then.LocalPref is { } localPref)
            yield return new SetLocalPref(localPref);
        if (then.Med is { } med)
            yield return med.Value is { } value ? new SetMed(value, med.IsSum) : new RemoveMed();
        if (then.Origin is { } origin)
            yield return new SetOrigin(origin);
        if (then.Prepend is { } prepend)
            yield return new PrependAs(prepend.As, prepend.Count);
        if (then.NextHop is { } nextHop)
        {
            yield return nextHop.Mode switch
            {
                PolicyNextHop.Self => SetNextHop.Self,
                PolicyNextHop.Unchanged => SetNextHop.Unchanged,
                _ => SetNextHop.To(nextHop.Address),
            };
        }
    }

    private static EditCommunities Edit(CommunityKind kind, CommunityChange change) =>
        new(kind, change.Remove, change.Set ?? change.Add, removesAll: change.Set is not null);

    private IEnumerable<RouteMatch> Matches(MatchConfiguration match)
    {
        // The cheap and the choosy ones first.
        if (match.Families.Count > 0)
            yield return new FamilyMatch([.. match.Families]);
        if (match.Sources.Count > 0)
            yield return new SourceKindMatch([.. match.Sources]);
        if (match.FromPeers.Count > 0)
            yield return new SourceAddressMatch(Prefixes(match.FromPeers));
        if (match.Peers.Count > 0)
            yield return new PeerMatch(Prefixes(match.Peers));
        if (match.PeerAs.Count > 0)
            yield return new PeerAsMatch(Numbers(match.PeerAs));
        if (match.Distinguishers.Count > 0)
            yield return new DistinguisherMatch(match.Distinguishers);
        if (match.Prefixes.Count > 0)
            yield return new PrefixMatch(Prefixes(match.Prefixes));
        if (match.Origin.Count > 0)
            yield return new OriginMatch([.. match.Origin]);
        if (match.LocalPref is { } localPref)
            yield return new LocalPrefMatch(localPref);
        if (match.Med is { } med)
            yield return new MedMatch(med);
        if (match.Version is { } version)
            yield return new VersionMatch(version, _versions);
        if (match.NextHop.Count > 0)
            yield return new NextHopMatch(Prefixes(match.NextHop));
        if (match.RouteTargets.Count > 0)
            yield return new RouteTargetMatch(new CommunitySet(match.RouteTargets));
        if (match.Communities.Count > 0)
            yield return new CommunityMatch(Communities(match.Communities), SetMode.Any);
        if (match.AllCommunities.Count > 0)
            yield return new CommunityMatch(Communities(match.AllCommunities), SetMode.All);
        if (match.NoCommunities.Count > 0)
            yield return new CommunityMatch(Communities(match.NoCommunities), SetMode.None);
        if (match.AsPathLength is { } length)
            yield return new AsPathLengthMatch(length);
        if (match.NeighborAs.Count > 0)
            yield return new NeighborAsMatch(Numbers(match.NeighborAs));
        if (match.OriginatedBy.Count > 0)
            yield return new OriginatedByMatch(Numbers(match.OriginatedBy));
        if (match.AsPathContains.Count > 0)
            yield return new AsPathContainsMatch(Numbers(match.AsPathContains));
        if (match.AsPathSet is { } set)
            yield return new AsPathPatternMatch(_paths[set].Patterns);
    }

    private PrefixSet Prefixes(IEnumerable<SetEntry<PrefixRange>> entries) =>
        new(entries.SelectMany(entry => entry.Name is null ? [entry.Value] : _prefixes[entry.Name].Prefixes));

    private CommunitySet Communities(IEnumerable<SetEntry<CommunityPattern>> entries) =>
        new(entries.SelectMany(entry => entry.Name is null ? [entry.Value!] : _communities[entry.Name].Communities));

    private AsSet Numbers(IEnumerable<SetEntry<AsRange>> entries) =>
        new(entries.SelectMany(entry => entry.Name is null ? [entry.Value] : _paths[entry.Name].Numbers));
}
