using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.In;

/// <summary>
/// Takes the routes of a peer's UPDATEs into the tables: loops are refused, the import policy is asked, both forms of the attributes are
/// interned once for all routes of a message. Routing thread.
/// </summary>
/// <remarks>
/// What policy rejects stays in the table as received, so that a new policy needs no refresh; what came in a loop is not kept, since with
/// reflectors in one cluster that would be a second copy of everything.
/// </remarks>
/// <param name="routes">The tables.</param>
/// <param name="counting">The memberships of an external peer that count.</param>
internal sealed class AdjRibIn(RoutingBase routes, Func<SourceId, IEnumerable<Nlri>> counting)
{
    // What is fetched for so many stays in the cache until it is used.
    private const int RoutesAtOnce = 64;

    private readonly AttributeBlockBuilder _result = new();
    private readonly AttributeBlockBuilder _prepared = new();
    private byte[] _path = new byte[1024];

    /// <summary>What of the peer and its settings decides about its routes.</summary>
    public required IncomingProfile Profile { get; set; }

    /// <summary>The import policy; null for none.</summary>
    public IRoutePolicy? Policy { get; set; }

    /// <summary>Counters of the peer.</summary>
    public required PeerCounters Counters { get; init; }

    /// <summary>Takes memberships; null when the session has no RT-Constraint.</summary>
    public MembershipFilter? Memberships { get; set; }

    /// <summary>Removes routes.</summary>
    public void Withdraw(PeerFamily family, ReadOnlySpan<NlriEntry> entries)
    {
        foreach (ref readonly NlriEntry entry in entries)
        {
            var counted = IsMembership(family) && IsAccepted(family.Table, entry);
            _ = family.Table.Withdraw(entry.Nlri, Profile.Source, entry.PathIdentifier);
            if (counted)
            {
                CountMembership(entry.Nlri, isThere: false);
            }
        }
    }

    /// <summary>Adds or replaces routes that share their attributes.</summary>
    public void Announce(PeerFamily family, AttributeBlock attributes, ReadOnlySpan<NlriEntry> entries)
    {
        RouteRefusal refusal = IncomingRules.Check(
            attributes, Profile.SpeakerAs, Profile.SessionAs, Profile.AllowAsIn, Profile.RouterId, Profile.ClusterId, Profile.IsInternal);
        if (refusal != RouteRefusal.None)
        {
            Counters.CountRefused(refusal, entries.Length);
            Withdraw(family, entries);
            return;
        }

        AttributeStore store = routes.Attributes;
        AttributeSetId received = store.Intern(attributes);
        store.Acquire(received, entries.Length - 1);
        if (Policy is { LooksAtNlri: true } || IsMembership(family))
        {
            foreach (ref readonly NlriEntry entry in entries)
            {
                AttributeSetId accepted = Accept(attributes, entry.Nlri, family.Family, received);
                Announce(family, entry, received, accepted);
            }

            return;
        }

        AttributeSetId shared = Accept(attributes, entries[0].Nlri, family.Family, received);
        store.Acquire(shared, entries.Length - 1);
        for (; !entries.IsEmpty; entries = entries[Math.Min(RoutesAtOnce, entries.Length)..])
        {
            ReadOnlySpan<NlriEntry> some = entries[..Math.Min(RoutesAtOnce, entries.Length)];
            if (some.Length > 1)
            {
                foreach (ref readonly NlriEntry entry in some)
                {
                    family.Table.Anticipate(entry.Nlri);
                }
            }

            foreach (ref readonly NlriEntry entry in some)
            {
                _ = family.Table.Announce(entry.Nlri, Profile.Source, entry.PathIdentifier, received, shared, entry.Label);
            }
        }
    }

    /// <summary>What import policy makes of a path that is there.</summary>
    public AttributeSetId Reaccept(FamilyTable table, PathId path)
    {
        ref readonly PathRow row = ref table.Row(path);
        return Accept(routes.Attributes[row.Received], table.NlriOf(row.Destination), table.Family, row.Received);
    }

    /// <summary>Counts the memberships of the peer anew, after paths went other than by a message.</summary>
    public void RecountMemberships(FamilyTable table)
    {
        if (Memberships is null)
        {
            return;
        }

        Memberships.Asked.Clear();
        Memberships.IsChanged = true;
        if (!Profile.IsInternal)
        {
            foreach (Nlri membership in counting(Profile.Source))
            {
                Memberships.Asked.Add(membership);
            }

            return;
        }

        for (var i = 0; i < table.DestinationCapacity && table.PathCountOf(Profile.Source) > 0; i++)
        {
            var destination = new DestinationId(i);
            if (!table.Exists(destination))
            {
                continue;
            }

            foreach (PathId path in table.PathsOf(destination))
            {
                if (table.Row(path).Source == Profile.Source && !table.Row(path).Accepted.IsNone)
                {
                    Memberships.Asked.Add(table.NlriOf(destination));
                }
            }
        }
    }

    /// <summary>A membership of an external peer counts now, or no more.</summary>
    public void MembershipCounts(in Nlri membership, bool counts)
    {
        if (Memberships is not null && !Profile.IsInternal)
        {
            CountMembership(membership, counts);
        }
    }

    private void Announce(PeerFamily family, in NlriEntry entry, AttributeSetId received, AttributeSetId accepted)
    {
        if (!IsMembership(family))
        {
            _ = family.Table.Announce(entry.Nlri, Profile.Source, entry.PathIdentifier, received, accepted, entry.Label);
            return;
        }

        var was = IsAccepted(family.Table, entry);
        _ = family.Table.Announce(entry.Nlri, Profile.Source, entry.PathIdentifier, received, accepted, entry.Label);
        if (was == accepted.IsNone)
        {
            CountMembership(entry.Nlri, !accepted.IsNone);
        }
    }

    /// <summary>The attributes after our own changes and import policy, with a reference; none when it rejects.</summary>
    private AttributeSetId Accept(AttributeBlock attributes, in Nlri nlri, RouteFamily family, AttributeSetId received)
    {
        var isPrepared = Profile.PrependOnImport is not null;
        if (Profile.PrependOnImport is { } number)
        {
            _prepared.Load(attributes);
            Prepend(_prepared, number);
            attributes = _prepared.Block;
        }

        switch (Policy?.Apply(attributes, nlri, family, Profile.PolicyContext, _result) ?? PolicyResult.Accepted)
        {
            case PolicyResult.Rejected:
                return AttributeSetId.None;
            case PolicyResult.Changed:
                return routes.Attributes.Intern(_result.Block);
            case PolicyResult.Accepted when isPrepared:
                return routes.Attributes.Intern(attributes);
            default:
                routes.Attributes.Acquire(received);
                return received;
        }
    }

    private void Prepend(AttributeBlockBuilder builder, AsNumber number)
    {
        _ = builder.Block.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> path);
        if (_path.Length < path.Length + 8)
        {
            _path = new byte[(path.Length + 8) * 2];
        }

        var length = AsPath.Prepend(path, number, _path);
        builder.Set(AttributeCode.AsPath, AttributeFlags.Transitive, _path.AsSpan(0, length));
    }

    // Those of an external peer are counted as they are selected.
    private bool IsMembership(PeerFamily family) => Memberships is not null && Profile.IsInternal && family.Family == RouteFamily.RouteTargetConstraint;

    private bool IsAccepted(FamilyTable table, in NlriEntry entry) =>
        table.TryFind(entry.Nlri, out DestinationId destination)
        && table.FindPath(destination, Profile.Source, entry.PathIdentifier) is { IsNone: false } path
        && !table.Row(path).Accepted.IsNone;

    private void CountMembership(in Nlri nlri, bool isThere)
    {
        Memberships!.IsChanged |= isThere ? Memberships.Asked.Add(nlri) : Memberships.Asked.Remove(nlri);
    }
}

/// <summary>What of a peer decides about the routes that it sends.</summary>
internal sealed record IncomingProfile
{
    /// <summary>The source of its paths.</summary>
    public required SourceId Source { get; init; }

    /// <summary>Our AS.</summary>
    public required AsNumber SpeakerAs { get; init; }

    /// <summary>The AS that the peer knows us as.</summary>
    public required AsNumber SessionAs { get; init; }

    /// <summary>How often our numbers may be in the AS_PATH.</summary>
    public int AllowAsIn { get; init; }

    /// <summary>Our router identifier.</summary>
    public required uint RouterId { get; init; }

    /// <summary>Our cluster.</summary>
    public required uint ClusterId { get; init; }

    /// <summary>Whether the peer is of our AS.</summary>
    public required bool IsInternal { get; init; }

    /// <summary>A local AS is put before what an external peer sends, unless it is configured not to.</summary>
    public AsNumber? PrependOnImport { get; init; }

    /// <summary>What policy may ask.</summary>
    public required PolicyContext PolicyContext { get; init; }
}
