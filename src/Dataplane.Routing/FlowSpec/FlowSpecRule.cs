using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// A flow specification (RFC 8955, RFC 8956): the components that a packet must match, all of them. On the wire and as a key it is a string
/// of octets, "the value": what follows the length field of the NLRI and, in VPN families, the route distinguisher. BGP treats the value as opaque:
/// two values that mean the same are two routes. <see cref="Encode"/> writes the canonical one: shortest values, unused bits zero.
/// </summary>
public sealed partial class FlowSpecRule : IEquatable<FlowSpecRule>
{
    /// <summary>A rule of components.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="components">In ascending order of type, each type at most once, at least one.</param>
    /// <exception cref="ArgumentException">They are not in order, or the family does not have one of them.</exception>
    public FlowSpecRule(AddressFamily family, params IReadOnlyList<FlowSpecComponent> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        Family = family;
        Components = components;
        FlowSpecFault fault = Validate(Encode(), family);
        if (fault != FlowSpecFault.None)
        {
            throw new ArgumentException($"Not a flow specification: {fault}.", nameof(components));
        }
    }

    private FlowSpecRule(IReadOnlyList<FlowSpecComponent> components, AddressFamily family)
    {
        Family = family;
        Components = components;
    }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family { get; }

    /// <summary>The components, in ascending order of type.</summary>
    public IReadOnlyList<FlowSpecComponent> Components { get; }

    /// <summary>The destination prefix when there is one without offset: what the validation of RFC 8955 §6 goes by.</summary>
    public IpPrefix? Destination =>
        Components[0] is FlowSpecPrefix { Type: FlowSpecComponentType.DestinationPrefix } prefix ? prefix.Prefix : null;

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

    /// <summary>Reads the octets of a value.</summary>
    /// <returns>False, and what is wrong, when <see cref="Validate"/> finds a fault.</returns>
    public static bool TryDecode(
        ReadOnlySpan<byte> octets, AddressFamily family, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FlowSpecRule? rule, out FlowSpecFault fault)
    {
        rule = null;
        fault = Validate(octets, family);
        if (fault != FlowSpecFault.None)
        {
            return false;
        }

        var components = new List<FlowSpecComponent>();
        var reader = new FlowSpecReader(octets, family);
        while (reader.MoveNext())
        {
            components.Add(FlowSpecReader.IsPrefix(reader.Type)
                ? FlowSpecPrefixOctets.Read(reader.Type, reader.Body, family)
                : new FlowSpecMatch(reader.Type, ReadTerms(reader.Type, reader.Body)));
        }

        rule = new(components, family);
        return true;
    }

    /// <summary>The value in canonical form.</summary>
    public byte[] Encode()
    {
        var octets = new List<byte>(64);
        foreach (FlowSpecComponent component in Components)
        {
            octets.Add((byte)component.Type);
            if (component is FlowSpecPrefix prefix)
            {
                FlowSpecPrefixOctets.Write(prefix, Family, octets);
            }
            else
            {
                WriteTerms((FlowSpecMatch)component, octets);
            }
        }

        return [.. octets];
    }

    /// <inheritdoc/>
    public bool Equals(FlowSpecRule? other) => other is not null && Family == other.Family && Components.SequenceEqual(other.Components);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FlowSpecRule);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Family, Components.Count, Components[0]);

    private static List<FlowSpecTerm> ReadTerms(FlowSpecComponentType type, ReadOnlySpan<byte> body)
    {
        // Reserved bits do not count, and neither does AND in the first operator (RFC 8955 §4.2.1.1).
        var mask = (byte)(FlowSpecReader.IsBitmask(type) ? 3 : 7);
        var terms = new List<FlowSpecTerm>();
        while (!body.IsEmpty)
        {
            var op = body[0];
            var size = 1 << (op >> 4 & 3);
            ulong value = 0;
            foreach (var octet in body.Slice(1, size))
            {
                value = value << 8 | octet;
            }

            terms.Add(new(terms.Count > 0 && (op & FlowSpecReader.And) != 0, (byte)(op & mask), value));
            body = body[(1 + size)..];
        }

        return terms;
    }

    private static void WriteTerms(FlowSpecMatch match, List<byte> octets)
    {
        for (var i = 0; i < match.Terms.Count; i++)
        {
            FlowSpecTerm term = match.Terms[i];
            var log = ValueSize(match.Type, term.Value);
            var op = term.Operator | log << 4;
            op |= i > 0 && term.And ? FlowSpecReader.And : 0;
            op |= i == match.Terms.Count - 1 ? FlowSpecReader.EndOfList : 0;
            octets.Add((byte)op);
            for (var shift = (8 << log) - 8; shift >= 0; shift -= 8)
            {
                octets.Add((byte)(term.Value >> shift));
            }
        }
    }

    private static int ValueSize(FlowSpecComponentType type, ulong value) => (type, value) switch
    {
        (FlowSpecComponentType.FlowLabel, <= uint.MaxValue) => 2, // RFC 8956 §3.7: four octets
        (_, <= byte.MaxValue) => 0,
        (_, <= ushort.MaxValue) => 1,
        (_, <= uint.MaxValue) => 2,
        _ => 3,
    };
}
