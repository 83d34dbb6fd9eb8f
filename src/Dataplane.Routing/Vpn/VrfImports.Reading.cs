using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Vpn;

/// <content>What is asked of the routes, and which destinations aggregates stand for.</content>
internal sealed partial class VrfImports<TKey>
{
    public override int Find(VrfIndex vrf, in Nlri nlri)
    {
        var key = TKey.Of(vrf, nlri);
        var route = _index.Find(key, key.Hash);
        return route >= 0 && _routes[route].Members != 0 ? route : -1;
    }

    public override int CountOf(VrfIndex vrf) => vrf.Value < _ofVrf.Capacity ? _ofVrf[vrf.Value].Known : 0;

    public override int FirstOf(VrfIndex vrf) => vrf.Value < _ofVrf.Capacity ? _ofVrf[vrf.Value].First - 1 : -1;

    public override int NextOf(int route) => _routes[route].Next;

    public override int MembersOf(int route) => _routes[route].Members;

    public override VrfIndex VrfOf(int route) => _routes[route].Key.Vrf;

    public override Nlri NlriOf(int route) => _routes[route].Key.Nlri;

    public override int FirstLinkOf(int route) => _routes[route].First;

    public override int NextLinkOf(int link) => _links[link].NextOfRoute;

    public override VrfCandidate CandidateOf(int link)
    {
        ref ImportLink row = ref _links[link];
        PathId path = PathOf(link);
        AttributeSetId attributes = (row.Flags & LinkFlags.Rewritten) != 0 ? _rewritten[link]
            : path.IsNone ? AttributeSetId.None : Table.Row(path).Accepted;
        AttributeStore sets = _attributes;
        IpAddress? nextHop = attributes.IsNone || sets.Summary(attributes).NextHop.IsNone ? null : sets.NextHops[sets.Summary(attributes).NextHop];
        return new()
        {
            Destination = row.Destination,
            Path = path,
            Attributes = attributes,
            Label = path.IsNone ? default : new Label20(Table.Row(path).Label >> 4),
            Source = path.IsNone ? default : Table.Row(path).Source,
            NextHop = nextHop,
            IsNextHop = (row.Flags & LinkFlags.Member) != 0,
            IsBest = _routes[row.Route].First == link && (row.Flags & LinkFlags.Member) != 0,
        };
    }

    public override int LinksOf(DestinationId destination, Span<VrfIndex> vrfs)
    {
        var count = 0;
        if (destination.Value < _ofDestination.Capacity)
        {
            for (var link = (int)(_ofDestination[destination.Value] & HeadMask) - 1; link >= 0; link = _links[link].Next)
            {
                if (count < vrfs.Length)
                {
                    vrfs[count] = _routes[_links[link].Route].Key.Vrf;
                }

                count++;
            }
        }

        return count;
    }

    public override bool IsSuppressed(DestinationId destination) =>
        destination.Value < _ofDestination.Capacity && (_ofDestination[destination.Value] & Suppressed) != 0;

    public override void SuppressionChanged(VrfIndex vrf, IpPrefix aggregate)
    {
        for (var route = FirstOf(vrf); route >= 0; route = NextOf(route))
        {
            if (_routes[route].Key.Nlri.Prefix(Family) is var prefix && prefix.Length > aggregate.Length && aggregate.Contains(prefix))
            {
                for (var link = _routes[route].First; link >= 0; link = _links[link].NextOfRoute)
                {
                    UpdateSuppression(_links[link].Destination);
                }
            }
        }
    }

    private void UpdateSuppression(DestinationId destination)
    {
        ref var state = ref _ofDestination[destination.Value];
        var isSuppressed = false;
        if (_vrfs.SuppressingAggregates != 0 && !Family.IsFlowSpec)
        {
            for (var link = (int)(state & HeadMask) - 1; link >= 0 && !isSuppressed; link = _links[link].Next)
            {
                TKey key = _routes[_links[link].Route].Key;
                VrfAggregates aggregates = _vrfs.RowOf(key.Vrf).AggregateStates;
                isSuppressed = aggregates.Suppressing != 0 && aggregates.Suppress(key.Nlri.Prefix(Family));
            }
        }

        if (isSuppressed != ((state & Suppressed) != 0))
        {
            state ^= Suppressed;
            _vrfs.TellSuppressed(Family, destination, isSuppressed);
        }
    }
}
