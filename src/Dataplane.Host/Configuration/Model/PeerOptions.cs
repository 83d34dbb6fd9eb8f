using Dataplane.Bgp.Settings;
using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>How a session is proved to be with whom it should be.</summary>
internal enum SessionAuthentication
{
    /// <summary>TCP-MD5 with a shared secret (RFC 2385).</summary>
    Md5,

    /// <summary>Not at all, on purpose.</summary>
    None,
}

/// <summary>What may be said of a peer, a group of peers or a range of peers; null where nothing is said.</summary>
internal sealed record PeerOptions
{
    public AsNumber? As { get; init; }

    public LocalAsSettings? LocalAs { get; init; }

    public string? Description { get; init; }

    public bool? Enabled { get; init; }

    public int? Port { get; init; }

    public IpAddress? LocalAddress { get; init; }

    public bool? Passive { get; init; }

    public SessionAuthentication? Authentication { get; init; }

    public string? Password { get; init; }

    public string? PasswordFile { get; init; }

    public int? TtlSecurityHops { get; init; }

    public int? MultihopTtl { get; init; }

    public TimeSpan? HoldTime { get; init; }

    public TimeSpan? MinHoldTime { get; init; }

    public TimeSpan? KeepaliveTime { get; init; }

    public TimeSpan? ConnectRetry { get; init; }

    public TimeSpan? DelayOpen { get; init; }

    public TimeSpan? IdleHold { get; init; }

    public TimeSpan? MaxIdleHold { get; init; }

    public TimeSpan? OpenHoldTime { get; init; }

    public TimeSpan? SendHoldTime { get; init; }

    public IReadOnlyList<FamilySettings>? Families { get; init; }

    public bool? RouteReflectorClient { get; init; }

    public NextHopMode? NextHop { get; init; }

    public int? AllowAsIn { get; init; }

    public bool? AsOverride { get; init; }

    public RemovePrivateMode? RemovePrivate { get; init; }

    public bool? EnhancedRefresh { get; init; }

    public bool? ExtendedMessage { get; init; }

    public GracefulRestartMode? GracefulRestart { get; init; }

    public bool? LongLivedGracefulRestart { get; init; }

    public string? ImportPolicy { get; init; }

    public string? ExportPolicy { get; init; }

    public bool? AdvertiseSpecifics { get; init; }

    public bool? DefaultRouteTarget { get; init; }

    public bool? AllowForeignFirstAs { get; init; }

    public bool? Aigp { get; init; }

    public bool? FlowSpecValidation { get; init; }

    public int? SendQueueKib { get; init; }

    public int? ReceiveQueueKib { get; init; }

    /// <summary>These options where they say something, otherwise those of a group. The secret goes with the way it is given.</summary>
    public PeerOptions Over(PeerOptions? group) => group is null ? this : new PeerOptions
    {
        As = As ?? group.As,
        LocalAs = LocalAs ?? group.LocalAs,
        Description = Description ?? group.Description,
        Enabled = Enabled ?? group.Enabled,
        Port = Port ?? group.Port,
        LocalAddress = LocalAddress ?? group.LocalAddress,
        Passive = Passive ?? group.Passive,
        Authentication = Authentication ?? (SaysSecret ? null : group.Authentication),
        Password = SaysSecret || Authentication == SessionAuthentication.None ? Password : group.Password,
        PasswordFile = SaysSecret || Authentication == SessionAuthentication.None ? PasswordFile : group.PasswordFile,
        TtlSecurityHops = TtlSecurityHops ?? (MultihopTtl is null ? group.TtlSecurityHops : null),
        MultihopTtl = MultihopTtl ?? (TtlSecurityHops is null ? group.MultihopTtl : null),
        HoldTime = HoldTime ?? group.HoldTime,
        MinHoldTime = MinHoldTime ?? group.MinHoldTime,
        KeepaliveTime = KeepaliveTime ?? group.KeepaliveTime,
        ConnectRetry = ConnectRetry ?? group.ConnectRetry,
        DelayOpen = DelayOpen ?? group.DelayOpen,
        IdleHold = IdleHold ?? group.IdleHold,
        MaxIdleHold = MaxIdleHold ?? group.MaxIdleHold,
        OpenHoldTime = OpenHoldTime ?? group.OpenHoldTime,
        SendHoldTime = SendHoldTime ?? group.SendHoldTime,
        Families = Families ?? group.Families,
        RouteReflectorClient = RouteReflectorClient ?? group.RouteReflectorClient,
        NextHop = NextHop ?? group.NextHop,
        AllowAsIn = AllowAsIn ?? group.AllowAsIn,
        AsOverride = AsOverride ?? group.AsOverride,
        RemovePrivate = RemovePrivate ?? group.RemovePrivate,
        EnhancedRefresh = EnhancedRefresh ?? group.EnhancedRefresh,
        ExtendedMessage = ExtendedMessage ?? group.ExtendedMessage,
        GracefulRestart = GracefulRestart ?? group.GracefulRestart,
        LongLivedGracefulRestart = LongLivedGracefulRestart ?? group.LongLivedGracefulRestart,
        ImportPolicy = ImportPolicy ?? group.ImportPolicy,
        ExportPolicy = ExportPolicy ?? group.ExportPolicy,
        AdvertiseSpecifics = AdvertiseSpecifics ?? group.AdvertiseSpecifics,
        DefaultRouteTarget = DefaultRouteTarget ?? group.DefaultRouteTarget,
        Aigp = Aigp ?? group.Aigp,
        FlowSpecValidation = FlowSpecValidation ?? group.FlowSpecValidation,
        AllowForeignFirstAs = AllowForeignFirstAs ?? group.AllowForeignFirstAs,
        SendQueueKib = SendQueueKib ?? group.SendQueueKib,
        ReceiveQueueKib = ReceiveQueueKib ?? group.ReceiveQueueKib,
    };

    private bool SaysSecret => Password is not null || PasswordFile is not null;
}
