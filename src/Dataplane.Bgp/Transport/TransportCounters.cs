namespace Dataplane.Bgp.Transport;

/// <summary>What the connections of one peer have carried, over all sessions. Counted on the pool's threads; read on any.</summary>
public sealed class TransportCounters
{
    private long _octetsIn;
    private long _octetsOut;
    private long _messagesIn;
    private long _messagesOut;
    private long _connections;

    /// <summary>Octets of whole messages received.</summary>
    public long OctetsIn => Interlocked.Read(ref _octetsIn);

    /// <summary>Octets given to TCP.</summary>
    public long OctetsOut => Interlocked.Read(ref _octetsOut);

    /// <summary>Messages received.</summary>
    public long MessagesIn => Interlocked.Read(ref _messagesIn);

    /// <summary>Messages given to TCP.</summary>
    public long MessagesOut => Interlocked.Read(ref _messagesOut);

    /// <summary>Connections, in both directions.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    internal void CountConnection() => Interlocked.Increment(ref _connections);

    internal void CountIn(int messages, int octets)
    {
        _ = Interlocked.Add(ref _messagesIn, messages);
        _ = Interlocked.Add(ref _octetsIn, octets);
    }

    internal void CountOut(int messages, int octets)
    {
        _ = Interlocked.Add(ref _messagesOut, messages);
        _ = Interlocked.Add(ref _octetsOut, octets);
    }
}
