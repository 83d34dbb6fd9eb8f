using Dataplane.Dpdk;

namespace Dataplane.Host.Bench.Trials;

/// <summary>Where test frames enter the device under test; one thread uses it.</summary>
internal interface ITrafficOutlet
{
    /// <summary>Offers frames.</summary>
    /// <returns>How many were taken, from the first on; the caller keeps the others.</returns>
    int Send(ReadOnlySpan<nint> packets);

    /// <summary>Whether frames wait there for the device under test, as far as that can be seen.</summary>
    bool HasWaiting { get; }
}

/// <summary>Where frames leave the device under test; one thread uses it.</summary>
internal interface ITrafficInlet
{
    /// <summary>Takes frames.</summary>
    /// <returns>How many there were; the caller owns them.</returns>
    int Receive(Span<nint> packets);
}

/// <summary>The receive queue of a port of the datapath in this process.</summary>
internal sealed class RingOutlet(Ring ring) : ITrafficOutlet
{
    /// <inheritdoc/>
    public bool HasWaiting => ring.Count != 0;

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<nint> packets) => ring.Enqueue(packets);
}

/// <summary>The transmit queue of a port of the datapath in this process.</summary>
internal sealed class RingInlet(Ring ring) : ITrafficInlet
{
    /// <inheritdoc/>
    public int Receive(Span<nint> packets) => ring.Dequeue(packets);
}

/// <summary>A port of the generator's own, both ways.</summary>
internal sealed class PortEnd(EthernetPort port) : ITrafficOutlet, ITrafficInlet
{
    /// <inheritdoc/>
    public bool HasWaiting => false;

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<nint> packets) => port.Transmit(0, packets);

    /// <inheritdoc/>
    public int Receive(Span<nint> packets) => port.Receive(0, packets);
}
