using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Keys;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>The options of one peer against each other and against the speaker's.</summary>
internal static class PeerRules
{
    private const int KeepalivesPerHoldTime = 3;
    private static readonly PeerTimerSettings Defaults = new();

    /// <summary>Checks a peer or a range.</summary>
    public static void Check(RuleContext context, BgpConfiguration bgp, PeerView peer)
    {
        CheckTimes(context, peer);
        CheckTransport(context, bgp, peer);
        CheckSystem(context, bgp, peer);
        CheckPolicies(context, bgp, peer);
        if (peer.Options is { LongLivedGracefulRestart: true, GracefulRestart: GracefulRestartMode.Disabled })
        {
            context.Error(peer.At(static keys => keys.LongLivedGracefulRestart),
                $"{peer.Name} has long-lived graceful restart without graceful restart (RFC 9494 §4.1); set 'graceful-restart: helper' or remove it");
        }
    }

    private static void CheckTimes(RuleContext context, PeerView peer)
    {
        var options = peer.Options;
        var hold = options.HoldTime ?? Defaults.HoldTime;
        if (options.KeepaliveTime is { } keepalive)
        {
            if (hold == TimeSpan.Zero)
            {
                context.Error(peer.At(static keys => keys.KeepaliveTime), $"{peer.Name} has 'hold-time: 0', which means no keepalives (RFC 4271 §4.4); remove 'keepalive-time'");
            }
            else if (keepalive * KeepalivesPerHoldTime > hold)
            {
                context.Error(peer.At(static keys => keys.KeepaliveTime),
                    $"a keepalive every {keepalive.TotalSeconds} s is too seldom for a hold time of {hold.TotalSeconds} s (RFC 4271 §4.4); set at most {Math.Floor(hold.TotalSeconds / KeepalivesPerHoldTime)}");
            }
        }

        if (hold != TimeSpan.Zero && options.MinHoldTime > hold)
        {
            context.Error(peer.At(static keys => keys.MinHoldTime),
                $"{peer.Name} would refuse the hold time of {hold.TotalSeconds} s that we propose ourselves; lower 'min-hold-time' or raise 'hold-time'");
        }

        if ((options.IdleHold ?? Defaults.IdleHold) > (options.MaxIdleHold ?? Defaults.MaximumIdleHold))
        {
            context.Error(peer.At(options.MaxIdleHold is null ? static keys => keys.IdleHold : static keys => keys.MaxIdleHold),
                $"the first wait of {peer.Name} after an error is longer than the longest; raise 'max-idle-hold' or lower 'idle-hold'");
        }
    }

    private static void CheckTransport(RuleContext context, BgpConfiguration bgp, PeerView peer)
    {
        var options = peer.Options;
        if (options is { TtlSecurityHops: not null, MultihopTtl: not null })
        {
            context.Error(peer.At(static keys => keys.MultihopTtl),
                $"{peer.Name} has 'ttl-security-hops' and 'multihop-ttl': the first sends with TTL 255 always (RFC 5082); remove one of them");
        }

        if (options.LocalAddress is { } local && local.Family != peer.Address.Family)
        {
            context.Error(peer.At(static keys => keys.LocalAddress), $"{local} and {peer.Name} are of different families; a session is IPv4 or IPv6");
        }
        else if (!peer.IsRange && options.LocalAddress == peer.Address && options.Port is null)
        {
            context.Error(peer.At(static keys => keys.LocalAddress), $"{peer.Name} is our own 'local-address'; list other speakers only");
        }

        if (options.Passive == true && bgp.Listen is { Count: 0 } && context.Source.IsSound(bgp, BgpKeys.Listen))
        {
            context.Error(peer.At(static keys => keys.Passive), $"{peer.Name} waits for a connection, but 'listen' is empty; list an endpoint or set 'passive: false'");
        }
    }

    private static void CheckSystem(RuleContext context, BgpConfiguration bgp, PeerView peer)
    {
        var options = peer.Options;
        if (options.As is not { } system)
        {
            if (peer.IsSound(static keys => keys.As))
            {
                context.Error(peer.Location, $"{peer.Name} needs the key 'as', here or in its group");
            }

            return;
        }

        if (!context.Source.IsSound(bgp, BgpKeys.As))
        {
            return;
        }

        if (system == bgp.As)
        {
            RefuseInternal(options.LocalAs is not null, static keys => keys.LocalAs, "local-as");
            RefuseInternal(options.AsOverride == true, static keys => keys.AsOverride, "as-override");
            RefuseInternal(options.RemovePrivate is not (null or RemovePrivateMode.None), static keys => keys.RemovePrivate, "remove-private-as");
            RefuseInternal(options.AllowForeignFirstAs == true, static keys => keys.AllowForeignFirstAs, "allow-foreign-first-as");
        }
        else if (options.RouteReflectorClient == true)
        {
            context.Error(peer.At(static keys => keys.RouteReflectorClient),
                $"{peer.Name} is of AS {system}; only peers of our own AS {bgp.As} can be clients of a route reflector (RFC 4456)");
        }

        if (options.LocalAs is { } localAs && (localAs.As == bgp.As || localAs.As == system))
        {
            context.Error(peer.At(static keys => keys.LocalAs),
                $"'local-as' of {peer.Name} is {(localAs.As == bgp.As ? "our own AS anyway" : "the peer's own AS")}; remove it or give another number");
        }

        void RefuseInternal(bool isSet, Func<PeerOptionKeys, Values.ConfigurationKey> option, string name)
        {
            if (isSet)
            {
                context.Error(peer.At(option), $"'{name}' is for external peers, and {peer.Name} is of our own AS {bgp.As}; remove it");
            }
        }
    }

    private static void CheckPolicies(RuleContext context, BgpConfiguration bgp, PeerView peer)
    {
        PolicyRules.RequirePolicy(context, peer.Options.ImportPolicy, peer.At(static keys => keys.ImportPolicy));
        PolicyRules.RequirePolicy(context, peer.Options.ExportPolicy, peer.At(static keys => keys.ExportPolicy));
        var isExternal = peer.Options.As is { } system && context.Source.IsSound(bgp, BgpKeys.As) && system != bgp.As;
        if (!isExternal || !bgp.EbgpRequiresPolicy)
        {
            return;
        }

        var missing = peer.Options switch
        {
            { ImportPolicy: null, ExportPolicy: null } => "'import-policy' and 'export-policy', so nothing is accepted from it and nothing sent to it",
            { ImportPolicy: null } => "'import-policy', so nothing is accepted from it",
            { ExportPolicy: null } => "'export-policy', so nothing is sent to it",
            _ => null,
        };
        if (missing is not null && peer.IsSound(static keys => keys.ImportPolicy) && peer.IsSound(static keys => keys.ExportPolicy))
        {
            context.Warning(peer.Location, $"{peer.Name} is external and has no {missing} (RFC 8212); name one, such as accept-all, or set 'bgp.ebgp-requires-policy: false'");
        }
    }
}
