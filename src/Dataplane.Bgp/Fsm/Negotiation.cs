using System.Collections.Immutable;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Fsm;

/// <summary>Judges the OPEN of a peer and works out what both sides have in common.</summary>
public static class Negotiation
{
    private static readonly TimeSpan LeastHoldTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeastSendHoldTime = TimeSpan.FromMinutes(8);

    /// <summary>
    /// Whether the OPEN is acceptable of this peer (RFC 4271 §6.2, RFC 6286 §2.2, RFC 5492 §3). Version, zero values and the form of the
    /// parameters were checked when it was read.
    /// </summary>
    /// <param name="remote">What the peer sent.</param>
    /// <param name="local">What we send.</param>
    /// <param name="peer">The peer's settings.</param>
    /// <param name="allowedAs">The systems that a dynamic peer may be of; empty: only the one of the settings.</param>
    /// <returns>Null, or what to send before closing.</returns>
    public static NotificationMessage? Validate(
        OpenMessage remote, OpenMessage local, PeerSettings peer, IReadOnlyList<AsNumberRange> allowedAs)
    {
        var isAllowed = allowedAs.Count == 0 ? remote.As == peer.As : allowedAs.Any(range => range.Contains(remote.As));
        if (!isAllowed || remote.As.Value == 0)
        {
            return NotificationMessage.Of(OpenError.BadPeerAs);
        }

        if (remote.RouterId == 0 || (remote.RouterId == local.RouterId && remote.As == local.As))
        {
            return NotificationMessage.Of(OpenError.BadIdentifier);
        }

        var holdTime = TimeSpan.FromSeconds(remote.HoldTime);
        if (holdTime != TimeSpan.Zero && (holdTime < LeastHoldTime || holdTime < peer.Timers.MinimumHoldTime))
        {
            return NotificationMessage.Of(OpenError.UnacceptableHoldTime);
        }

        return local.Capabilities.Families != default && CommonFamilies(local, remote) == default
            ? NotificationMessage.Of(OpenError.UnsupportedCapability, Missing(local.Capabilities.Families))
            : null;
    }

    /// <summary>What both sides have in common.</summary>
    public static NegotiatedSession Negotiate(OpenMessage local, OpenMessage remote, PeerSettings peer, GracefulRestartSettings restart)
    {
        Capabilities ours = local.Capabilities, theirs = remote.Capabilities;
        FamilySet families = CommonFamilies(local, remote);
        var holdTime = TimeSpan.FromSeconds(Math.Min(local.HoldTime, remote.HoldTime));
        GracefulRestartCapability? graceful = ours.GracefulRestart is null ? null : theirs.GracefulRestart;
        ImmutableArray<LongLivedFamily> longLived = graceful is null || ours.LongLived.IsEmpty
            ? []
            : LongLived(theirs.LongLived, families, restart.MaximumLongLivedStaleTime);
        FamilySet retained = graceful?.Families.Intersect(families) ?? default;
        foreach (LongLivedFamily row in longLived)
        {
            retained = row.StaleSeconds == 0 ? retained : retained.With(row.Family);
        }

        return new()
        {
            LocalOpen = local,
            RemoteOpen = remote,
            Codec = new()
            {
                FourOctetAs = ours.FourOctetAs is not null && theirs.FourOctetAs is not null,
                ExtendedMessages = ours.ExtendedMessages && theirs.ExtendedMessages,
                Families = families,
                AddPathReceive = families.Intersect(ours.AddPathReceive).Intersect(theirs.AddPathSend),
                AddPathSend = families.Intersect(ours.AddPathSend).Intersect(theirs.AddPathReceive),
                ExtendedNextHop = families.Intersect(ours.ExtendedNextHop).Intersect(theirs.ExtendedNextHop),
                IsIbgp = remote.As == local.As,
                EnforceFirstAs = !peer.AllowForeignFirstAs,
                AcceptAigp = peer.Aigp,
                LocalAs = local.As,
                PeerAs = remote.As,
            },
            HoldTime = holdTime,
            KeepaliveTime = KeepaliveTime(holdTime, peer.Timers.KeepaliveTime),
            SendHoldTime = SendHoldTime(holdTime, peer.Timers.SendHoldTime),
            RouteRefresh = ours.RouteRefresh && theirs.RouteRefresh,
            EnhancedRouteRefresh = ours.EnhancedRouteRefresh && theirs.EnhancedRouteRefresh,
            GracefulRestart = graceful,
            RestartTime = Lower(TimeSpan.FromSeconds(graceful?.RestartSeconds ?? 0), restart.MaximumPeerRestartTime),
            LongLived = longLived,
            NotificationsKeepRoutes = ours.GracefulRestart is { Notifications: true } && graceful is { Notifications: true },
            RetainedFamilies = retained,
        };
    }

    // Without the multiprotocol capability a speaker means IPv4 unicast (RFC 4760 §8).
    private static FamilySet CommonFamilies(OpenMessage local, OpenMessage remote) =>
        (local.Capabilities == Capabilities.None ? Announced(local.Capabilities) : local.Capabilities.Families).Intersect(Announced(remote.Capabilities));

    private static FamilySet Announced(Capabilities capabilities) =>
        capabilities.Families == default && capabilities.OtherFamilies.IsEmpty
            ? FamilySet.Of(RouteFamily.Ipv4Unicast)
            : capabilities.Families;

    private static byte[] Missing(FamilySet families)
    {
        var octets = new System.Buffers.ArrayBufferWriter<byte>();
        CapabilityCodec.Encode(new() { Families = families }, octets);
        return octets.WrittenSpan.ToArray();
    }

    private static ImmutableArray<LongLivedFamily> LongLived(
        ImmutableArray<LongLivedFamily> theirs, FamilySet families, TimeSpan maximum) =>
        [.. theirs.Where(row => families.Contains(row.Family))
            .Select(row => row with { StaleSeconds = (uint)Math.Min(row.StaleSeconds, maximum.TotalSeconds) })];

    private static TimeSpan KeepaliveTime(TimeSpan holdTime, TimeSpan? configured) =>
        configured is { } shorter && shorter > TimeSpan.Zero ? Lower(holdTime / 3, shorter) : holdTime / 3;

    // RFC 9687 §3.3 ties it to the hold time: without one there is none.
    private static TimeSpan SendHoldTime(TimeSpan holdTime, TimeSpan? configured) => holdTime == TimeSpan.Zero
        ? TimeSpan.Zero
        : configured ?? (holdTime * 2 > LeastSendHoldTime ? holdTime * 2 : LeastSendHoldTime);

    private static TimeSpan Lower(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
