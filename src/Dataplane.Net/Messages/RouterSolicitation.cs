namespace Dataplane.Net;

/// <summary>
/// ICMPv6 router solicitation (RFC 4861 section 4.1), read in place.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |   type 133    |    code 0     |           checksum            |
/// +---------------+---------------+-------------------------------+
/// |                           reserved                            |
/// +---------------------------------------------------------------+
/// |  options: source link-layer address ...
/// </code>
/// </summary>
public readonly ref struct RouterSolicitation
{
    private RouterSolicitation(NeighborDiscoveryOptions options) => Options = options;

    /// <summary>Options of the message.</summary>
    public NeighborDiscoveryOptions Options { get; }

    /// <summary>
    /// Reads a message whose type is known, by the rules of RFC 4861 section 6.1.1 that need nothing but the message.
    /// </summary>
    /// <returns>False when it must be discarded.</returns>
    public static bool TryRead(IcmpMessage message, out RouterSolicitation solicitation)
    {
        solicitation = default;
        if (message.Code != 0 || !NeighborDiscoveryOptions.TryRead(message.Body, out var options))
            return false;
        solicitation = new RouterSolicitation(options);
        return true;
    }
}
