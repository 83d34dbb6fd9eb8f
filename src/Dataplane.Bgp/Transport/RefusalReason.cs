namespace Dataplane.Bgp.Transport;

/// <summary>Why a connection that reached the process was not taken.</summary>
public enum RefusalReason : byte
{
    /// <summary>No rule names its address: the filter is not there, coarser, or older than the rules.</summary>
    UnknownPeer,

    /// <summary>The peer's session is stopped, or rests after an error.</summary>
    SessionIdle,

    /// <summary>The session with the peer is established already.</summary>
    SessionEstablished,

    /// <summary>The range of the dynamic peer is full.</summary>
    RangeFull,

    /// <summary>It was gone before it was taken, or its options could not be set.</summary>
    Failed,
}

/// <summary>Connections that were accepted, and refused by reason. Any thread.</summary>
public sealed class ListenerCounters
{
    private readonly long[] _refused = new long[Enum.GetValues<RefusalReason>().Length];
    private long _accepted;

    /// <summary>Connections that were handed on.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Connections that were refused for a reason.</summary>
    public long Refused(RefusalReason reason) => Interlocked.Read(ref _refused[(int)reason]);

    /// <summary>Counts a refusal.</summary>
    public void CountRefused(RefusalReason reason) => Interlocked.Increment(ref _refused[(int)reason]);

    internal void CountAccepted() => Interlocked.Increment(ref _accepted);
}
