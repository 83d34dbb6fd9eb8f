using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// A flow specification (RFC 8955, RFC 8956): the components that a packet must match, all of them. On the wire and as a key it is a string
/// of octets, "the value": what follows the length field of the NLRI and, in VPN families, the route distinguisher.
/// </summary>
public sealed partial class FlowSpecRule
{
    /// <summary>Looks through the octets of a value.</summary>
    /// <param name="octets">The value, without length field and route distinguisher.</param>
    /// <param name="family">By the AFI of the route.</param>
    /// <returns><see cref="FlowSpecFault.None"/> when it can be held, passed on and decoded.</returns>
    public static FlowSpecFault Validate(ReadOnlySpan<byte> octets, AddressFamily family)
    {
        if (octets.IsEmpty)
        {
            return FlowSpecFault.Empty;
        }

        if (octets.Length > FlowSpecReader.MaximumOctets)
        {
            return FlowSpecFault.TooLong;
        }

        var reader = new FlowSpecReader(octets, family);
        while (reader.MoveNext())
        {
        }

        return reader.Fault;
    }
}
