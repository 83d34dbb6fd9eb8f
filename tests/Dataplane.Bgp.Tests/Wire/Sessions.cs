using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>What the sessions of these tests negotiated.</summary>
internal static class Sessions
{
    public static FamilySet AllFamilies { get; } = FamilySet.Of([.. RouteFamilies.All]);

    /// <summary>Inside our AS 65000, all families.</summary>
    public static CodecOptions Internal => new()
    {
        Families = AllFamilies,
        IsIbgp = true,
        LocalAs = new(65000),
        PeerAs = new(65000),
        FlowSpecs = new FlowSpecStore(),
    };

    /// <summary>With AS 65001, all families.</summary>
    public static CodecOptions External => Internal with { IsIbgp = false, PeerAs = new(65001) };

    /// <summary>With a speaker of AS 65001 that has no four-octet numbers.</summary>
    public static CodecOptions TwoOctet => External with { FourOctetAs = false };

    public static DecodedUpdate Decode(byte[] body, CodecOptions options)
    {
        var update = new DecodedUpdate();
        UpdateDecoder.Decode(body, options, update);
        return update;
    }

    public static RouteDistinguisher Rd(string text) => RouteDistinguisher.Parse(text);
}
