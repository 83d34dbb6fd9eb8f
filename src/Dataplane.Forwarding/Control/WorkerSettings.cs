using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Control;

/// <summary>A receive queue for a worker to poll.</summary>
/// <param name="Port">Port row.</param>
/// <param name="Queue">Queue of that port.</param>
public readonly record struct QueueAssignment(PortId Port, ushort Queue);

/// <summary>Orders of a worker.</summary>
public sealed record WorkerSettings
{
    /// <summary>CPU to pin to, or null to leave the thread where the system puts it.</summary>
    public int? Cpu { get; init; }

    /// <summary>Packets to ask a queue for at a time, 1 to 64.</summary>
    public int Burst { get; init; } = 64;

    /// <summary>What to do when all queues are empty.</summary>
    public IdlePolicy Idle { get; init; } = IdlePolicy.Sleep;

    /// <summary>Empty polls before backing off.</summary>
    public int SpinLoops { get; init; } = 2000;

    /// <summary>Longest sleep in microseconds.</summary>
    public int MaxSleepMicroseconds { get; init; } = 100;

    /// <summary>Transmit queue of this worker on every port; null takes its row, so that no two workers share one.</summary>
    public ushort? TransmitQueue { get; init; }

    /// <summary>Queues to poll to begin with.</summary>
    public required IReadOnlyList<QueueAssignment> Queues { get; init; }
}
