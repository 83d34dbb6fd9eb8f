using System.Buffers.Binary;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>A policy that the model understands: rejects every other prefix, or prefers what has a MED of 1.</summary>
internal sealed class ModelPolicy(bool rejects) : IRoutePolicy
{
    private const uint Preferred = 300;

    public bool LooksAtNlri => rejects;

    /// <summary>What a policy makes of a path; null when it rejects it.</summary>
    public static ModelPath? Judge(IRoutePolicy? policy, ModelPath path) => policy switch
    {
        null => path,
        ModelPolicy { LooksAtNlri: true } => IsOdd(path.Destination.Nlri) ? null : path,
        _ => path.Med == 1 ? path with { LocalPreference = Preferred } : path,
    };

    public PolicyResult Apply(
        AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result)
    {
        if (rejects)
        {
            return IsOdd(nlri) ? PolicyResult.Rejected : PolicyResult.Accepted;
        }

        if (!attributes.TryGet(AttributeCode.MultiExitDisc, out ReadOnlySpan<byte> med) || BinaryPrimitives.ReadUInt32BigEndian(med) != 1)
        {
            return PolicyResult.Accepted;
        }

        result.Load(attributes);
        result.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, Preferred);
        return PolicyResult.Changed;
    }

    private static bool IsOdd(in Nlri nlri) => ((nlri.Low ^ nlri.Length) & 1) != 0;
}
