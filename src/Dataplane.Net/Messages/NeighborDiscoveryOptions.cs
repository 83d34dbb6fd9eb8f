using System.Buffers.Binary;

namespace Dataplane.Net;

/// <summary>
/// The options of a neighbour discovery message that the forwarder uses (RFC 4861 section 4.6); others are skipped.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     type      | length in 8 B |   type 1, 2: link-layer (6)   |
/// +---------------+---------------+-------------------------------+
/// </code>
/// </summary>
/// <param name="SourceLinkLayer">Source link-layer address (type 1), when present.</param>
/// <param name="TargetLinkLayer">Target link-layer address (type 2), when present.</param>
public readonly record struct NeighborDiscoveryOptions(MacAddress? SourceLinkLayer, MacAddress? TargetLinkLayer)
{
    /// <summary>Option type "source link-layer address".</summary>
    public const byte SourceLinkLayerType = 1;

    /// <summary>Option type "target link-layer address".</summary>
    public const byte TargetLinkLayerType = 2;

    /// <summary>Option type "MTU".</summary>
    public const byte MtuType = 5;

    /// <summary>Octets of a link-layer address option for Ethernet, and of an MTU option.</summary>
    public const int OptionLength = 8;

    /// <summary>Reads all options of a message; of several of one type the first counts.</summary>
    /// <returns>False when an option has length zero or runs beyond the message: the message must be discarded.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out NeighborDiscoveryOptions options)
    {
        MacAddress? source = null;
        MacAddress? target = null;
        options = default;
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 2)
                return false;
            int length = bytes[1] * 8;
            if (length == 0 || length > bytes.Length)
                return false;
            if (bytes[0] == SourceLinkLayerType)
                source ??= MacAddress.Read(bytes[2..]);
            else if (bytes[0] == TargetLinkLayerType)
                target ??= MacAddress.Read(bytes[2..]);
            bytes = bytes[length..];
        }
        options = new NeighborDiscoveryOptions(source, target);
        return true;
    }

    /// <summary>Writes a link-layer address option of <see cref="OptionLength"/> octets.</summary>
    public static void WriteLinkLayer(Span<byte> destination, byte type, MacAddress mac)
    {
        destination[0] = type;
        destination[1] = 1;
        mac.CopyTo(destination[2..]);
    }

    /// <summary>Writes an MTU option of <see cref="OptionLength"/> octets (RFC 4861 section 4.6.4).</summary>
    public static void WriteMtu(Span<byte> destination, uint mtu)
    {
        destination[0] = MtuType;
        destination[1] = 1;
        destination[2] = 0;
        destination[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], mtu);
    }
}
