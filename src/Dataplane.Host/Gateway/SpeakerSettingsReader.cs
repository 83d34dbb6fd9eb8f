using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Gateway;

/// <summary>What a configuration says to the BGP speaker.</summary>
internal static class SpeakerSettingsReader
{
    private const int Kib = 1024;

    private static readonly IReadOnlyList<FamilySettings> DefaultFamilies =
        [RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint];

    /// <summary>The speaker of a gateway's configuration.</summary>
    public static SpeakerSettings Read(DataplaneConfiguration configuration)
    {
        BgpConfiguration bgp = configuration.Bgp!;
        return new SpeakerSettings
        {
            As = bgp.As,
            RouterId = bgp.RouterId.Value,
            ClusterId = bgp.ClusterId?.Value,
            Listen = bgp.Listen is { } given
                ? [.. given.Select(static endpoint => new ListenEndpoint(endpoint.Address, endpoint.Port))]
                : [new ListenEndpoint(new Ipv4Address(0)), new ListenEndpoint(new Ipv6Address(0, 0))],
            GracefulRestart = bgp.GracefulRestart,
            BestPath = bgp.BestPath,
            ExternalMembershipPaths = bgp.ExternalMembershipPaths,
            Peers = [.. bgp.Peers.Select(peer => Peer(bgp, peer.Address, peer.Options))],
            Ranges = [.. bgp.DynamicPeers.Select(range => new PeerRangeSettings
            {
                Range = range.Range,
                Template = Peer(bgp, range.Range.Address, range.Options),
                MaxPeers = range.MaxPeers,
                AllowedAs = [.. range.AllowedAs.Select(static allowed => new AsNumberRange(allowed.First, allowed.Last))],
                ForgetAfter = range.ForgetAfter,
            })],
            Bmp = configuration.Bmp,
            Mrt = configuration.Mrt,
            StateDirectory = configuration.StateDirectory,
        };
    }

    private static PeerSettings Peer(BgpConfiguration bgp, IpAddress address, PeerOptions options)
    {
        var defaults = new PeerSettings { Address = address, As = options.As ?? bgp.As };

        // RFC 8212: where an external peer has no policy, nothing passes.
        string? missing = defaults.As != bgp.As && bgp.EbgpRequiresPolicy ? PolicySet.RejectAll : null;
        return defaults with
        {
            Port = (ushort)(options.Port ?? defaults.Port),
            Description = options.Description,
            Enabled = options.Enabled ?? defaults.Enabled,
            LocalAs = options.LocalAs,
            Transport = Transport(options, defaults.Transport),
            Timers = Timers(options, defaults.Timers),
            Families = options.Families ?? DefaultFamilies,
            RouteReflectorClient = options.RouteReflectorClient ?? defaults.RouteReflectorClient,
            NextHop = options.NextHop ?? defaults.NextHop,
            AllowAsIn = options.AllowAsIn ?? defaults.AllowAsIn,
            AsOverride = options.AsOverride ?? defaults.AsOverride,
            RemovePrivate = options.RemovePrivate ?? defaults.RemovePrivate,
            EnhancedRefresh = options.EnhancedRefresh ?? defaults.EnhancedRefresh,
            ExtendedMessage = options.ExtendedMessage ?? defaults.ExtendedMessage,
            GracefulRestart = options.GracefulRestart ?? defaults.GracefulRestart,
            LongLivedGracefulRestart = options.LongLivedGracefulRestart ?? defaults.LongLivedGracefulRestart,
            ImportPolicy = options.ImportPolicy ?? missing,
            ExportPolicy = options.ExportPolicy ?? missing,
            AdvertiseSpecifics = options.AdvertiseSpecifics ?? defaults.AdvertiseSpecifics,
            DefaultRouteTarget = options.DefaultRouteTarget ?? defaults.DefaultRouteTarget,
            Aigp = options.Aigp,
            FlowSpecValidation = options.FlowSpecValidation ?? defaults.FlowSpecValidation,
            AllowForeignFirstAs = options.AllowForeignFirstAs ?? defaults.AllowForeignFirstAs,
        };
    }

    private static PeerTransportSettings Transport(PeerOptions options, PeerTransportSettings defaults) => defaults with
    {
        LocalAddress = options.LocalAddress,
        Passive = options.Passive ?? defaults.Passive,
        Password = options.Authentication == SessionAuthentication.None ? null : options.Password,
        TtlSecurityHops = (byte?)options.TtlSecurityHops,
        MultihopTtl = (byte?)options.MultihopTtl,
        SendQueueBytes = options.SendQueueKib * Kib ?? defaults.SendQueueBytes,
        ReceiveQueueBytes = options.ReceiveQueueKib * Kib ?? defaults.ReceiveQueueBytes,
    };

    private static PeerTimerSettings Timers(PeerOptions options, PeerTimerSettings defaults) => defaults with
    {
        HoldTime = options.HoldTime ?? defaults.HoldTime,
        MinimumHoldTime = options.MinHoldTime ?? defaults.MinimumHoldTime,
        KeepaliveTime = options.KeepaliveTime,
        ConnectRetry = options.ConnectRetry ?? defaults.ConnectRetry,
        DelayOpen = options.DelayOpen ?? defaults.DelayOpen,
        IdleHold = options.IdleHold ?? defaults.IdleHold,
        MaximumIdleHold = options.MaxIdleHold ?? defaults.MaximumIdleHold,
        OpenHoldTime = options.OpenHoldTime ?? defaults.OpenHoldTime,
        SendHoldTime = options.SendHoldTime,
    };
}
