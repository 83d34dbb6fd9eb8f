namespace Dataplane.Bgp.Transport;

/// <summary>
/// A connection as a stream of octets: TCP, or memory in tests. One read and one write may be under way at a time, on any thread. Failures
/// are <see cref="IOException"/> or <see cref="System.Net.Sockets.SocketException"/>, after disposal <see cref="ObjectDisposedException"/>.
/// </summary>
public interface IByteLink : IDisposable
{
    /// <summary>Both ends.</summary>
    LinkEnds Ends { get; }

    /// <summary>Reads what has come, at least one octet; zero: the peer writes no more.</summary>
    ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation);

    /// <summary>Writes everything.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation);

    /// <summary>Tells the peer that nothing more is written, after what was written before.</summary>
    void EndWrites();
}
