using Dataplane.Bgp.Settings;

namespace Dataplane.Bgp.Speaker.Peers;

/// <summary>Which changes of settings ask for a new session: those of what an OPEN says and of the connection.</summary>
internal static class SettingsChange
{
    /// <summary>Whether a peer's session has to begin anew.</summary>
    public static bool NeedsReset(PeerSettings old, PeerSettings now) =>
        !Negotiated(old).Equals(Negotiated(now))
        || !old.Families.Select(Negotiated).Order().SequenceEqual(now.Families.Select(Negotiated).Order());

    /// <summary>Whether all sessions have to begin anew.</summary>
    public static bool NeedsReset(SpeakerSettings old, SpeakerSettings now) =>
        (old.As, old.RouterId) != (now.As, now.RouterId) || old.GracefulRestart != now.GracefulRestart;

    private static object Negotiated(PeerSettings peer) => (
        peer.Port,
        peer.As,
        peer.LocalAs?.As,
        peer.Transport,
        (peer.Timers.HoldTime, peer.Timers.MinimumHoldTime, peer.Timers.KeepaliveTime, peer.Timers.SendHoldTime, peer.Timers.DelayOpen),
        (peer.EnhancedRefresh, peer.ExtendedMessage, peer.GracefulRestart, peer.LongLivedGracefulRestart, peer.AllowForeignFirstAs, peer.Aigp));

    private static string Negotiated(FamilySettings family) =>
        $"{family.Family} {family.AddPath} {family.LlgrStaleTime} {family.ExtendedNextHop}";
}
