using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// Validates the flow specifications of one address family with its unicast routes (RFC 8955 §6, RFC 9117 §4): a path that is not feasible
/// stays in the table and is never selected. Rules are judged as they settle, and again when a unicast route that covers their destination, or is
/// inside it, is another. Routing thread.
/// </summary>
/// <remarks>Flow specifications of VPNs are for the VRFs that import them, whose unicast routes come from elsewhere: they are not judged here.</remarks>
public sealed class FlowSpecValidation : IBestPathListener, IFlowSpecUnicastRoutes
{
    private readonly RoutingBase _routes;
    private readonly FamilyTable _unicast;
    private readonly FamilyTable _rules;
    private readonly AddressFamily _family;
    private readonly Dictionary<DestinationId, IpPrefix> _destinations = [];
    private readonly Dictionary<Place, List<DestinationId>> _byPlace = [];
    private readonly SortedSet<Place> _rulePlaces = [];

    // The unicast routes in order, while there are rules that ask for those inside a prefix.
    private SortedSet<Place>? _places;

    internal FlowSpecValidation(RoutingBase routes, AddressFamily family)
    {
        _routes = routes;
        _family = family;
        _unicast = routes[family == AddressFamily.Ipv6 ? RouteFamily.Ipv6Unicast : RouteFamily.Ipv4Unicast];
        _rules = routes[family == AddressFamily.Ipv6 ? RouteFamily.Ipv6FlowSpec : RouteFamily.Ipv4FlowSpec];
        _rules.Feasibility = IsFeasible;
        _rules.AddListener(this);
        _unicast.AddListener(this);
    }

    /// <summary>How many rules depend on unicast routes.</summary>
    public int Count => _destinations.Count;

    /// <summary>What the RFCs say of a path; feasible where its source is not validated.</summary>
    public FlowSpecVerdict Judge(PathId path)
    {
        ref readonly PathRow row = ref _rules.Row(path);
        SourceInfo source = _routes.Sources[row.Source];
        if (!source.ValidatesFlowSpecs || row.Accepted.IsNone)
        {
            return FlowSpecVerdict.Feasible;
        }

        FlowSpecRule? rule = RuleOf(row.Destination);
        return rule is null ? FlowSpecVerdict.NoDestination
            : FlowSpecFeasibility.Judge(rule, OriginOf(row, source), this, FlowSpecFeasibilityRules.Default);
    }

    /// <inheritdoc/>
    public FlowSpecOrigin? BestMatch(IpPrefix destination)
    {
        for (var length = (int)destination.Length; length >= 0; length--)
        {
            if (_unicast.TryFind(Nlri.Of(IpPrefix.Of(destination.Address, (byte)length)), out DestinationId id)
                && _unicast.BestOf(id) is { IsNone: false } best)
            {
                ref readonly PathRow row = ref _unicast.Row(best);
                return OriginOf(row, _routes.Sources[row.Source]);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool AllMoreSpecificsFrom(IpPrefix destination, AsNumber neighbor)
    {
        foreach (Place place in Places().GetViewBetween(Place.FirstIn(destination), Place.LastIn(destination)))
        {
            if (place.Length > destination.Length && _unicast.TryFind(Nlri.Of(place.Prefix(_family)), out DestinationId id)
                && _unicast.BestOf(id) is { IsNone: false } best)
            {
                ref readonly PathRow row = ref _unicast.Row(best);
                if (OriginOf(row, _routes.Sources[row.Source]).NeighborAs != neighbor)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void BestPathChanged(FamilyTable table, DestinationId destination, in BestChange change)
    {
        if (table == _rules)
        {
            if (!table.PathsOf(destination).GetEnumerator().MoveNext())
            {
                Forget(destination);
            }
        }
        else if (change.Kind != BestChangeKind.OtherPaths && _destinations.Count != 0)
        {
            UnicastChanged(_unicast.NlriOf(destination).Prefix(_unicast.Family), isThere: !change.New.IsNone);
        }
    }

    private static Ipv4Address? OriginatorOf(AttributeBlock block) =>
        block.TryGet(AttributeCode.OriginatorId, out ReadOnlySpan<byte> value) && value.Length == 4
            ? new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(value))
            : null;

    private bool IsFeasible(PathId path)
    {
        Remember(_rules.Row(path).Destination);
        return Judge(path) == FlowSpecVerdict.Feasible;
    }

    private FlowSpecOrigin OriginOf(in PathRow row, SourceInfo source)
    {
        AttributeBlock block = _routes.Attributes[row.Accepted];
        AsNumber? leftmost = AsPathView.Of(block).Neighbor;
        return new(
            OriginatorOf(block) is { } originator ? originator : source.Address,
            leftmost,
            leftmost ?? (source.Kind == SourceKind.Ebgp ? source.As : default),
            source.Kind == SourceKind.Ebgp);
    }

    private FlowSpecRule? RuleOf(DestinationId id) =>
        FlowSpecRule.TryDecode(_routes.FlowSpecs.Octets((uint)_rules.NlriOf(id).Low), _family, out FlowSpecRule? rule, out _) ? rule : null;

    private void Remember(DestinationId id)
    {
        if (_destinations.ContainsKey(id) || RuleOf(id)?.Destination is not { } prefix)
        {
            return;
        }

        _destinations.Add(id, prefix);
        Place place = Place.Of(prefix);
        if (!_byPlace.TryGetValue(place, out List<DestinationId>? rules))
        {
            _byPlace.Add(place, rules = []);
            _ = _rulePlaces.Add(place);
        }

        rules.Add(id);
    }

    private void Forget(DestinationId id)
    {
        if (!_destinations.Remove(id, out IpPrefix prefix))
        {
            return;
        }

        Place place = Place.Of(prefix);
        List<DestinationId> rules = _byPlace[place];
        _ = rules.Remove(id);
        if (rules.Count == 0)
        {
            _ = _byPlace.Remove(place);
            _ = _rulePlaces.Remove(place);
        }

        if (_destinations.Count == 0)
        {
            _places = null;
        }
    }

    // Rules whose destination has it inside, and those inside it.
    private void UnicastChanged(IpPrefix prefix, bool isThere)
    {
        var own = Place.Of(prefix);
        _ = isThere ? _places?.Add(own) : _places?.Remove(own);
        for (var length = 0; length < prefix.Length; length++)
        {
            Mark(Place.Of(IpPrefix.Of(prefix.Address, (byte)length)));
        }

        foreach (Place place in _rulePlaces.GetViewBetween(own, Place.LastIn(prefix)))
        {
            Mark(place);
        }
    }

    private void Mark(Place place)
    {
        if (_byPlace.TryGetValue(place, out List<DestinationId>? rules))
        {
            rules.ForEach(_rules.Mark);
        }
    }

    private SortedSet<Place> Places()
    {
        if (_places is not null)
        {
            return _places;
        }

        _places = [];
        for (var i = 0; i < _unicast.DestinationCapacity; i++)
        {
            if (_unicast.Exists(new(i)) && !_unicast.BestOf(new(i)).IsNone)
            {
                _ = _places.Add(Place.Of(_unicast.NlriOf(new(i)).Prefix(_unicast.Family)));
            }
        }

        return _places;
    }

    // A prefix in the order of addresses, those that contain others first.
    private readonly record struct Place(UInt128 Address, byte Length) : IComparable<Place>
    {
        public static Place Of(IpPrefix prefix) => new(ValueOf(prefix.Address), prefix.Length);

        public static Place FirstIn(IpPrefix prefix) => new(ValueOf(prefix.Address), 0);

        public static Place LastIn(IpPrefix prefix)
        {
            var hostBits = prefix.Address.Bits - prefix.Length;
            return new(ValueOf(prefix.Address) | ((hostBits == 128 ? UInt128.Zero : UInt128.One << hostBits) - 1), byte.MaxValue);
        }

        public IpPrefix Prefix(AddressFamily family) => family == AddressFamily.Ipv6
            ? IpPrefix.Of(new Ipv6Address((ulong)(Address >> 64), (ulong)Address), Length)
            : IpPrefix.Of(new Ipv4Address((uint)Address), Length);

        public int CompareTo(Place other) => Address != other.Address ? Address.CompareTo(other.Address) : Length.CompareTo(other.Length);

        private static UInt128 ValueOf(IpAddress address) =>
            address.Family == AddressFamily.Ipv6 ? new UInt128(address.V6.High, address.V6.Low) : address.V4.Value;
    }
}
