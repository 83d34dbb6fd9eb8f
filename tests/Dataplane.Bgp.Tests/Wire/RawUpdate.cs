using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>Puts an UPDATE together octet by octet, right or wrong; independent of the encoder under test.</summary>
internal sealed class RawUpdate
{
    private readonly List<byte[]> _attributes = [];

    public byte[] Withdrawn { get; init; } = [];

    public byte[] Nlri { get; init; } = [];

    /// <summary>Announces 192.0.2.0/24 with the three mandatory attributes, path <c>65001</c>.</summary>
    public static RawUpdate Announcing(params byte[] nlri) => new RawUpdate { Nlri = nlri.Length > 0 ? nlri : [24, 192, 0, 2] }
        .With(0x40, 1, 0).With(0x40, 2, 2, 1, 0, 0, 0xFD, 0xE9).With(0x40, 3, 192, 0, 2, 1);

    /// <summary>Announces one VPN-IPv4 route in MP_REACH_NLRI: 65000:1 10.1.1.0/24, label 100, next hop 10.0.0.1.</summary>
    public static RawUpdate AnnouncingVpn() => new RawUpdate()
        .With(0x80, 14, 0, 1, 128, 12, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1, 0, 112, 0, 6, 0x41, 0, 0, 0xFD, 0xE8, 0, 0, 0, 1, 10, 1, 1)
        .With(0x40, 1, 0).With(0x40, 2, 2, 1, 0, 0, 0xFD, 0xE9);

    /// <summary>Adds an attribute with a length that fits.</summary>
    public RawUpdate With(byte flags, byte code, params byte[] value)
    {
        byte[] length = (flags & 0x10) != 0 ? [(byte)(value.Length >> 8), (byte)value.Length] : [(byte)value.Length];
        return WithOctets([flags, code, .. length, .. value]);
    }

    /// <summary>Adds octets as they are.</summary>
    public RawUpdate WithOctets(params byte[] octets)
    {
        _attributes.Add(octets);
        return this;
    }

    public RawUpdate Without(AttributeCode code)
    {
        _ = _attributes.RemoveAll(attribute => attribute[1] == (byte)code);
        return this;
    }

    public RawUpdate Replace(AttributeCode code, byte flags, params byte[] value) => Without(code).With(flags, (byte)code, value);

    /// <summary>The message behind its header.</summary>
    public byte[] Body()
    {
        byte[] attributes = [.. _attributes.SelectMany(octets => octets)];
        var body = new byte[4 + Withdrawn.Length + attributes.Length + Nlri.Length];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)Withdrawn.Length);
        Withdrawn.CopyTo(body, 2);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2 + Withdrawn.Length), (ushort)attributes.Length);
        attributes.CopyTo(body, 4 + Withdrawn.Length);
        Nlri.CopyTo(body, 4 + Withdrawn.Length + attributes.Length);
        return body;
    }
}
