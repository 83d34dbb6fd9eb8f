using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>
/// Interfaces of a forwarder in the same process. An interface gets its label and is put into the forwarder first; then its addresses are published,
/// with our own next hop (FWD-08, AMB-17). An address that is known to be elsewhere with a higher version, or is claimed with one by another interface
/// here, is taken from its interface and packets for it follow (MOB-05, MOB-10). Routes go on to the forwarder. Routing loop.
/// </summary>
public sealed class ForwardedInterfaces : IInterfaceBinding, IRouteSink
{
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);
    private readonly AddressClaims _claims = new();

    // Addresses given to us whose route has not come back, with their version and since when: no more than there are addresses.
    private readonly Dictionary<(string Vpn, IpPrefix Prefix), (uint Version, long Since)> _unconfirmed = [];
    private readonly TimeProvider _time;
    private readonly IInterfaceForwarder _forwarder;
    private readonly LabelAllocator _labels;
    private readonly ForwardedInterfacesOptions _options;
    private readonly VpnHolds _vpns;
    private readonly LabelRepairs _repairs;
    private IUplink? _uplink;

    /// <summary>Starts without interfaces.</summary>
    /// <param name="loop">The loop that everything runs on.</param>
    /// <param name="forwarder">The forwarder.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="options">What it is.</param>
    public ForwardedInterfaces(RoutingLoop loop, IInterfaceForwarder forwarder, LabelAllocator labels, ForwardedInterfacesOptions options)
    {
        _time = loop.Time;
        _forwarder = forwarder;
        _labels = labels;
        _options = options;
        _vpns = new(forwarder, labels, options.ConfiguredLabel) { Uplink = () => Uplink };
        _repairs = new(loop, forwarder, labels, _vpns, options.RepairTime);
    }

    /// <summary>Interfaces that are there or on their way.</summary>
    public int Count => _states.Count;

    /// <summary>Labels whose packets are sent after a workload that moved away.</summary>
    public int RepairCount => _repairs.Count;

    private IUplink Uplink => _uplink ?? throw new InvalidOperationException("no uplink was given");

    /// <summary>Says where memberships and addresses are made known; once, before anything else.</summary>
    public void Connect(IUplink uplink) => _uplink = uplink;

    /// <summary>The label of an interface that is there; null otherwise.</summary>
    public Label20? LabelOf(string key) => _states.GetValueOrDefault(key)?.Label;

    /// <inheritdoc/>
    public void Set(BoundInterface wanted, Action<string?> done)
    {
        if (wanted.Port is null)
        {
            throw new ArgumentException("an interface of a forwarder is on a port", nameof(wanted));
        }

        if (_states.TryGetValue(wanted.Key, out State? state) && state.Wanted.Vpn != wanted.Vpn)
        {
            Remove(wanted.Key, isMoved: false);
            state = null;
        }

        BoundAddress[] before = [];
        if (state is not null)
        {
            before = [.. state.Wanted.Addresses];
            state.Wanted = wanted;
        }
        else if (TryAdd(wanted, out state) is { } problem)
        {
            done(problem);
            return;
        }

        state!.Done += done;
        Claim(wanted, before);
        Settle(wanted.Vpn, before.Concat(wanted.Addresses).Select(static address => address.Prefix), state);
    }

    /// <inheritdoc/>
    public void Remove(string key, bool isMoved)
    {
        if (!_states.Remove(key, out State? state))
        {
            return;
        }

        var follows = isMoved || state.Installed is { IsLookedUp: true };
        state.Done?.Invoke("the interface was taken away meanwhile");
        _forwarder.RemoveInterface(key);
        if (follows)
        {
            // The VRF and its routes stay for it.
            _ = _vpns.Take(state.Wanted.Vpn);
        }

        Drop(state, keepsLabel: follows);
        if (follows)
        {
            _repairs.Start(key, state.Wanted.Vpn, state.Label);
        }
    }

    /// <inheritdoc/>
    public string? StateOf(string key, BoundAddress address)
    {
        if (!_states.TryGetValue(key, out State? state))
        {
            return null;
        }

        var vpn = state.Wanted.Vpn;
        return _claims.OwnerOf(vpn, address.Prefix) is { } owner && owner != key
                ? $"with interface {owner}, version {_claims.VersionOf(vpn, address.Prefix)}"
            : IsElsewhere(vpn, address) && _options.FindRoute(vpn, address.Prefix) is { } route
                ? $"at {route.NextHops[0].Address}, version {route.Version}"
            : null;
    }

    /// <summary>
    /// Since when an address is given whose own route has not come back so far, in ticks of the loop's time; null for none. Asked once, by who learns
    /// otherwise that it has.
    /// </summary>
    public long? TakeUnconfirmed(string vpn, IpPrefix prefix) => _unconfirmed.Remove((vpn, prefix), out (uint Version, long Since) given) ? given.Since : null;

    /// <inheritdoc/>
    public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
    {
        _forwarder.RouteChanged(vpn, prefix, nextHops, version);
        if (_unconfirmed.TryGetValue((vpn, prefix), out (uint Version, long Since) given) && version >= given.Version
            && nextHops.Any(hop => _options.IsOwn(hop.Address.Unmapped)))
        {
            _ = _unconfirmed.Remove((vpn, prefix));
            _options.Confirmed?.Invoke(vpn, prefix, given.Since);
        }

        Review(vpn, prefix);
    }

    /// <inheritdoc/>
    public void RouteRemoved(string vpn, IpPrefix prefix)
    {
        _forwarder.RouteRemoved(vpn, prefix);
        Review(vpn, prefix);
    }

    /// <inheritdoc/>
    public void FilterChanged(string vpn, VrfFilter filter) => _forwarder.FilterChanged(vpn, filter);

    /// <inheritdoc/>
    public void FilterRemoved(string vpn, VrfFilter filter) => _forwarder.FilterRemoved(vpn, filter);

    private string? TryAdd(BoundInterface wanted, out State? state)
    {
        state = null;
        if (_vpns.Take(wanted.Vpn) is { } problem)
        {
            return problem;
        }

        _repairs.End(wanted.Key);
        if (!_labels.TryTake(LabelAllocator.OfInterface(wanted.Key), out Label20 label))
        {
            _vpns.Release(wanted.Vpn);
            return "no label is left";
        }

        state = new(wanted, label);
        _states.Add(wanted.Key, state);
        return null;
    }

    private void Claim(BoundInterface wanted, BoundAddress[] before)
    {
        foreach (BoundAddress address in before)
        {
            if (!wanted.Addresses.Any(kept => kept.Prefix == address.Prefix))
            {
                _claims.Remove(wanted.Vpn, address.Prefix, wanted.Key);
                _ = _unconfirmed.Remove((wanted.Vpn, address.Prefix));
            }

            if (!wanted.Addresses.Any(kept => kept.Leaf == address.Leaf))
            {
                Uplink.Withdraw(address.Leaf);
            }
        }

        foreach (BoundAddress address in wanted.Addresses)
        {
            _claims.Set(wanted.Vpn, address.Prefix, wanted.Key, address.Version);
            if (!before.Contains(address))
            {
                _unconfirmed[(wanted.Vpn, address.Prefix)] = (address.Version, _time.GetTimestamp());
            }
        }
    }

    // Whose some addresses are may be otherwise now. Whoever loses one gives it up before another gets it: the forwarder has it at one interface.
    private void Settle(string vpn, IEnumerable<IpPrefix> prefixes, State? asked)
    {
        HashSet<State> affected = [.. prefixes.SelectMany(prefix => _claims.KeysOf(vpn, prefix)).Select(key => _states[key])];
        if (asked is not null)
        {
            _ = affected.Add(asked);
        }

        foreach (State state in affected)
        {
            GiveUp(state);
        }

        foreach (State state in affected)
        {
            Install(state, isAsked: state == asked);
        }
    }

    private void GiveUp(State state)
    {
        if (state.Installed is not { } installed)
        {
            return;
        }

        IReadOnlyList<IpPrefix> wanted = Describe(state).Addresses;
        IpPrefix[] kept = [.. installed.Addresses.Intersect(wanted)];
        if (kept.Length != installed.Addresses.Count)
        {
            state.Installed = installed with { Addresses = kept, IsLookedUp = true };
            var attempt = ++state.Attempt;
            _forwarder.SetInterface(state.Installed, problem => Installed(state, attempt, problem));
        }
    }

    private void Install(State state, bool isAsked)
    {
        ForwardedInterface wanted = Describe(state);
        if (!isAsked && state.Installed is { } installed && IsSame(installed, wanted))
        {
            return;
        }

        state.Installed = wanted;
        var attempt = ++state.Attempt;
        _forwarder.SetInterface(wanted, problem => Installed(state, attempt, problem));
    }

    private void Installed(State state, int attempt, string? problem)
    {
        // An answer to what was changed again, or taken away, meanwhile.
        if (state.Attempt != attempt || _states.GetValueOrDefault(state.Wanted.Key) != state)
        {
            return;
        }

        Action<string?>? done = state.Done;
        state.Done = null;
        if (problem is not null)
        {
            _ = _states.Remove(state.Wanted.Key);
            Drop(state, keepsLabel: false);
            if (done is null)
            {
                _options.Failed?.Invoke(state.Wanted.Key, problem);
            }

            done?.Invoke(problem);
            return;
        }

        Publish(state);
        done?.Invoke(null);
    }

    private void Publish(State state)
    {
        BoundInterface bound = state.Wanted;
        foreach (BoundAddress address in bound.Addresses)
        {
            if (_claims.OwnerOf(bound.Vpn, address.Prefix) == bound.Key)
            {
                Uplink.Publish(new()
                {
                    Leaf = address.Leaf,
                    Vpn = bound.Vpn,
                    Prefix = address.Prefix,
                    NextHop = _options.NextHop,

                    // A prefix too is behind this interface, and not merely somewhere in the VPN: a hub's middle box gets what it covers (ARC-13, AMB-24).
                    Label = state.Label,
                    Version = address.Version,
                    Port = bound.Port,
                });
            }
        }

        // Only now, so that the address is never without a publication.
        foreach (State other in _states.Values)
        {
            foreach (BoundAddress address in other.Wanted.Addresses)
            {
                if (other != state && other.Wanted.Vpn == bound.Vpn && _claims.OwnerOf(bound.Vpn, address.Prefix) == bound.Key)
                {
                    Uplink.Withdraw(address.Leaf);
                }
            }
        }
    }

    // Gives up what an interface holds; it is no longer among the states.
    private void Drop(State state, bool keepsLabel)
    {
        BoundInterface bound = state.Wanted;
        foreach (BoundAddress address in bound.Addresses)
        {
            Uplink.Withdraw(address.Leaf);
            _claims.Remove(bound.Vpn, address.Prefix, bound.Key);
            _ = _unconfirmed.Remove((bound.Vpn, address.Prefix));
        }

        Settle(bound.Vpn, bound.Addresses.Select(static address => address.Prefix), asked: null);

        if (!keepsLabel)
        {
            _ = _labels.Release(LabelAllocator.OfInterface(bound.Key));
        }

        _vpns.Release(bound.Vpn);
    }

    private void Review(string vpn, IpPrefix prefix)
    {
        if (_claims.OwnerOf(vpn, prefix) is not null)
        {
            Settle(vpn, [prefix], asked: null);
        }
    }

    private ForwardedInterface Describe(State state)
    {
        BoundInterface bound = state.Wanted;
        IpPrefix[] own = [.. bound.Addresses.Where(address => IsHere(bound, address)).Select(static address => address.Prefix)];
        return new()
        {
            Key = bound.Key,
            Vpn = bound.Vpn,
            Port = bound.Port!,
            Device = bound.Device,
            Vlan = bound.Vlan,
            Mac = bound.Mac,
            Label = state.Label,
            IsLookedUp = own.Length != bound.Addresses.Count,
            Addresses = own,
        };
    }

    private bool IsHere(BoundInterface bound, BoundAddress address) =>
        _claims.OwnerOf(bound.Vpn, address.Prefix) == bound.Key && !IsElsewhere(bound.Vpn, address);

    private bool IsElsewhere(string vpn, BoundAddress address) => _options.FindRoute(vpn, address.Prefix) is { } route
        && route.Version > address.Version && !route.NextHops.Any(hop => _options.IsOwn(hop.Address.Unmapped));

    private static bool IsSame(ForwardedInterface left, ForwardedInterface right) =>
        left with { Addresses = right.Addresses } == right && left.Addresses.SequenceEqual(right.Addresses);

    private sealed class State(BoundInterface wanted, Label20 label)
    {
        public BoundInterface Wanted { get; set; } = wanted;

        public Label20 Label { get; } = label;

        public ForwardedInterface? Installed { get; set; }

        public int Attempt { get; set; }

        public Action<string?>? Done { get; set; }
    }
}
