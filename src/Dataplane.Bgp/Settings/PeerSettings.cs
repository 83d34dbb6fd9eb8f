using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>One peer: how its session is reached, what is offered in it, and how its routes are treated.</summary>
public sealed record PeerSettings
{
    /// <summary>The peer's address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>The port that we connect to.</summary>
    public ushort Port { get; init; } = SpeakerSettings.WellKnownPort;

    /// <summary>A text for people.</summary>
    public string? Description { get; init; }

    /// <summary>Whether the session is wanted; false: administratively down.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The peer's autonomous system.</summary>
    public required AsNumber As { get; init; }

    /// <summary>The system that we are to this peer, and how it shows in AS_PATH; absent: the speaker's.</summary>
    public LocalAsSettings? LocalAs { get; init; }

    /// <summary>TCP: addresses, authentication, hop limits.</summary>
    public PeerTransportSettings Transport { get; init; } = new();

    /// <summary>The times of the session.</summary>
    public PeerTimerSettings Timers { get; init; } = new();

    /// <summary>The families, each at most once.</summary>
    public IReadOnlyList<FamilySettings> Families { get; init; } = [];

    /// <summary>Whether the peer is our client as a route reflector (RFC 4456).</summary>
    public bool RouteReflectorClient { get; init; }

    /// <summary>Which next hop the peer is told.</summary>
    public NextHopMode NextHop { get; init; }

    /// <summary>How often our own AS may be in a received AS_PATH.</summary>
    public int AllowAsIn { get; init; }

    /// <summary>Whether the peer's AS is replaced by ours in AS_PATHs that it is sent.</summary>
    public bool AsOverride { get; init; }

    /// <summary>What becomes of private AS numbers in AS_PATHs that it is sent.</summary>
    public RemovePrivateMode RemovePrivate { get; init; }

    /// <summary>Whether enhanced route refresh is offered (RFC 7313).</summary>
    public bool EnhancedRefresh { get; init; } = true;

    /// <summary>Whether messages of up to 65535 octets are offered (RFC 8654).</summary>
    public bool ExtendedMessage { get; init; } = true;

    /// <summary>Our part in graceful restart (RFC 4724).</summary>
    public GracefulRestartMode GracefulRestart { get; init; } = GracefulRestartMode.Helper;

    /// <summary>Whether long-lived graceful restart is offered (RFC 9494); needs graceful restart.</summary>
    public bool LongLivedGracefulRestart { get; init; }

    /// <summary>The name of the policy for what it sends; absent: everything is accepted.</summary>
    public string? ImportPolicy { get; init; }

    /// <summary>The name of the policy for what it is sent; absent: everything is.</summary>
    public string? ExportPolicy { get; init; }

    /// <summary>Whether it is sent the routes below an aggregate that suppresses them elsewhere (INT-05).</summary>
    public bool AdvertiseSpecifics { get; init; } = true;

    /// <summary>Whether it is sent the default route target membership: all VPN routes, please (RFC 4684 §3.2).</summary>
    public bool DefaultRouteTarget { get; init; }

    /// <summary>Whether AIGP is exchanged with it (RFC 7311 §3.2); absent: with internal peers only.</summary>
    public bool? Aigp { get; init; }

    /// <summary>Whether its flow specifications are validated with the unicast routes (RFC 8955 §6, RFC 9117).</summary>
    public bool FlowSpecValidation { get; init; } = true;

    /// <summary>Whether a message that its AS does not stand first in AS_PATH is accepted of an external peer (RFC 4271 §6.3).</summary>
    public bool AllowForeignFirstAs { get; init; }
}

/// <summary>The autonomous system that we are to one peer.</summary>
/// <param name="As">The number in our OPEN.</param>
/// <param name="NoPrepend">Whether it is left out of the AS_PATH of what the peer sends.</param>
/// <param name="ReplaceAs">Whether only it, and not the speaker's own, is put before what the peer is sent.</param>
public sealed record LocalAsSettings(AsNumber As, bool NoPrepend = false, bool ReplaceAs = false);

/// <summary>The next hop that a peer is told.</summary>
public enum NextHopMode : byte
{
    /// <summary>As RFC 4271 §5.1.3 has it: unchanged to internal peers, ourselves to external ones.</summary>
    Default,

    /// <summary>Ourselves.</summary>
    Self,

    /// <summary>As it was received (inter-AS option C, AMB-38).</summary>
    Unchanged,
}

/// <summary>What becomes of private AS numbers on the way out.</summary>
public enum RemovePrivateMode : byte
{
    /// <summary>They stay.</summary>
    None,

    /// <summary>They are removed when the path has no other numbers.</summary>
    IfAll,

    /// <summary>Each is removed.</summary>
    All,

    /// <summary>Each is replaced by our number, so that the length stays.</summary>
    Replace,
}
