using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>
/// The keys that peers, peer groups and ranges of peers share. A key belongs to one mapping, so each of the three has a set of its own. What a
/// peer leaves out, its group says; what the group leaves out, the default shown.
/// </summary>
internal sealed class PeerOptionKeys
{
    private static readonly BooleanValue Flag = new();

    public readonly ConfigurationKey<AsNumber?> As = OptionalStruct("as", NumberValues.As,
        "The peer's autonomous system. Needed here or in the group.");

    public readonly ConfigurationKey<LocalAsSettings?> LocalAs = Optional("local-as", LocalAsKeys.Entry(),
        "The system that we are to the peer, when it is not 'bgp.as'.");

    public readonly ConfigurationKey<string?> Description = Optional("description", NameValues.Description,
        "A text for people.");

    public readonly ConfigurationKey<bool?> Enabled = Inherited("enabled", Flag, true,
        "Whether the session is wanted.");

    public readonly ConfigurationKey<int?> Port = Inherited("port", new IntegerValue(1, 65_535), 179,
        "The TCP port that we connect to.");

    public readonly ConfigurationKey<IpAddress?> LocalAddress = OptionalStruct("local-address", BgpValues.Peer,
        "The address that we connect from. Default: the system's choice.");

    public readonly ConfigurationKey<bool?> Passive = Inherited("passive", Flag, false,
        "Wait for the peer to connect.");

    public readonly ConfigurationKey<SessionAuthentication?> Authentication = Inherited(
        "authentication",
        new ChoiceValue<SessionAuthentication>([
            new("md5", SessionAuthentication.Md5, "TCP-MD5 (RFC 2385) with 'password' or 'password-file'"),
            new("none", SessionAuthentication.None, "anyone who can send from the peer's address can take its place"),
        ]),
        SessionAuthentication.Md5,
        "How the session is authenticated (SEC-07).");

    public readonly ConfigurationKey<string?> Password = Optional("password", new SecretValue(),
        "The shared secret of TCP-MD5.");

    public readonly ConfigurationKey<string?> PasswordFile = Optional("password-file", BgpValues.Path,
        "A file with the shared secret on its only line; read when the configuration is. Relative to the configuration file's directory.");

    public readonly ConfigurationKey<int?> TtlSecurityHops = OptionalStruct("ttl-security-hops", new IntegerValue(1, 254),
        "Most hops to the peer: packets from farther away are dropped (GTSM, RFC 5082). Default: not checked. Excludes 'multihop-ttl'.");

    public readonly ConfigurationKey<int?> MultihopTtl = OptionalStruct("multihop-ttl", new IntegerValue(1, 255),
        "TTL of what we send. Default: 1 to external peers, the system's to internal ones.");

    public readonly ConfigurationKey<TimeSpan?> HoldTime = Inherited("hold-time", new SecondsValue(3, 65_535, orZero: true), TimeSpan.FromSeconds(90),
        "Proposed hold time in seconds, 0 for none; the lower of both sides counts.");

    public readonly ConfigurationKey<TimeSpan?> MinHoldTime = Inherited("min-hold-time", new SecondsValue(3, 65_535), TimeSpan.FromSeconds(3),
        "Shortest hold time accepted of the peer besides 0, in seconds.");

    public readonly ConfigurationKey<TimeSpan?> KeepaliveTime = OptionalStruct("keepalive-time", new SecondsValue(1, 21_845),
        "Seconds between keepalives. Default: a third of the negotiated hold time, which is also the longest there is.");

    public readonly ConfigurationKey<TimeSpan?> ConnectRetry = Inherited("connect-retry", new SecondsValue(1, 65_535), TimeSpan.FromSeconds(5),
        "Seconds before the next attempt to connect.");

    public readonly ConfigurationKey<TimeSpan?> DelayOpen = Inherited("delay-open", new SecondsValue(0, 240), TimeSpan.Zero,
        "Seconds that a connection waits for the peer's OPEN before ours is sent.");

    public readonly ConfigurationKey<TimeSpan?> IdleHold = Inherited("idle-hold", new SecondsValue(1, 3600), TimeSpan.FromSeconds(1),
        "The first wait after an error, in seconds; it doubles with each that follows.");

    public readonly ConfigurationKey<TimeSpan?> MaxIdleHold = Inherited("max-idle-hold", new SecondsValue(1, 86_400), TimeSpan.FromSeconds(120),
        "The longest wait after errors, in seconds.");

    public readonly ConfigurationKey<TimeSpan?> OpenHoldTime = Inherited("open-hold-time", new SecondsValue(3, 65_535), TimeSpan.FromMinutes(4),
        "Most seconds to wait for the peer's OPEN.");

    public readonly ConfigurationKey<TimeSpan?> SendHoldTime = OptionalStruct("send-hold-time", new SecondsValue(0, 65_535),
        "Seconds that the peer may take nothing of what we send before the session ends (RFC 9687); 0 for ever. "
        + "Default: 8 minutes, or twice the hold time if that is longer.");

    public readonly ConfigurationKey<IReadOnlyList<FamilySettings>?> Families = Optional("families",
        new ListValue<FamilySettings>(FamilyKeys.Entry, "families", minimum: 1),
        "The families that are exchanged. Default: vpn-ipv4, vpn-ipv6 and rt-constraint.");

    public readonly ConfigurationKey<bool?> RouteReflectorClient = Inherited("route-reflector-client", Flag, false,
        "Reflect routes to and from the peer (RFC 4456).");

    public readonly ConfigurationKey<NextHopMode?> NextHop = Inherited(
        "next-hop",
        new ChoiceValue<NextHopMode>([
            new("default", NextHopMode.Default, "unchanged to internal peers; ourselves to external ones, except in VPN families"),
            new("self", NextHopMode.Self, "ourselves; not in VPN families, whose labels belong to the forwarder that is the next hop"),
            new("unchanged", NextHopMode.Unchanged, "as it was received"),
        ]),
        NextHopMode.Default,
        "The next hop that the peer is told.");

    public readonly ConfigurationKey<int?> AllowAsIn = Inherited("allow-as-in", new IntegerValue(0, 10), 0,
        "How often our own AS may be in a received AS_PATH.");

    public readonly ConfigurationKey<bool?> AsOverride = Inherited("as-override", Flag, false,
        "Replace the peer's AS by ours in AS_PATHs that it is sent.");

    public readonly ConfigurationKey<RemovePrivateMode?> RemovePrivate = Inherited(
        "remove-private-as",
        new ChoiceValue<RemovePrivateMode>([
            new("none", RemovePrivateMode.None, "they stay"),
            new("if-all", RemovePrivateMode.IfAll, "they go when the path has no others"),
            new("all", RemovePrivateMode.All, "each goes"),
            new("replace", RemovePrivateMode.Replace, "each is replaced by ours"),
        ]),
        RemovePrivateMode.None,
        "What becomes of private AS numbers in AS_PATHs that the peer is sent.");

    public readonly ConfigurationKey<bool?> EnhancedRefresh = Inherited("enhanced-refresh", Flag, true,
        "Offer enhanced route refresh (RFC 7313).");

    public readonly ConfigurationKey<bool?> ExtendedMessage = Inherited("extended-message", Flag, true,
        "Offer messages of up to 65535 octets (RFC 8654).");

    public readonly ConfigurationKey<GracefulRestartMode?> GracefulRestart = Inherited(
        "graceful-restart",
        new ChoiceValue<GracefulRestartMode>([
            new("disabled", GracefulRestartMode.Disabled, "not offered"),
            new("helper", GracefulRestartMode.Helper, "the peer's routes are kept while it restarts"),
            new("full", GracefulRestartMode.Full, "and our forwarding state is kept while we do"),
        ]),
        GracefulRestartMode.Helper,
        "Our part in graceful restart (RFC 4724).");

    public readonly ConfigurationKey<bool?> LongLivedGracefulRestart = Inherited("long-lived-graceful-restart", Flag, false,
        "Offer long-lived graceful restart (RFC 9494); needs graceful restart.");

    public readonly ConfigurationKey<string?> ImportPolicy = Optional("import-policy", BgpValues.Name,
        "Policy for what the peer sends. Default: all is accepted from internal peers, nothing from external ones (see 'bgp.ebgp-requires-policy').");

    public readonly ConfigurationKey<string?> ExportPolicy = Optional("export-policy", BgpValues.Name,
        "Policy for what the peer is sent. Default: all is sent to internal peers, nothing to external ones.");

    public readonly ConfigurationKey<bool?> AdvertiseSpecifics = Inherited("advertise-specifics", Flag, true,
        "Send routes below an aggregate that suppresses them (INT-05).");

    public readonly ConfigurationKey<bool?> DefaultRouteTarget = Inherited("default-route-target", Flag, false,
        "Ask the peer for all VPN routes: originate the default route target membership (RFC 4684).");

    public readonly ConfigurationKey<bool?> AllowForeignFirstAs = Inherited("allow-foreign-first-as", Flag, false,
        "Accept of an external peer what another system stands first in; for route servers.");

    public readonly ConfigurationKey<bool?> Aigp = OptionalStruct("aigp", Flag,
        "Exchange the accumulated IGP metric with the peer (RFC 7311). Default: with internal peers only.");

    public readonly ConfigurationKey<bool?> FlowSpecValidation = Inherited("flowspec-validation", Flag, true,
        "Use flow specifications of the peer only where they go with the unicast routes (RFC 8955 §6, RFC 9117); not those of VPNs.");

    public readonly ConfigurationKey<int?> SendQueueKib = Inherited("send-queue-kib", new IntegerValue(64, 1 << 20), 4096,
        "KiB that wait for a peer that reads slowly, before it is left to catch up at its own pace.");

    public readonly ConfigurationKey<int?> ReceiveQueueKib = Inherited("receive-queue-kib", new IntegerValue(64, 1 << 20), 1024,
        "Received KiB that may wait to be processed before reading stops.");

    /// <summary>All keys in the order in which they are presented.</summary>
    public IReadOnlyList<ConfigurationKey> All =>
    [
        As, LocalAs, Description, Enabled, Port, LocalAddress, Passive, Authentication, Password, PasswordFile, TtlSecurityHops, MultihopTtl,
        HoldTime, MinHoldTime, KeepaliveTime, ConnectRetry, DelayOpen, IdleHold, MaxIdleHold, OpenHoldTime, SendHoldTime, Families,
        RouteReflectorClient, NextHop, AllowAsIn, AsOverride, RemovePrivate, EnhancedRefresh, ExtendedMessage, GracefulRestart,
        LongLivedGracefulRestart, ImportPolicy, ExportPolicy, AdvertiseSpecifics, DefaultRouteTarget, AllowForeignFirstAs, Aigp,
        FlowSpecValidation, SendQueueKib, ReceiveQueueKib,
    ];

    /// <summary>What a mapping says.</summary>
    public PeerOptions Read(ParsedMapping m) => new()
    {
        As = m.Get(As),
        LocalAs = m.Get(LocalAs),
        Description = m.Get(Description),
        Enabled = m.Get(Enabled),
        Port = m.Get(Port),
        LocalAddress = m.Get(LocalAddress),
        Passive = m.Get(Passive),
        Authentication = m.Get(Authentication),
        Password = m.Get(Password),
        PasswordFile = m.Get(PasswordFile),
        TtlSecurityHops = m.Get(TtlSecurityHops),
        MultihopTtl = m.Get(MultihopTtl),
        HoldTime = m.Get(HoldTime),
        MinHoldTime = m.Get(MinHoldTime),
        KeepaliveTime = m.Get(KeepaliveTime),
        ConnectRetry = m.Get(ConnectRetry),
        DelayOpen = m.Get(DelayOpen),
        IdleHold = m.Get(IdleHold),
        MaxIdleHold = m.Get(MaxIdleHold),
        OpenHoldTime = m.Get(OpenHoldTime),
        SendHoldTime = m.Get(SendHoldTime),
        Families = m.Get(Families),
        RouteReflectorClient = m.Get(RouteReflectorClient),
        NextHop = m.Get(NextHop),
        AllowAsIn = m.Get(AllowAsIn),
        AsOverride = m.Get(AsOverride),
        RemovePrivate = m.Get(RemovePrivate),
        EnhancedRefresh = m.Get(EnhancedRefresh),
        ExtendedMessage = m.Get(ExtendedMessage),
        GracefulRestart = m.Get(GracefulRestart),
        LongLivedGracefulRestart = m.Get(LongLivedGracefulRestart),
        ImportPolicy = m.Get(ImportPolicy),
        ExportPolicy = m.Get(ExportPolicy),
        AdvertiseSpecifics = m.Get(AdvertiseSpecifics),
        DefaultRouteTarget = m.Get(DefaultRouteTarget),
        AllowForeignFirstAs = m.Get(AllowForeignFirstAs),
        Aigp = m.Get(Aigp),
        FlowSpecValidation = m.Get(FlowSpecValidation),
        SendQueueKib = m.Get(SendQueueKib),
        ReceiveQueueKib = m.Get(ReceiveQueueKib),
    };
}
