using Dataplane.Routing.Loop;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>
/// The server side of an external forwarder: hosts say which VLAN belongs to which VPN and which addresses are behind it (EXT-05, EXT-08). VLANs end
/// here, next hop and label are ours, routes are never sent down (EXT-06, EXT-07, AMB-17); what goes up is up to the binding. Routing loop.
/// </summary>
/// <remarks>This file: sessions and time. <c>TaggedHosts.Requests.cs</c>: what hosts ask for.</remarks>
public sealed partial class TaggedHosts : IXmppSessionHandler
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private readonly Dictionary<Jid, TaggedHost> _hosts = [];
    private readonly RoutingLoop _loop;
    private readonly IInterfaceBinding _binding;
    private readonly TaggedHostsSettings _settings;
    private readonly LoopTimer _timer;

    /// <summary>Starts without hosts.</summary>
    public TaggedHosts(RoutingLoop loop, IInterfaceBinding binding, TaggedHostsSettings settings)
    {
        _loop = loop;
        _binding = binding;
        _settings = settings;
        _timer = loop.CreateTimer(Advance);
        Times = new(loop.Time);
    }

    /// <summary>The hosts that have, or had not long ago, a session.</summary>
    public IReadOnlyCollection<TaggedHost> Hosts => _hosts.Values;

    /// <summary>How long it takes until servers know what hosts have.</summary>
    public HostTimes Times { get; }

    /// <summary>Sessions of hosts that are not known here.</summary>
    public long NotAdmitted { get; private set; }

    /// <summary>Requests that were refused, by the name of the condition that the host was told (RFC 6120 §8.3.3, or XEP-0060's where it is more specific).</summary>
    public IReadOnlyDictionary<string, long> Refusals => _refusals;

    /// <summary>Addresses that were published and not associated in time (AMB-06).</summary>
    public long PendingDropped { get; private set; }

    /// <summary>Interfaces and addresses that went because their session was lost and did not tell them again.</summary>
    public long Swept { get; private set; }

    /// <inheritdoc/>
    public void Opened(IXmppChannel channel)
    {
        if (_settings.Admit(channel) is not { } admission)
        {
            NotAdmitted++;
            channel.Close(Streams.StreamErrorCondition.NotAuthorized, "this host is not one of those served here");
            return;
        }

        Jid jid = channel.Peer.Bare;
        if (!_hosts.TryGetValue(jid, out TaggedHost? host))
        {
            _hosts.Add(jid, host = new(jid));
        }

        host.Admission = admission;
        host.Channel = channel;
        host.Epoch++;
    }

    /// <inheritdoc/>
    public void Received(IXmppChannel channel, Stanza stanza)
    {
        if (!stanza.IsRequest)
        {
            return;
        }

        var reply = new HostReply(channel, stanza);
        if (HostOf(channel) is not { } host)
        {
            Refuse(reply, new(StanzaErrorCondition.NotAllowed, "this host is not one of those served here"));
        }
        else if (stanza.Payload is { } payload && RequestReader.IsPubSub(payload))
        {
            Handle(host, reply, RequestReader.Read(payload, stanza.Type == "set", _settings.LongestVpnName, out PubSubFault? fault), fault);
        }
        else
        {
            _ = channel.TrySend(Iq.ServiceUnavailable(stanza));
        }
    }

    /// <inheritdoc/>
    public void Drained(IXmppChannel channel)
    {
        // Answers are all that a host is sent: one that does not take them is cut by its session.
    }

    /// <inheritdoc/>
    public void Closed(IXmppChannel channel, SessionEnd end)
    {
        if (HostOf(channel) is not { } host)
        {
            return;
        }

        host.Channel = null;
        var now = _loop.Time.GetTimestamp();
        if (end.IsOrderly)
        {
            Time(PropagationCause.Closed, now, host, host.Leaves);
            foreach (TaggedInterface bound in host.Interfaces.ToArray())
            {
                _binding.Remove(host.KeyOf(bound.Vlan), isMoved: false);
            }

            _ = _hosts.Remove(host.Jid);
            return;
        }

        host.LostAt = now;
        host.SweepAt = TimestampAfter(_settings.StaleTime);
        Wind();
    }

    private TaggedHost? HostOf(IXmppChannel channel) => _hosts.TryGetValue(channel.Peer.Bare, out TaggedHost? host) && host.Channel == channel ? host : null;

    private void Refuse(HostReply reply, PubSubFault fault)
    {
        var reason = fault.Specific ?? StanzaError.NameOf(fault.Condition);
        _refusals[reason] = _refusals.GetValueOrDefault(reason) + 1;
        reply.Refused(fault);
    }

    private long TimestampAfter(TimeSpan after) => _loop.Time.GetTimestamp() + (long)(after.TotalSeconds * _loop.Time.TimestampFrequency);

    private void Wind()
    {
        if (!_timer.IsRunning)
        {
            _timer.Restart(Tick);
        }
    }

    private void Advance()
    {
        var now = _loop.Time.GetTimestamp();
        foreach (TaggedHost host in _hosts.Values.ToArray())
        {
            foreach (HostLeaf leaf in host.Leaves.Where(leaf => leaf.Vlan is null && leaf.PendingUntil <= now).ToArray())
            {
                host.Remove(leaf);
                PendingDropped++;
            }

            if (host.SweepAt <= now)
            {
                Sweep(host);
            }
        }

        if (_hosts.Values.Any(static host => host.SweepAt is not null || host.Leaves.Any(static leaf => leaf.Vlan is null)))
        {
            _timer.Restart(Tick);
        }
    }

    // What was told in the session that is there now, if one is, stays.
    private void Sweep(TaggedHost host)
    {
        host.SweepAt = null;
        var lives = host.Channel is not null;
        foreach (TaggedInterface bound in host.Interfaces.Where(bound => !lives || bound.Epoch != host.Epoch).ToArray())
        {
            Swept++;
            Remove(host, bound, PropagationCause.Lost, host.LostAt);
        }

        HashSet<ushort> changed = [];
        foreach (HostLeaf leaf in host.Leaves.Where(leaf => !lives || leaf.Epoch != host.Epoch).ToArray())
        {
            Swept++;
            Time(PropagationCause.Lost, host.LostAt, host, [leaf]);
            host.Remove(leaf);
            if (leaf.Vlan is { } vlan)
            {
                _ = changed.Add(vlan);
            }
        }

        foreach (var vlan in changed)
        {
            if (host.Find(vlan) is { } bound)
            {
                _binding.Set(host.Describe(bound), Ignore);
            }
        }

        if (!lives)
        {
            _ = _hosts.Remove(host.Jid);
        }
    }

    // Of those that are in a VPN: others are known to nobody.
    private void Time(PropagationCause cause, long at, TaggedHost host, IEnumerable<HostLeaf> leaves)
    {
        foreach (HostLeaf leaf in leaves)
        {
            if (leaf.Vlan is not null)
            {
                Times.Began(cause, at, host.UpstreamNameOf(leaf.Key));
            }
        }
    }

    // An interface that could not be had any more is told to the operator by the binding.
    private static void Ignore(string? problem)
    {
    }
}
