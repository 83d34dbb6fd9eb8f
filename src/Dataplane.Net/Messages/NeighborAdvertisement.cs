namespace Dataplane.Net;

/// <summary>
/// ICMPv6 neighbour advertisement (RFC 4861 section 4.4), read in place.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |   type 136    |    code 0     |           checksum            |
/// +-+-+-+---------+---------------+-------------------------------+
/// |R|S|O|                     reserved                            |
/// +-+-+-+---------------------------------------------------------+
/// |                      target address (16)                      |
/// +---------------------------------------------------------------+
/// |  options: target link-layer address ...
/// </code>
/// </summary>
public readonly ref struct NeighborAdvertisement
{
    /// <summary>Octets before the options.</summary>
    public const int HeaderLength = 24;

    /// <summary>Octets of an advertisement with a target link-layer address option.</summary>
    public const int LengthWithOption = HeaderLength + NeighborDiscoveryOptions.OptionLength;

    /// <summary>Flag R: the sender is a router.</summary>
    public const uint RouterFlag = 0x8000_0000;

    /// <summary>Flag S: sent in answer to a solicitation.</summary>
    public const uint SolicitedFlag = 0x4000_0000;

    /// <summary>Flag O: overrides a cached link-layer address.</summary>
    public const uint OverrideFlag = 0x2000_0000;

    private NeighborAdvertisement(uint flags, Ipv6Address target, NeighborDiscoveryOptions options)
    {
        Flags = flags;
        Target = target;
        Options = options;
    }

    /// <summary>The flag word, host order; test with the flag constants.</summary>
    public uint Flags { get; }

    /// <summary>True when sent in answer to a solicitation.</summary>
    public bool IsSolicited => (Flags & SolicitedFlag) != 0;

    /// <summary>Address that is advertised; never multicast.</summary>
    public Ipv6Address Target { get; }

    /// <summary>Options of the message.</summary>
    public NeighborDiscoveryOptions Options { get; }

    /// <summary>
    /// Reads a message whose type is known, by the rules of RFC 4861 section 7.1.2 that need nothing but the message.
    /// </summary>
    /// <returns>False when it must be discarded.</returns>
    public static bool TryRead(IcmpMessage message, out NeighborAdvertisement advertisement)
    {
        advertisement = default;
        if (message.Code != 0 || message.Bytes.Length < HeaderLength)
            return false;
        var target = Ipv6Address.Read(message.Bytes[8..]);
        if (target.IsMulticast || !NeighborDiscoveryOptions.TryRead(message.Bytes[HeaderLength..], out var options))
            return false;
        advertisement = new NeighborAdvertisement(message.RestOfHeader, target, options);
        return true;
    }

    /// <summary>Writes <see cref="LengthWithOption"/> octets, checksum zero.</summary>
    public static void Write(Span<byte> message, uint flags, Ipv6Address target, MacAddress targetMac)
    {
        IcmpMessage.WriteHeader(message, Icmpv6Type.NeighborAdvertisement, 0, flags);
        target.CopyTo(message[8..]);
        NeighborDiscoveryOptions.WriteLinkLayer(
            message[HeaderLength..], NeighborDiscoveryOptions.TargetLinkLayerType, targetMac);
    }
}
