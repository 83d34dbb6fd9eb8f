using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Vpn;

/// <summary>Where a filter of a VRF is from; of one rule from both, the configured one counts.</summary>
public enum FilterOrigin
{
    /// <summary>The configuration.</summary>
    Configured,

    /// <summary>A route, from BGP or a gateway.</summary>
    Signalled,
}

/// <summary>A filter of a VRF as it stands in the datapath, or does not.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Origin">Where it is from.</param>
/// <param name="IsInstalled">Whether packets meet it; not when there are too many.</param>
public readonly record struct InstalledFilter(VrfFilter Filter, FilterOrigin Origin, bool IsInstalled);

/// <summary>
/// Puts the flow specifications of VRFs into the datapath, in the order of RFC 8955 §5.1 whatever their origin (SIG-20). Changes are collected until
/// <see cref="Apply()"/>, which writes each table once. Of more rules than the datapath takes, the first ones are installed and the rest counted.
/// Owner thread: the one that writes the datapath; <see cref="Read"/> and the counts any.
/// </summary>
/// <param name="datapath">Where they go.</param>
/// <param name="findVrf">The VRF of a name, for redirects; null when there is none.</param>
/// <param name="failed">Told in words what is not installed, once until it is.</param>
public sealed class FilterInstaller(Datapath datapath, Func<string, VrfId?> findVrf, Action<string>? failed = null)
{
    private readonly Dictionary<(VrfId Vrf, AddressFamily Family), State> _states = [];
    private readonly HashSet<(VrfId Vrf, AddressFamily Family)> _changed = [];
    private volatile Dictionary<(VrfId Vrf, AddressFamily Family), IReadOnlyList<InstalledFilter>> _readable = [];
    private long _notInstalled;

    /// <summary>Rules that are there and not installed now.</summary>
    public long NotInstalled => Volatile.Read(ref _notInstalled);

    /// <summary>Adds a filter to a VRF, or replaces the one of its rule and origin.</summary>
    public void Set(VrfId vrf, FilterOrigin origin, VrfFilter filter)
    {
        State state = StateOf(vrf, filter.Family);
        state.Of(origin)[filter.Octets.ToArray()] = filter;
        _ = _changed.Add((vrf, filter.Family));
    }

    /// <summary>Removes the filter of a rule and origin.</summary>
    public void Remove(VrfId vrf, FilterOrigin origin, AddressFamily family, ReadOnlySpan<byte> octets)
    {
        if (_states.TryGetValue((vrf, family), out State? state) && state.Of(origin).Remove(octets.ToArray()))
        {
            _ = _changed.Add((vrf, family));
        }
    }

    /// <summary>Makes the filters of an origin what is given, and no others.</summary>
    public void Replace(VrfId vrf, FilterOrigin origin, IEnumerable<VrfFilter> filters)
    {
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.Ipv4, AddressFamily.Ipv6])
        {
            if (_states.TryGetValue((vrf, family), out State? state) && state.Of(origin).Count != 0)
            {
                state.Of(origin).Clear();
                _ = _changed.Add((vrf, family));
            }
        }

        foreach (VrfFilter filter in filters)
        {
            Set(vrf, origin, filter);
        }
    }

    /// <summary>Forgets a VRF, which is about to be removed from the datapath, or whose row another has now.</summary>
    public void Forget(VrfId vrf)
    {
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.Ipv4, AddressFamily.Ipv6])
        {
            if (_states.Remove((vrf, family), out State? state))
            {
                _ = _changed.Remove((vrf, family));
                Count(state, 0);
                Publish((vrf, family), null);
            }
        }
    }

    /// <summary>VRFs have come or gone: redirects are looked up again.</summary>
    public void VrfsChanged()
    {
        foreach (var (key, state) in _states)
        {
            if (state.Redirects)
            {
                _ = _changed.Add(key);
            }
        }
    }

    /// <summary>Writes what has changed.</summary>
    public void Apply()
    {
        foreach ((VrfId Vrf, AddressFamily Family) key in _changed)
        {
            Apply(key, _states[key]);
        }

        _changed.Clear();
    }

    /// <summary>The filters of a VRF and family in their order. Any thread.</summary>
    public IReadOnlyList<InstalledFilter> Read(VrfId vrf, AddressFamily family) => _readable.GetValueOrDefault((vrf, family), []);

    private State StateOf(VrfId vrf, AddressFamily family)
    {
        if (!_states.TryGetValue((vrf, family), out State? state))
        {
            _states.Add((vrf, family), state = new(family));
        }

        return state;
    }

    private void Apply((VrfId Vrf, AddressFamily Family) key, State state)
    {
        List<InstalledFilter> wanted = state.InOrder();
        var rules = new List<FilterRule>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        state.Redirects = false;
        foreach (InstalledFilter wish in wanted)
        {
            // What says the same in other octets comes behind and would never be asked.
            if (rules.Count < Datapath.MostFilters && names.Add(wish.Filter.Name))
            {
                state.Redirects |= wish.Filter.RedirectVrf is not null;
                rules.Add(FlowSpecCompiler.Compile(wish.Filter, wish.Filter.RedirectVrf is { } name ? findVrf(name) : null));
            }
        }

        var installed = Install(key, rules);
        names = [.. rules.Take(installed).Select(static rule => rule.Name)];
        var missing = wanted.Count(wish => !names.Contains(wish.Filter.Name));
        if (missing != 0 && !state.IsShort)
        {
            failed?.Invoke($"{missing} of {wanted.Count} flow specifications of a VRF are not installed: "
                + $"a VRF has at most {Datapath.MostFilters} of a family, all VRFs {datapath.Options.Filters}");
        }

        state.IsShort = missing != 0;
        Count(state, missing);
        Publish(key, wanted.Count == 0 ? null : [.. wanted.Select(wish => wish with { IsInstalled = names.Contains(wish.Filter.Name) })]);
    }

    // How many of them there is room for, the first ones.
    private int Install((VrfId Vrf, AddressFamily Family) key, List<FilterRule> rules)
    {
        for (var count = rules.Count; ; count /= 2)
        {
            try
            {
                datapath.SetFilters(key.Vrf, key.Family, rules[..count]);
                return count;
            }
            catch (InvalidOperationException) when (count != 0)
            {
                // No room among the rules of all VRFs.
            }
            catch (ArgumentException)
            {
                return 0; // the VRF has gone
            }
        }
    }

    private void Count(State state, int missing)
    {
        Volatile.Write(ref _notInstalled, _notInstalled + missing - state.Missing);
        state.Missing = missing;
    }

    private void Publish((VrfId Vrf, AddressFamily Family) key, IReadOnlyList<InstalledFilter>? filters)
    {
        var next = new Dictionary<(VrfId, AddressFamily), IReadOnlyList<InstalledFilter>>(_readable);
        if (filters is null)
        {
            _ = next.Remove(key);
        }
        else
        {
            next[key] = filters;
        }

        _readable = next;
    }

    private sealed class State(AddressFamily family)
    {
        private readonly SortedDictionary<byte[], VrfFilter>[] _byOrigin = [new(new Order(family)), new(new Order(family))];

        public int Missing { get; set; }

        public bool IsShort { get; set; }

        public bool Redirects { get; set; }

        public SortedDictionary<byte[], VrfFilter> Of(FilterOrigin origin) => _byOrigin[(int)origin];

        public List<InstalledFilter> InOrder()
        {
            var merged = new SortedDictionary<byte[], InstalledFilter>(new Order(family));
            foreach (FilterOrigin origin in (ReadOnlySpan<FilterOrigin>)[FilterOrigin.Signalled, FilterOrigin.Configured])
            {
                foreach (var (octets, filter) in Of(origin))
                {
                    merged[octets] = new(filter, origin, false);
                }
            }

            return [.. merged.Values];
        }
    }

    private sealed class Order(AddressFamily family) : IComparer<byte[]>
    {
        public int Compare(byte[]? left, byte[]? right)
        {
            var order = FlowSpecOrder.Compare(left, right, family);
            return order != 0 ? order : left.AsSpan().SequenceCompareTo(right);
        }
    }
}
