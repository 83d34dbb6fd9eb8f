using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>
/// The routes of the VPNs as a gateway notified them. They outlive the session as the last known state; those that the next session does not tell
/// again are swept when its snapshot is whole (AGT-09). Routing loop.
/// </summary>
/// <param name="sink">Is told of what changes for packets.</param>
public sealed class NotifiedRoutes(IRouteSink sink)
{
    private readonly Dictionary<string, Vpn> _vpns = new(StringComparer.Ordinal);

    // A deletion names a token alone (XMP-13).
    private readonly Dictionary<string, (string Vpn, IpPrefix Prefix)> _tokens = new(StringComparer.Ordinal);

    /// <summary>Routes of all VPNs.</summary>
    public int Count { get; private set; }

    /// <summary>Routes that came or became others for packets; what a gateway told once more without a change does not count.</summary>
    public long Changed { get; private set; }

    /// <summary>Routes that went, those swept included.</summary>
    public long Removed { get; private set; }

    /// <summary>Routes swept because the session after did not tell them again.</summary>
    public long Swept { get; private set; }

    /// <summary>The VPNs that have, or may have, routes.</summary>
    public IEnumerable<string> Vpns => _vpns.Keys;

    /// <summary>The routes of a VPN, in no order.</summary>
    public IEnumerable<NotifiedRoute> RoutesOf(string vpn) =>
        _vpns.TryGetValue(vpn, out Vpn? found) ? found.Routes.Values.Select(held => held.Route with { IsStale = held.Epoch != found.Epoch }) : [];

    /// <summary>A route of a VPN; null when there is none.</summary>
    public NotifiedRoute? Find(string vpn, IpPrefix prefix) =>
        _vpns.TryGetValue(vpn, out Vpn? found) && found.Routes.TryGetValue(prefix, out Held? held)
            ? held.Route with { IsStale = held.Epoch != found.Epoch } : null;

    /// <summary>A gateway is asked for a VPN's routes: what is there is stale until it is told again.</summary>
    public void Begin(string vpn)
    {
        if (!_vpns.TryGetValue(vpn, out Vpn? state))
        {
            _vpns.Add(vpn, state = new());
        }

        state.Epoch++;
        foreach (Held held in state.Routes.Values)
        {
            ForgetToken(held);
        }
    }

    /// <summary>A route was told. Routes of VPNs that nobody asked for are passed over.</summary>
    /// <returns>Whether the VPN is one that was asked for.</returns>
    public bool Announce(string vpn, string token, NotifiedRoute route)
    {
        if (!_vpns.TryGetValue(vpn, out Vpn? state))
        {
            return false;
        }

        // A token that names another route now: the gateway has reused it, what it named before has gone.
        if (_tokens.TryGetValue(token, out (string Vpn, IpPrefix Prefix) named) && named != (vpn, route.Prefix))
        {
            _ = Retract(token);
        }

        var isNew = !state.Routes.TryGetValue(route.Prefix, out Held? held);
        if (isNew)
        {
            state.Routes.Add(route.Prefix, held = new() { Route = route });
            Count++;
        }

        var isChanged = isNew || !held!.Route.LeadsLike(route);
        ForgetToken(held!);
        held!.Route = route;
        held.Epoch = state.Epoch;
        held.Token = token;
        _tokens[token] = (vpn, route.Prefix);
        if (isChanged)
        {
            Changed++;
            sink.RouteChanged(vpn, route.Prefix, route.NextHops, route.Version);
        }

        return true;
    }

    /// <summary>The route of a token has gone; nothing when it is not known, as for the second of the two messages (XMP-13).</summary>
    /// <returns>Whether there was one.</returns>
    public bool Retract(string token)
    {
        if (!_tokens.TryGetValue(token, out (string Vpn, IpPrefix Prefix) named))
        {
            return false;
        }

        Remove(_vpns[named.Vpn], named.Vpn, named.Prefix);
        return true;
    }

    /// <summary>All that there is of a VPN has been told: sweeps what was not.</summary>
    /// <returns>How many routes that were.</returns>
    public int Settle(string vpn)
    {
        if (!_vpns.TryGetValue(vpn, out Vpn? state))
        {
            return 0;
        }

        IpPrefix[] stale = [.. state.Routes.Where(entry => entry.Value.Epoch != state.Epoch).Select(static entry => entry.Key)];
        foreach (IpPrefix prefix in stale)
        {
            Remove(state, vpn, prefix);
        }

        Swept += stale.Length;
        return stale.Length;
    }

    /// <summary>The VPN is left: its routes go.</summary>
    public void End(string vpn)
    {
        if (_vpns.TryGetValue(vpn, out Vpn? state))
        {
            foreach (IpPrefix prefix in state.Routes.Keys.ToArray())
            {
                Remove(state, vpn, prefix);
            }

            _ = _vpns.Remove(vpn);
        }
    }

    private void Remove(Vpn state, string vpn, IpPrefix prefix)
    {
        if (state.Routes.Remove(prefix, out Held? held))
        {
            ForgetToken(held);
            Count--;
            Removed++;
            sink.RouteRemoved(vpn, prefix);
        }
    }

    private void ForgetToken(Held held)
    {
        if (held.Token is { } token)
        {
            _ = _tokens.Remove(token);
            held.Token = null;
        }
    }

    private sealed class Vpn
    {
        public int Epoch { get; set; }

        public Dictionary<IpPrefix, Held> Routes { get; } = [];
    }

    private sealed class Held
    {
        public required NotifiedRoute Route { get; set; }

        public int Epoch { get; set; }

        public string? Token { get; set; }
    }
}
