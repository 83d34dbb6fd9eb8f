using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.Peers;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Bgp.Speaker;

/// <content>
/// Whether the peers have said all they have of a VRF, for those that have to know (AGT-09). A peer that speaks graceful restart says so with
/// its End-of-RIB. What RT-Constraint asks for later than at the session's beginning has no end that anybody marks, and neither has what peers without
/// graceful restart send: there a time has to do.
/// </content>
public sealed partial class BgpSpeaker
{
    private readonly WantedTargets _wanted;
    private bool _hasUnselectedEnd;

    /// <summary>
    /// Whether every peer that is to send VPN routes has sent those of a VRF, and they are selected. One that is not there, or does not come to its
    /// End-of-RIB, is waited for as long as after a restart: <see cref="GracefulRestartSettings.SelectionDeferral"/>. Peers of ranges that are not
    /// there are not missed. On the loop.
    /// </summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="patience">How long routes take to come whose end no peer marks.</param>
    public bool HasHeardAll(VrfIndex vrf, TimeSpan patience)
    {
        if (IsRestarting || (_hasUnselectedEnd && !Routes.IsSettled))
        {
            return false;
        }

        foreach (Peer peer in _order)
        {
            if (!HasSaidAll(peer, vrf, patience))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasSaidAll(Peer peer, VrfIndex vrf, TimeSpan patience)
    {
        if (!peer.Settings.Enabled || (peer.IsDynamic && peer.Session is null) || !peer.Settings.Families.Any(static settings => settings.Family.IsVpn))
        {
            return true;
        }

        if (!peer.HasEnded)
        {
            return Loop.Time.GetElapsedTime(peer.AwaitedSince) >= Settings.GracefulRestart.SelectionDeferral;
        }

        long? asked = peer.Session!.GracefulRestart is null ? peer.ChangedSince : null;
        if (peer.Memberships is not null)
        {
            foreach (ExtendedCommunity target in Routes.Vrfs?[vrf].Settings.ImportTargets ?? [])
            {
                if (_wanted.Since(target) is { } since && since > peer.ChangedSince && (asked is null || since > asked))
                {
                    asked = since;
                }
            }
        }

        return asked is not { } at || Loop.Time.GetElapsedTime(at) >= patience;
    }

    void IPeerHost.EndOfRibReceived() => _hasUnselectedEnd = true;

    /// <summary>Since when targets are wanted; ticks of the loop's time.</summary>
    private sealed class WantedTargets(TimeProvider time) : IMembershipListener
    {
        private readonly Dictionary<ExtendedCommunity, long> _since = [];

        public long? Since(ExtendedCommunity target) => _since.TryGetValue(target, out var since) ? since : null;

        public void MembershipChanged(ExtendedCommunity routeTarget, bool wanted)
        {
            if (wanted)
            {
                _ = _since.TryAdd(routeTarget, time.GetTimestamp());
            }
            else
            {
                _ = _since.Remove(routeTarget);
            }
        }
    }
}
