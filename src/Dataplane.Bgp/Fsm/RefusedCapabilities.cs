using System.Buffers.Binary;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;

namespace Dataplane.Bgp.Fsm;

/// <summary>What to offer a peer that refused our OPEN for its capabilities (RFC 5492 §3 and §5). Pure.</summary>
public static class RefusedCapabilities
{
    /// <summary>The capabilities without those that were refused; none at all for a peer that does not know the parameter.</summary>
    /// <param name="offered">What our OPEN had.</param>
    /// <param name="answer">The peer's NOTIFICATION.</param>
    /// <param name="hasIpv4Unicast">Whether IPv4 unicast is configured: what a session without the multiprotocol capability is for (RFC 4760 §8).</param>
    /// <param name="reduced">What to offer.</param>
    /// <returns>False when the answer is about something else, or nothing would be left that the session is for.</returns>
    public static bool TryReduce(Capabilities offered, NotificationMessage answer, bool hasIpv4Unicast, out Capabilities reduced)
    {
        reduced = Capabilities.None;
        if (answer.Code != ErrorCode.OpenMessage || offered == Capabilities.None)
        {
            return false;
        }

        switch ((OpenError)answer.Subcode)
        {
            case OpenError.UnsupportedOptionalParameter:
                return hasIpv4Unicast;
            case OpenError.UnsupportedCapability:
                reduced = Without(offered, answer.Data.Span);
                return reduced != offered && (reduced.Families != default || hasIpv4Unicast);
            default:
                return false;
        }
    }

    // The data are the capabilities as they were offered: code, length, value. A peer that names none means all of them.
    private static Capabilities Without(Capabilities offered, ReadOnlySpan<byte> named)
    {
        if (named.Length < 2)
        {
            return Capabilities.None;
        }

        while (named.Length >= 2 && named.Length >= 2 + named[1])
        {
            offered = Without(offered, (CapabilityCode)named[0], named.Slice(2, named[1]));
            named = named[(2 + named[1])..];
        }

        return offered;
    }

    private static Capabilities Without(Capabilities offered, CapabilityCode code, ReadOnlySpan<byte> value) => code switch
    {
        CapabilityCode.Multiprotocol => WithoutFamily(offered, value),
        CapabilityCode.RouteRefresh => offered with { RouteRefresh = false, EnhancedRouteRefresh = false },
        CapabilityCode.EnhancedRouteRefresh => offered with { EnhancedRouteRefresh = false },
        CapabilityCode.ExtendedMessage => offered with { ExtendedMessages = false },
        CapabilityCode.FourOctetAs => offered with { FourOctetAs = null },
        CapabilityCode.ExtendedNextHop => offered with { ExtendedNextHop = default },
        CapabilityCode.AddPath => offered with { AddPathReceive = default, AddPathSend = default },
        CapabilityCode.GracefulRestart => offered with { GracefulRestart = null, LongLived = [] },
        CapabilityCode.LongLivedGracefulRestart => offered with { LongLived = [] },
        _ => offered,
    };

    private static Capabilities WithoutFamily(Capabilities offered, ReadOnlySpan<byte> value)
    {
        if (value.Length < 4 || !RouteFamilies.TryGet(BinaryPrimitives.ReadUInt16BigEndian(value), value[3], out RouteFamily family))
        {
            return offered;
        }

        FamilySet left = offered.Families.Without(family);
        return offered with
        {
            Families = left,
            ExtendedNextHop = offered.ExtendedNextHop.Intersect(left),
            AddPathReceive = offered.AddPathReceive.Intersect(left),
            AddPathSend = offered.AddPathSend.Intersect(left),
            GracefulRestart = offered.GracefulRestart is { } graceful
                ? graceful with { Families = graceful.Families.Intersect(left), ForwardingKept = graceful.ForwardingKept.Intersect(left) }
                : null,
            LongLived = [.. offered.LongLived.Where(row => row.Family != family)],
        };
    }
}
