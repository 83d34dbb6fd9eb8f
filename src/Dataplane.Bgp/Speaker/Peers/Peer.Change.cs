using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker.In;
using Dataplane.Bgp.Speaker.Out;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker.Peers;

/// <content>New settings, and what operators do.</content>
internal sealed partial class Peer
{
    /// <summary>Takes new settings into effect.</summary>
    /// <returns>Whether the session had to be reset for it.</returns>
    public bool Apply(PeerSettings settings, PeerRangeSettings? range, SpeakerSettings oldSpeaker)
    {
        PeerSettings old = Settings;
        Settings = settings;
        Range = range;
        if (SettingsChange.NeedsReset(old, settings) || SettingsChange.NeedsReset(oldSpeaker, _host.Settings))
        {
            var wasUp = _session is not null;
            Dispatch(SessionEvent.ManualStop(NotificationMessage.Of(CeaseReason.OtherConfigurationChange)));
            _timers.StopAll();
            UpdateSource();
            ReloadImportPolicy();
            _fsm = NewMachine();
            Start();
            return wasUp;
        }

        if (old.Enabled != settings.Enabled)
        {
            SetEnabled(settings.Enabled, null);
        }

        _fsm.Apply(_host.Settings, settings);
        if (_session is { } session)
        {
            foreach (PeerFamily family in _families.Values)
            {
                family.Settings = settings.Families.FirstOrDefault(row => row.Family == family.Family) ?? family.Settings;
                if (family.IsUp)
                {
                    CheckLimit(family);
                }
            }

            IncomingChanged(session, old);
            Regroup();
        }

        return false;
    }

    /// <summary>Policies have other contents.</summary>
    public void PoliciesChanged()
    {
        ReloadImportPolicy();
        ReacceptAll();
        if (_session is not null)
        {
            Regroup(evenIfEqual: Settings.ExportPolicy is not null);
        }
    }

    /// <summary>Starts the session, or ends it for good.</summary>
    /// <param name="isEnabled">Which.</param>
    /// <param name="text">What the peer's operator is told (RFC 9003).</param>
    public void SetEnabled(bool isEnabled, string? text)
    {
        if (isEnabled)
        {
            Dispatch(SessionEvent.ManualStart);
        }
        else
        {
            Dispatch(SessionEvent.ManualStop(NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, text)));
        }
    }

    /// <summary>Ends the session and lets it begin again.</summary>
    public void Reset(string? text) => Dispatch(
        SessionEvent.AutomaticStop(NotificationMessage.WithText(CeaseReason.AdministrativeReset, text), TimeSpan.Zero));

    /// <summary>Asks the peer to send a family again.</summary>
    /// <returns>False when the session is not up, or has not the family or the capability.</returns>
    public bool RefreshIn(RouteFamily family)
    {
        if (_session is not { Negotiated.RouteRefresh: true } session || !Takes(family, out _))
        {
            return false;
        }

        session.Send(MessageType.RouteRefresh, new RouteRefreshMessage(family, RouteRefreshKind.Request).Encode());
        return true;
    }

    /// <summary>Sends the peer a family again.</summary>
    /// <returns>False when the session is not up or has not the family.</returns>
    public bool RefreshOut(RouteFamily family)
    {
        if (_session is not { } session || !Takes(family, out PeerFamily? row))
        {
            return false;
        }

        SendAgain(session, row);
        return true;
    }

    /// <summary>Whether the peer has been sent a route to a destination.</summary>
    public bool IsAdvertised(RouteFamily family, DestinationId destination) =>
        _families.TryGetValue(family, out PeerFamily? row) && row.Member is { } member && member.HasAny(destination.Value);

    /// <summary>Tells what the peer has been sent for a destination.</summary>
    public void ForEachSent(RouteFamily family, DestinationId destination, Out.SentRoute each)
    {
        if (_families.TryGetValue(family, out PeerFamily? row) && row.Member is { Group: { } group } member)
        {
            group.ForEachSent(member, destination, each);
        }
    }

    /// <summary>Our own restart is over: the next OPEN says so, and routes are sent.</summary>
    public void RestartIsOver()
    {
        SetRestartState();
        if (_session is not null)
        {
            Activate();
        }
    }

    // F says that forwarding has gone on: after a restart that peers kept our routes over, and whenever just a session was lost.
    private void SetRestartState()
    {
        FamilySet kept = default;
        if (_host.ForwardingOutlivesUs && (_host.HasRestarted || Counters.Established > 0))
        {
            foreach (FamilySettings family in Settings.Families)
            {
                kept = kept.With(family.Family);
            }
        }

        _fsm.Restart = new(_host.IsRestarting, kept);
    }

    private void IncomingChanged(PeerSession session, PeerSettings old)
    {
        IncomingProfile before = _in.Profile;
        _in.Profile = IncomingOf(Settings, session.Negotiated.IsInternal, session.Negotiated.PeerAs, session.Connection.Ends.Local);
        UpdateSource();
        if (old.FlowSpecValidation != Settings.FlowSpecValidation)
        {
            foreach (PeerFamily family in _families.Values.Where(static row => row.Family.IsFlowSpec))
            {
                family.Table.MarkAll();
            }

            _host.Wake();
        }

        if (old.ImportPolicy != Settings.ImportPolicy || before.PrependOnImport != _in.Profile.PrependOnImport)
        {
            ReloadImportPolicy();
            ReacceptAll();
        }

        if (before.AllowAsIn != _in.Profile.AllowAsIn || before.ClusterId != _in.Profile.ClusterId)
        {
            // What came in a loop was not kept, and what is kept may be a loop now.
            foreach (PeerFamily family in _families.Values)
            {
                _ = family.IsUp && RefreshIn(family.Family);
            }
        }
    }

    private void ReacceptAll()
    {
        foreach (PeerFamily family in _families.Values)
        {
            if (family.Family == RouteFamily.RouteTargetConstraint)
            {
                _ = family.Table.Reaccept(Source, _in.Reaccept);
            }
            else
            {
                family.Table.BeginReaccept(Source, _in.Reaccept);
            }
        }

        RecountMemberships();
        _host.Wake();
    }

    /// <summary>Moves the members to groups that fit, with what they have been sent; routes are looked at again, none is withdrawn without need.</summary>
    private void Regroup(bool evenIfEqual = false)
    {
        if (_session is not { } session)
        {
            return;
        }

        foreach (PeerFamily family in _families.Values)
        {
            if (family.Member is not { Group: { } group } member)
            {
                continue;
            }

            UpdateGroupKey key = KeyOf(family.Family, session);
            if (key == group.Key && !evenIfEqual)
            {
                continue;
            }

            _host.Outgoing(family.Family).Move(member, key);
        }

        _host.Wake();
    }
}
