namespace Dataplane.SlowPath;

/// <summary>Counts out the IPv4 identification of the forwarder's own datagrams (RFC 6864), deterministically from 0.</summary>
internal sealed class DatagramIdentification
{
    private ushort _next;

    internal ushort Next() => _next++;
}
