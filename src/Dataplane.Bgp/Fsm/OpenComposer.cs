using System.Collections.Immutable;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Fsm;

/// <summary>Makes the OPEN that a peer is sent from the settings.</summary>
public static class OpenComposer
{
    private const int MaximumRestartSeconds = 4095;
    private const uint MaximumStaleSeconds = (1 << 24) - 1;

    /// <summary>The AS that we are to a peer.</summary>
    public static AsNumber LocalAs(SpeakerSettings speaker, PeerSettings peer) => peer.LocalAs?.As ?? speaker.As;

    /// <summary>The OPEN for a peer.</summary>
    public static OpenMessage Compose(SpeakerSettings speaker, PeerSettings peer, RestartState restart)
    {
        FamilySet families = default, extendedNextHop = default, addPathReceive = default, addPathSend = default;
        foreach (FamilySettings row in peer.Families)
        {
            families = families.With(row.Family);
            if (row.ExtendedNextHop && row.Family.Afi == 1)
            {
                extendedNextHop = extendedNextHop.With(row.Family);
            }

            if (row.AddPath.HasFlag(AddPathMode.Receive))
            {
                addPathReceive = addPathReceive.With(row.Family);
            }

            if (row.AddPath.HasFlag(AddPathMode.Send))
            {
                addPathSend = addPathSend.With(row.Family);
            }
        }

        AsNumber localAs = LocalAs(speaker, peer);
        return new()
        {
            As = localAs,
            HoldTime = (ushort)Math.Clamp(peer.Timers.HoldTime.TotalSeconds, 0, ushort.MaxValue),
            RouterId = speaker.RouterId,
            Capabilities = new()
            {
                Families = families,
                RouteRefresh = true,
                EnhancedRouteRefresh = peer.EnhancedRefresh,
                ExtendedMessages = peer.ExtendedMessage,
                FourOctetAs = localAs,
                ExtendedNextHop = extendedNextHop,
                AddPathReceive = addPathReceive,
                AddPathSend = addPathSend,
                GracefulRestart = Restart(speaker.GracefulRestart, peer, families, restart),
                LongLived = LongLived(peer, restart),
            },
        };
    }

    // A helper announces no family: it has nothing to keep for us (RFC 4724 §3), but says that it takes part.
    private static GracefulRestartCapability? Restart(
        GracefulRestartSettings settings, PeerSettings peer, FamilySet families, RestartState restart) => peer.GracefulRestart switch
        {
            GracefulRestartMode.Disabled => null,
            GracefulRestartMode.Helper => new() { Notifications = settings.NotificationSupport },
            _ => new()
            {
                Restarting = restart.Restarting,
                Notifications = settings.NotificationSupport,
                RestartSeconds = (ushort)Math.Clamp(settings.RestartTime.TotalSeconds, 0, MaximumRestartSeconds),
                Families = families,
                ForwardingKept = families.Intersect(restart.ForwardingKept),
            },
        };

    private static ImmutableArray<LongLivedFamily> LongLived(PeerSettings peer, RestartState restart) =>
        !peer.LongLivedGracefulRestart || peer.GracefulRestart == GracefulRestartMode.Disabled
            ? []
            : [.. peer.Families.Select(row => new LongLivedFamily(
                row.Family,
                restart.ForwardingKept.Contains(row.Family),
                (uint)Math.Clamp(row.LlgrStaleTime.TotalSeconds, 0, MaximumStaleSeconds)))];
}
