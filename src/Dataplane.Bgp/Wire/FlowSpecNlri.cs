using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// NLRI of the flow specification families (RFC 8955 §4 and §8, RFC 8956 §3). What is in them is a matter of Dataplane.Routing.FlowSpec; here
/// a rule is a string of octets that has a number in a store.
/// <code>
/// +---------------+                 +-------+-----------------------+
/// |  length       |  below 240, or  |1 1 1 1|   length, 12 bits     |   octets behind it, RD included
/// +---------------+                 +-------+-----------------------+
/// |  route distinguisher, 8 octets, SAFI 134 only                 |
/// +---------------------------------------------------------------+
/// |  components ...
/// +---------------------------------------------------------------+
/// </code>
/// Before it the path identifier (RFC 7911 §3) where that was negotiated.
/// </summary>
internal static class FlowSpecNlri
{
    private const int LongFrom = 240;
    private const int LongLengthMask = 0xFFF;

    /// <summary>Reads a field of NLRI. Rules whose components are not well-formed are left out.</summary>
    /// <param name="family">One of the flow specification families.</param>
    /// <param name="rest">The field.</param>
    /// <param name="addPath">Whether path identifiers are there.</param>
    /// <param name="store">Numbers the rules.</param>
    /// <param name="to">Takes the routes.</param>
    /// <param name="held">Takes the numbers, of each of which a reference was taken.</param>
    /// <param name="malformed">Whether a rule was left out.</param>
    /// <returns>False when lengths do not fit the field.</returns>
    public static bool TryRead(
        RouteFamily family, ReadOnlySpan<byte> rest, bool addPath, FlowSpecStore store, List<NlriEntry> to, List<uint> held, out bool malformed)
    {
        malformed = false;
        var distinguisherSize = family.HasRouteDistinguisher ? RouteDistinguisher.Size : 0;
        while (!rest.IsEmpty)
        {
            uint identifier = 0;
            if (addPath)
            {
                if (rest.Length < 5)
                {
                    return false;
                }

                identifier = BinaryPrimitives.ReadUInt32BigEndian(rest);
                rest = rest[4..];
            }

            var header = rest[0] < LongFrom ? 1 : 2;
            if (rest.Length < header)
            {
                return false;
            }

            var length = header == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest) & LongLengthMask;
            if (length > rest.Length - header || length < distinguisherSize)
            {
                return false;
            }

            ReadOnlySpan<byte> value = rest.Slice(header, length);
            rest = rest[(header + length)..];
            var distinguisher = distinguisherSize > 0 ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
            value = value[distinguisherSize..];
            if (FlowSpecRule.Validate(value, family.AddressFamily) != FlowSpecFault.None)
            {
                malformed = true;
                continue;
            }

            var number = store.Intern(value);
            held.Add(number);
            to.Add(new(new(new(distinguisher), 0, number, 0), identifier));
        }

        return true;
    }

    /// <summary>Octets that <see cref="Write"/> writes; more than any message has room for when the length field cannot say how long the NLRI is.</summary>
    public static int SizeOf(RouteFamily family, in Nlri nlri, FlowSpecStore store)
    {
        var length = LengthOf(family, nlri, store);
        return length > LongLengthMask ? MessageHeader.MaximumExtended : (length < LongFrom ? 1 : 2) + length;
    }

    /// <summary>Writes one NLRI.</summary>
    /// <returns>How many octets were written.</returns>
    public static int Write(RouteFamily family, in Nlri nlri, FlowSpecStore store, Span<byte> to)
    {
        var length = LengthOf(family, nlri, store);
        var at = 1;
        if (length < LongFrom)
        {
            to[0] = (byte)length;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)(~LongLengthMask | length));
            at = 2;
        }

        if (family.HasRouteDistinguisher)
        {
            BinaryPrimitives.WriteUInt64BigEndian(to[at..], nlri.Distinguisher.Value);
            at += RouteDistinguisher.Size;
        }

        ReadOnlySpan<byte> value = store.Octets((uint)nlri.Low);
        value.CopyTo(to[at..]);
        return at + value.Length;
    }

    private static int LengthOf(RouteFamily family, in Nlri nlri, FlowSpecStore store) =>
        (family.HasRouteDistinguisher ? RouteDistinguisher.Size : 0) + store.Octets((uint)nlri.Low).Length;
}
