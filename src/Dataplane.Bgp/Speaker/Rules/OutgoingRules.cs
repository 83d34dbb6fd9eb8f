using System.Buffers.Binary;
using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>
/// Whether and with which attributes a route is advertised: RFC 4271 §5 and §9.1.3, RFC 1997, RFC 4360 §6, RFC 4456 §8, RFC 4684 §3.2,
/// RFC 7311 §3, RFC 9494 §4.6. The same attributes from the same kind of source have the same result, so it is asked once
/// per set of attributes and update group. Keeps buffers; no state from one route to the next. One thread.
/// </summary>
internal sealed class OutgoingRules
{
    private readonly AttributeBlockBuilder _policyResult = new();
    private byte[] _path = new byte[1024];
    private byte[] _spare = new byte[1024];

    /// <summary>Decides about a route.</summary>
    /// <param name="profile">Towards whom.</param>
    /// <param name="attributes">As accepted by import.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="nlri">What it is a route to; only policy may look at it.</param>
    /// <param name="policy">The export policy; null for none.</param>
    /// <param name="result">Set to what is sent.</param>
    /// <returns>Whether the route is advertised.</returns>
    public bool Apply(
        OutgoingProfile profile, AttributeBlock attributes, in PathOrigin origin, in Nlri nlri, IRoutePolicy? policy, AttributeBlockBuilder result)
    {
        if (!MayLeave(profile, attributes, origin))
        {
            return false;
        }

        result.Load(attributes);
        var external = profile.Kind == PeerKind.External;
        if (external && origin.Kind != SourceKind.Local)
        {
            // RFC 4271 §5.1.4: not to other neighbouring systems. Before policy, which may set one of its own.
            result.Remove(AttributeCode.MultiExitDisc);
        }

        var nextHop = PolicyNextHop.Default;
        if (policy is not null)
        {
            PolicyContext context = profile.PolicyContext with { SourceKind = origin.Kind, SourceAddress = origin.Address, SourceAs = origin.As };
            switch (policy.Apply(result.Block, nlri, profile.Family, context, _policyResult))
            {
                case PolicyResult.Rejected:
                    return false;
                case PolicyResult.Changed:
                    result.Load(_policyResult.Block);
                    break;
            }

            nextHop = policy.NextHop;
        }

        Complete(profile, result);
        if (!profile.Aigp)
        {
            result.Remove(AttributeCode.Aigp); // RFC 7311 §3.2: not in sessions without AIGP_SESSION, by default those of external peers.
        }

        if (external)
        {
            ForExternal(profile, result);
        }
        else
        {
            ForInternal(profile, origin, result);
        }

        if (origin.IsLongLivedStale)
        {
            WellKnownCommunity.Add(result, WellKnownCommunity.LlgrStale);
        }

        return SetNextHop(profile, nextHop, origin.NextHopMetric, result);
    }

    /// <summary>Whether routes from there are advertised there at all; what the result does not depend on stays out of it.</summary>
    private static bool MayLeave(OutgoingProfile profile, AttributeBlock attributes, in PathOrigin origin)
    {
        if (profile.Kind != PeerKind.External && origin.Kind == SourceKind.Ibgp && profile.Kind != PeerKind.Client && !origin.IsClient)
        {
            return false; // RFC 4456 §6: between non-clients routes are not reflected.
        }

        if (!attributes.TryGet(AttributeCode.Communities, out ReadOnlySpan<byte> octets))
        {
            return profile.LongLivedStale || !origin.IsLongLivedStale;
        }

        var stale = origin.IsLongLivedStale;
        for (; octets.Length >= 4; octets = octets[4..])
        {
            switch (BinaryPrimitives.ReadUInt32BigEndian(octets))
            {
                case WellKnownCommunity.NoAdvertise:
                case WellKnownCommunity.NoExport or WellKnownCommunity.NoExportSubconfed when profile.Kind == PeerKind.External:
                    return false;
                case WellKnownCommunity.LlgrStale:
                    stale = true;
                    break;
            }
        }

        return profile.LongLivedStale || !stale;
    }

    /// <summary>Adds what is mandatory and our own routes may lack.</summary>
    private static void Complete(OutgoingProfile profile, AttributeBlockBuilder result)
    {
        if (!result.Block.TryGet(AttributeCode.Origin, out _))
        {
            result.SetOrigin(profile.Family == RouteFamily.RouteTargetConstraint ? (byte)0 : (byte)2);
        }

        if (!result.Block.TryGet(AttributeCode.AsPath, out _))
        {
            result.SetAsPath();
        }
    }

    private void ForExternal(OutgoingProfile profile, AttributeBlockBuilder result)
    {
        result.Remove(AttributeCode.LocalPref);
        result.Remove(AttributeCode.OriginatorId);
        result.Remove(AttributeCode.ClusterList);
        RemoveNonTransitive(result);

        _ = result.Block.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> old);
        var room = old.Length + 16;
        if (_path.Length < room)
        {
            _path = new byte[room * 2];
            _spare = new byte[room * 2];
        }

        old.CopyTo(_path);
        var length = old.Length;
        if (profile.AsOverride)
        {
            AsPath.Replace(_path.AsSpan(0, length), profile.PeerAs, profile.SessionAs);
        }

        switch (profile.RemovePrivate)
        {
            case RemovePrivateMode.Replace:
                AsPath.ReplacePrivate(_path.AsSpan(0, length), profile.SessionAs);
                break;
            case RemovePrivateMode.All:
            case RemovePrivateMode.IfAll when AsPath.IsAllPrivate(_path.AsSpan(0, length)):
                length = AsPath.RemovePrivate(_path.AsSpan(0, length), _spare);
                (_path, _spare) = (_spare, _path);
                break;
        }

        if (profile.LocalAs is { ReplaceAs: false })
        {
            length = Prepend(length, profile.SpeakerAs);
        }

        length = Prepend(length, profile.SessionAs);
        result.Set(AttributeCode.AsPath, AttributeFlags.Transitive, _path.AsSpan(0, length));
    }

    private void ForInternal(OutgoingProfile profile, in PathOrigin origin, AttributeBlockBuilder result)
    {
        if (!result.Block.TryGet(AttributeCode.LocalPref, out _))
        {
            result.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
        }

        if (profile.Family == RouteFamily.RouteTargetConstraint && profile.Kind == PeerKind.Client)
        {
            // RFC 4684 §3.2 i: the client shall take its own membership back from us, since others may have asked for the same target.
            result.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, profile.RouterId);
            result.Remove(AttributeCode.ClusterList);
            return;
        }

        if (origin.Kind != SourceKind.Ibgp)
        {
            return;
        }

        if (!result.Block.TryGet(AttributeCode.OriginatorId, out _))
        {
            result.Set(AttributeCode.OriginatorId, AttributeFlags.Optional, origin.RouterId);
        }

        _ = result.Block.TryGet(AttributeCode.ClusterList, out ReadOnlySpan<byte> clusters);
        Span<byte> longer = clusters.Length <= 1020 ? stackalloc byte[clusters.Length + 4] : new byte[clusters.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(longer, profile.ClusterId);
        clusters.CopyTo(longer[4..]);
        result.Set(AttributeCode.ClusterList, AttributeFlags.Optional, longer);
    }

    private static bool SetNextHop(OutgoingProfile profile, PolicyNextHop wanted, uint metric, AttributeBlockBuilder result)
    {
        if (profile.Family.IsFlowSpec)
        {
            return true; // RFC 8955 §4: none; one that a redirect needs passes as it is.
        }

        var self = profile.Family == RouteFamily.RouteTargetConstraint || wanted switch
        {
            PolicyNextHop.Self => true,
            PolicyNextHop.Unchanged or PolicyNextHop.Address => false,
            _ => profile.NextHop == NextHopMode.Self
                || (profile.NextHop == NextHopMode.Default && profile.Kind == PeerKind.External && !profile.Family.IsVpn), // AMB-38
        };
        if (self || !result.Block.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> nextHop))
        {
            result.SetNextHop(profile.LocalAddress);
            Accumulate(metric, result);
        }
        else if (nextHop.Length == 32)
        {
            // RFC 2545 §3: the link-local address means something only to neighbours on the link that the route came from.
            Span<byte> global = stackalloc byte[16];
            nextHop[..16].CopyTo(global);
            result.Set(AttributeCode.NextHop, AttributeFlags.Transitive, global);
        }

        return CanCarry(profile, result.Block);
    }

    /// <summary>RFC 7311 §3.4: who becomes the next hop adds its distance to the one that was.</summary>
    private static void Accumulate(uint metric, AttributeBlockBuilder result)
    {
        if (metric == 0 || !result.Block.TryGet(AttributeCode.Aigp, out ReadOnlySpan<byte> value))
        {
            return;
        }

        Span<byte> changed = value.Length <= 256 ? stackalloc byte[value.Length] : new byte[value.Length];
        value.CopyTo(changed);
        for (Span<byte> rest = changed; rest.Length >= 3;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            if (rest[0] == 1 && length == 11)
            {
                var sum = BinaryPrimitives.ReadUInt64BigEndian(rest[3..]);
                BinaryPrimitives.WriteUInt64BigEndian(rest[3..], sum > ulong.MaxValue - metric ? ulong.MaxValue : sum + metric);
                break; // the first of its type counts
            }

            if (length < 3 || length > rest.Length)
            {
                return;
            }

            rest = rest[length..];
        }

        result.Set(AttributeCode.Aigp, AttributeFlags.Optional, changed);
    }

    /// <summary>An IPv6 next hop in the IPv4 families takes the capability of RFC 8950.</summary>
    private static bool CanCarry(OutgoingProfile profile, AttributeBlock block) =>
        profile.ExtendedNextHop || profile.Family is not (RouteFamily.Ipv4Unicast or RouteFamily.VpnIpv4) || NextHopOf(block).Length <= 4;

    private static ReadOnlySpan<byte> NextHopOf(AttributeBlock block) =>
        block.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> value) ? value : default;

    /// <summary>RFC 4360 §6: extended communities that are not transitive stay in the AS.</summary>
    private static void RemoveNonTransitive(AttributeBlockBuilder result)
    {
        if (!result.Block.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> octets))
        {
            return;
        }

        var kept = 0;
        Span<byte> transitive = octets.Length <= 1024 ? stackalloc byte[octets.Length] : new byte[octets.Length];
        for (var at = 0; at + ExtendedCommunity.Size <= octets.Length; at += ExtendedCommunity.Size)
        {
            if ((octets[at] & 0x40) == 0)
            {
                octets.Slice(at, ExtendedCommunity.Size).CopyTo(transitive[kept..]);
                kept += ExtendedCommunity.Size;
            }
        }

        if (kept == 0)
        {
            result.Remove(AttributeCode.ExtendedCommunities);
        }
        else if (kept < octets.Length)
        {
            result.Set(AttributeCode.ExtendedCommunities, AttributeFlags.Optional | AttributeFlags.Transitive, transitive[..kept]);
        }
    }

    private int Prepend(int length, AsNumber number)
    {
        length = AsPath.Prepend(_path.AsSpan(0, length), number, _spare);
        (_path, _spare) = (_spare, _path);
        return length;
    }
}
