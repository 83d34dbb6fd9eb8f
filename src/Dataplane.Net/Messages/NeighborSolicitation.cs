namespace Dataplane.Net;

/// <summary>
/// ICMPv6 neighbour solicitation (RFC 4861 section 4.3), read in place.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |   type 135    |    code 0     |           checksum            |
/// +---------------+---------------+-------------------------------+
/// |                           reserved                            |
/// +---------------------------------------------------------------+
/// |                      target address (16)                      |
/// +---------------------------------------------------------------+
/// |  options: source link-layer address ...
/// </code>
/// </summary>
public readonly ref struct NeighborSolicitation
{
    /// <summary>Octets before the options.</summary>
    public const int HeaderLength = 24;

    /// <summary>Octets of a solicitation with a source link-layer address option.</summary>
    public const int LengthWithOption = HeaderLength + NeighborDiscoveryOptions.OptionLength;

    private NeighborSolicitation(Ipv6Address target, NeighborDiscoveryOptions options)
    {
        Target = target;
        Options = options;
    }

    /// <summary>Address whose link-layer address is asked for; never multicast.</summary>
    public Ipv6Address Target { get; }

    /// <summary>Options of the message.</summary>
    public NeighborDiscoveryOptions Options { get; }

    /// <summary>
    /// Reads a message whose type is known, by the rules of RFC 4861 section 7.1.1 that need nothing but the message.
    /// </summary>
    /// <returns>False when it must be discarded.</returns>
    public static bool TryRead(IcmpMessage message, out NeighborSolicitation solicitation)
    {
        solicitation = default;
        if (message.Code != 0 || message.Bytes.Length < HeaderLength)
            return false;
        var target = Ipv6Address.Read(message.Bytes[8..]);
        if (target.IsMulticast || !NeighborDiscoveryOptions.TryRead(message.Bytes[HeaderLength..], out var options))
            return false;
        solicitation = new NeighborSolicitation(target, options);
        return true;
    }

    /// <summary>Writes <see cref="LengthWithOption"/> octets, checksum zero.</summary>
    public static void Write(Span<byte> message, Ipv6Address target, MacAddress sourceMac)
    {
        IcmpMessage.WriteHeader(message, Icmpv6Type.NeighborSolicitation, 0, 0);
        target.CopyTo(message[8..]);
        NeighborDiscoveryOptions.WriteLinkLayer(
            message[HeaderLength..], NeighborDiscoveryOptions.SourceLinkLayerType, sourceMac);
    }
}
