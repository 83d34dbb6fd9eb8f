using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>Why the routes of an UPDATE are not taken although it is well formed.</summary>
public enum RouteRefusal : byte
{
    /// <summary>They are taken.</summary>
    None,

    /// <summary>Our AS is in the AS_PATH more often than allowed (RFC 4271 §9.1.2).</summary>
    AsLoop,

    /// <summary>We are the ORIGINATOR_ID (RFC 4456 §8).</summary>
    OriginatorLoop,

    /// <summary>Our cluster is in the CLUSTER_LIST (RFC 4456 §8).</summary>
    ClusterLoop,
}

/// <summary>The checks of received attributes that are ours and not the message's: loops.</summary>
public static class IncomingRules
{
    /// <summary>Whether a route came back to where it has been.</summary>
    /// <param name="attributes">The attributes as received.</param>
    /// <param name="speakerAs">Our AS.</param>
    /// <param name="sessionAs">The AS that the peer knows us as.</param>
    /// <param name="allowAsIn">How often each may be in the path.</param>
    /// <param name="routerId">Our identifier.</param>
    /// <param name="clusterId">Our cluster.</param>
    /// <param name="internalPeer">Whether the peer is of our AS; the attributes of reflection have no meaning from others.</param>
    public static RouteRefusal Check(
        AttributeBlock attributes, AsNumber speakerAs, AsNumber sessionAs, int allowAsIn, uint routerId, uint clusterId, bool internalPeer)
    {
        if (attributes.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> path) && !path.IsEmpty
            && (AsPath.Count(path, speakerAs) > allowAsIn || (sessionAs != speakerAs && AsPath.Count(path, sessionAs) > allowAsIn)))
        {
            return RouteRefusal.AsLoop;
        }

        if (!internalPeer)
        {
            return RouteRefusal.None;
        }

        if (attributes.TryGet(AttributeCode.OriginatorId, out ReadOnlySpan<byte> originator)
            && BinaryPrimitives.ReadUInt32BigEndian(originator) == routerId)
        {
            return RouteRefusal.OriginatorLoop;
        }

        if (attributes.TryGet(AttributeCode.ClusterList, out ReadOnlySpan<byte> clusters))
        {
            for (; clusters.Length >= 4; clusters = clusters[4..])
            {
                if (BinaryPrimitives.ReadUInt32BigEndian(clusters) == clusterId)
                {
                    return RouteRefusal.ClusterLoop;
                }
            }
        }

        return RouteRefusal.None;
    }
}
