using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// NLRI as octets; those of MP_REACH_NLRI, MP_UNREACH_NLRI, and the NLRI and withdrawn routes fields alike. Flow specifications
/// are in <see cref="FlowSpecNlri"/>.
/// <code>
/// add-path (RFC 7911 §3), before any of them:   | path identifier (4) |
/// unicast (RFC 4271 §4.3):                      | length in bits (1) | prefix, whole octets |
/// VPN (RFC 4364 §4.3.4, RFC 8277 §2.2):         | length in bits (1) | label (3) | RD (8) | prefix |   length counts label and RD
///                            label field:       | label (20 bits) | TC (3) | S (1) |
/// membership (RFC 4684 §4):                     | 0 | or | 32–96 (1) | origin AS (4) | route target, up to 8 octets |
/// </code>
/// Of a label stack exactly one label is read: the multiple labels capability is never announced, so the S bit says nothing (RFC 8277 §2.2).
/// </summary>
internal static class NlriCodec
{
    private const int LabelBits = 24;
    private const int VpnBits = LabelBits + 64;
    private const int VpnOctets = 3 + RouteDistinguisher.Size;
    private const int MembershipBits = 96;
    private const int OriginAsBits = 32;

    /// <summary>The label field of a withdrawn VPN route (RFC 8277 §2.4).</summary>
    private const uint WithdrawLabel = 0x80_0000;

    /// <summary>Reads a field of NLRI.</summary>
    /// <returns>False when it is syntactically incorrect (RFC 7606 §5.3); what was read up to there is in the list.</returns>
    public static bool TryRead(RouteFamily family, ReadOnlySpan<byte> octets, bool addPath, List<NlriEntry> to) => family switch
    {
        RouteFamily.Ipv4Unicast or RouteFamily.Ipv6Unicast => TryReadUnicast(octets, addPath, family == RouteFamily.Ipv6Unicast, to),
        RouteFamily.VpnIpv4 or RouteFamily.VpnIpv6 => TryReadVpn(octets, addPath, family == RouteFamily.VpnIpv6, to),
        RouteFamily.RouteTargetConstraint => TryReadMembership(octets, addPath, to),
        _ => false,
    };

    /// <summary>Octets that <see cref="Write"/> writes.</summary>
    public static int SizeOf(RouteFamily family, in NlriEntry entry, bool addPath, FlowSpecStore? flowSpecs) => (addPath ? 4 : 0) + family switch
    {
        RouteFamily.VpnIpv4 or RouteFamily.VpnIpv6 => 1 + VpnOctets + OctetsOf(entry.Nlri.Length),
        RouteFamily.Ipv4Unicast or RouteFamily.Ipv6Unicast or RouteFamily.RouteTargetConstraint => 1 + OctetsOf(entry.Nlri.Length),
        _ => FlowSpecNlri.SizeOf(family, entry.Nlri, Store(flowSpecs)),
    };

    /// <summary>Writes one NLRI.</summary>
    /// <param name="family">The family.</param>
    /// <param name="entry">The route.</param>
    /// <param name="addPath">Whether the path identifier goes before it.</param>
    /// <param name="withdrawn">The label field says "withdrawn" instead of the entry's label.</param>
    /// <param name="flowSpecs">Holds the rules of flow specification routes.</param>
    /// <param name="to">At least <see cref="SizeOf"/> octets.</param>
    /// <returns>How many octets were written.</returns>
    public static int Write(RouteFamily family, in NlriEntry entry, bool addPath, bool withdrawn, FlowSpecStore? flowSpecs, Span<byte> to)
    {
        var at = 0;
        if (addPath)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, entry.PathIdentifier);
            at = 4;
        }

        Nlri nlri = entry.Nlri;
        if (family.IsFlowSpec)
        {
            return at + FlowSpecNlri.Write(family, nlri, Store(flowSpecs), to[at..]);
        }

        if (family.IsLabeled)
        {
            to[at] = (byte)(VpnBits + nlri.Length);
            var label = withdrawn ? WithdrawLabel : entry.Label;
            to[at + 1] = (byte)(label >> 16);
            to[at + 2] = (byte)(label >> 8);
            to[at + 3] = (byte)label;
            BinaryPrimitives.WriteUInt64BigEndian(to[(at + 4)..], nlri.Distinguisher.Value);
            at += 1 + VpnOctets;
        }
        else
        {
            to[at++] = nlri.Length;
        }

        Span<byte> prefix = stackalloc byte[16];
        var octets = OctetsOf(nlri.Length);
        if (family.AddressFamily == AddressFamily.Ipv6 || family == RouteFamily.RouteTargetConstraint)
        {
            BinaryPrimitives.WriteUInt64BigEndian(prefix, nlri.High);
            BinaryPrimitives.WriteUInt64BigEndian(prefix[8..], nlri.Low);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(prefix, (uint)nlri.Low);
        }

        prefix[..octets].CopyTo(to[at..]);
        return at + octets;
    }

    private static bool TryReadUnicast(ReadOnlySpan<byte> rest, bool addPath, bool v6, List<NlriEntry> to)
    {
        while (!rest.IsEmpty)
        {
            if (!TryHead(ref rest, addPath, out var identifier, out var bits, out var octets) || bits > (v6 ? 128 : 32))
            {
                return false;
            }

            (ulong high, ulong low) = v6 ? ReadV6(rest, bits, octets) : (0, ReadV4(rest, bits, octets));
            to.Add(new(new(default, high, low, (byte)bits), identifier));
            rest = rest[octets..];
        }

        return true;
    }

    private static bool TryReadVpn(ReadOnlySpan<byte> rest, bool addPath, bool v6, List<NlriEntry> to)
    {
        while (!rest.IsEmpty)
        {
            if (!TryHead(ref rest, addPath, out var identifier, out var bits, out var octets)
                || bits < VpnBits || bits - VpnBits > (v6 ? 128 : 32))
            {
                return false;
            }

            bits -= VpnBits;
            var label = (uint)(rest[0] << 16 | rest[1] << 8 | rest[2]);
            var distinguisher = BinaryPrimitives.ReadUInt64BigEndian(rest[3..]);
            ReadOnlySpan<byte> prefix = rest[VpnOctets..];
            (ulong high, ulong low) = v6 ? ReadV6(prefix, bits, octets - VpnOctets) : (0, ReadV4(prefix, bits, octets - VpnOctets));
            to.Add(new(new(new(distinguisher), high, low, (byte)bits), identifier, label));
            rest = rest[octets..];
        }

        return true;
    }

    private static bool TryReadMembership(ReadOnlySpan<byte> rest, bool addPath, List<NlriEntry> to)
    {
        while (!rest.IsEmpty)
        {
            if (!TryHead(ref rest, addPath, out var identifier, out var bits, out var octets)
                || bits > MembershipBits || bits is > 0 and < OriginAsBits)
            {
                return false;
            }

            (ulong high, ulong low) = ReadV6(rest, bits, octets);
            to.Add(new(new(default, high, low, (byte)bits), identifier));
            rest = rest[octets..];
        }

        return true;
    }

    /// <summary>Path identifier and length; afterwards the rest starts with <paramref name="octets"/> octets that are there.</summary>
    private static bool TryHead(ref ReadOnlySpan<byte> rest, bool addPath, out uint identifier, out int bits, out int octets)
    {
        identifier = 0;
        bits = octets = 0;
        if (addPath)
        {
            if (rest.Length < 5)
            {
                return false;
            }

            identifier = BinaryPrimitives.ReadUInt32BigEndian(rest);
            rest = rest[4..];
        }

        bits = rest[0];
        octets = OctetsOf(bits);
        rest = rest[1..];
        return rest.Length >= octets;
    }

    private static FlowSpecStore Store(FlowSpecStore? store) =>
        store ?? throw new InvalidOperationException("A flow specification route is written only where its rules are held.");

    private static int OctetsOf(int bits) => (bits + 7) >> 3;

    // Bits behind the prefix are irrelevant (RFC 4271 §4.3) and become zero.
    private static uint ReadV4(ReadOnlySpan<byte> octets, int bits, int count)
    {
        if (bits == 0)
        {
            return 0;
        }

        uint value = 0;
        if (octets.Length >= 4)
        {
            value = BinaryPrimitives.ReadUInt32BigEndian(octets);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                value |= (uint)octets[i] << (24 - (8 * i));
            }
        }

        return value & uint.MaxValue << (32 - bits);
    }

    private static (ulong High, ulong Low) ReadV6(ReadOnlySpan<byte> octets, int bits, int count)
    {
        Span<byte> whole = stackalloc byte[16];
        whole.Clear();
        octets[..count].CopyTo(whole);
        var high = BinaryPrimitives.ReadUInt64BigEndian(whole);
        var low = BinaryPrimitives.ReadUInt64BigEndian(whole[8..]);
        return bits switch
        {
            0 => (0, 0),
            <= 64 => (high & ulong.MaxValue << (64 - bits), 0),
            _ => (high, low & ulong.MaxValue << (128 - bits)),
        };
    }
}
