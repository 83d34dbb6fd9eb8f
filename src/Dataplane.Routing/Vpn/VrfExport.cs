using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Vpn;

/// <summary>What a VRF's export policy makes of what is its own, and what becomes of what it keeps to itself. Keeps buffers. Routing thread.</summary>
internal sealed class VrfExport(AttributeStore attributes, VrfTableOptions options)
{
    private readonly AttributeBlockBuilder _changed = new();

    /// <summary>The attributes with which a route leaves its VRF.</summary>
    /// <param name="vrf">The VRF.</param>
    /// <param name="block">With the export targets.</param>
    /// <param name="nlri">The route.</param>
    /// <param name="family">Its VPN family.</param>
    /// <param name="kind">Whose it is: ours, or a client's.</param>
    /// <returns>With a reference; null where the policy says no, or where nobody is to have it since there are no targets.</returns>
    public AttributeSetId? Judge(Vrf vrf, AttributeBlock block, in Nlri nlri, RouteFamily family, SourceKind kind)
    {
        if (vrf.ExportTargets.Length == 0)
        {
            return null;
        }

        if (vrf.Settings.ExportPolicy is not { } policy)
        {
            return attributes.Intern(block);
        }

        PolicyContext context = options.Context with { SourceKind = kind };
        return policy.Apply(block, nlri, family, context, _changed) switch
        {
            PolicyResult.Accepted => attributes.Intern(block),
            PolicyResult.Changed => attributes.Intern(_changed.Block),
            _ => null,
        };
    }

    /// <summary>The attributes of what is in the VRF and nowhere else: no route targets, and NO_ADVERTISE (RFC 1997).</summary>
    /// <returns>With a reference.</returns>
    public AttributeSetId Withheld(AttributeBlock own)
    {
        _changed.Load(own);
        _changed.Set(AttributeCode.Communities, AttributeFlags.Optional | AttributeFlags.Transitive, WellKnownCommunity.NoAdvertise);
        return attributes.Intern(_changed.Block);
    }
}
