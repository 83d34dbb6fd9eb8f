using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Vpn;

/// <summary>A route of a VRF as it is selected, read from the tables; valid until they change. Routing thread.</summary>
public readonly struct VrfRouteView
{
    private readonly ImportTable _table;
    private readonly int _route;

    internal VrfRouteView(ImportTable table, int route)
    {
        _table = table;
        _route = route;
    }

    /// <summary>The VRF.</summary>
    public VrfIndex Vrf => _table.VrfOf(_route);

    /// <summary>The VPN family it came by.</summary>
    public RouteFamily Family => _table.Family;

    /// <summary>Its prefix or rule, without distinguisher.</summary>
    public Nlri Nlri => _table.NlriOf(_route);

    /// <summary>Its prefix; not of flow specifications.</summary>
    public IpPrefix Prefix => Nlri.Prefix(Family);

    /// <summary>Of a flow specification: the rule with its actions, for use by any thread; null when its octets cannot be read, or its path is about to go.</summary>
    public VrfFilter? ReadFilter()
    {
        if (_table.FirstLinkOf(_route) < 0)
        {
            return null; // its last candidate went; it is told with the next selection
        }

        VrfTable vrfs = _table.Vrfs;
        ReadOnlySpan<byte> octets = vrfs.Routing.FlowSpecs.Octets((uint)Nlri.Low);
        AttributeSetId attributes = Best.Attributes;
        if (attributes.IsNone || !FlowSpecRule.TryDecode(octets, Family.AddressFamily, out FlowSpecRule? rule, out _))
        {
            return null;
        }

        var filter = new VrfFilter(rule, VrfFilter.ActionsOf(vrfs.Routing.Attributes[attributes]), octets.ToArray());
        return filter.RedirectTarget is not { } target ? filter
            : new(rule, filter.Actions, octets.ToArray()) { RedirectVrf = vrfs.FindImporter(target)?.Name };
    }

    /// <summary>How many next hops it has, at least 1.</summary>
    public int NextHopCount => _table.MembersOf(_route);

    /// <summary>The best of its candidates.</summary>
    public VrfCandidate Best => _table.CandidateOf(_table.FirstLinkOf(_route));

    /// <summary>The candidates: next hops first, of these the best first; then those that are not used.</summary>
    public CandidateEnumerator Candidates => new(_table, _route);

    /// <summary>Copies the next hops, the best first.</summary>
    /// <returns>How many were copied: all, or as many as there was room for.</returns>
    public int CopyNextHops(Span<VrfNextHop> nextHops)
    {
        var count = 0;
        foreach (VrfCandidate candidate in Candidates)
        {
            if (count == nextHops.Length || !candidate.IsNextHop)
            {
                break;
            }

            nextHops[count++] = new(candidate.NextHop ?? default, candidate.Label);
        }

        return count;
    }

    /// <summary>Walks the candidates of a route.</summary>
    public struct CandidateEnumerator
    {
        private readonly ImportTable _table;
        private int _next;

        internal CandidateEnumerator(ImportTable table, int route)
        {
            _table = table;
            _next = table.FirstLinkOf(route);
        }

        /// <summary>The candidate the walk is at.</summary>
        public VrfCandidate Current { get; private set; }

        /// <summary>Itself.</summary>
        public readonly CandidateEnumerator GetEnumerator() => this;

        /// <summary>Goes on.</summary>
        public bool MoveNext()
        {
            if (_next < 0)
            {
                return false;
            }

            Current = _table.CandidateOf(_next);
            _next = _table.NextLinkOf(_next);
            return true;
        }
    }
}

/// <summary>The routes of a VRF that have a next hop, in no order; the tables do not change meanwhile.</summary>
public readonly struct VrfRoutes
{
    private readonly ImportTable _table;
    private readonly VrfIndex _vrf;

    internal VrfRoutes(ImportTable table, VrfIndex vrf)
    {
        _table = table;
        _vrf = vrf;
    }

    /// <summary>How many there are.</summary>
    public int Count => _table.CountOf(_vrf);

    /// <summary>Starts before the first.</summary>
    public Enumerator GetEnumerator() => new(_table, _vrf);

    /// <summary>Walks the routes.</summary>
    public struct Enumerator
    {
        private readonly ImportTable _table;
        private int _route;
        private int _next;

        internal Enumerator(ImportTable table, VrfIndex vrf)
        {
            _table = table;
            _next = table.FirstOf(vrf);
        }

        /// <summary>The route the walk is at.</summary>
        public readonly VrfRouteView Current => new(_table, _route);

        /// <summary>Goes on.</summary>
        public bool MoveNext()
        {
            while (_next >= 0)
            {
                _route = _next;
                _next = _table.NextOf(_route);
                if (_table.MembersOf(_route) != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
