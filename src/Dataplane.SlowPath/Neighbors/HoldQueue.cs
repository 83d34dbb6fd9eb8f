using System.Diagnostics.CodeAnalysis;

namespace Dataplane.SlowPath;

/// <summary>Bound on the packets that wait for all neighbours together.</summary>
internal sealed class HoldBudget(int limit)
{
    private int _used;

    internal bool TryTake()
    {
        if (_used >= limit)
            return false;
        _used++;
        return true;
    }

    internal void Return() => _used--;
}

/// <summary>Packets that wait for one neighbour, in order of arrival. When it is full the newcomer is refused.</summary>
internal sealed class HoldQueue(int limit, HoldBudget budget)
{
    private readonly Queue<HeldPacket> _packets = new();

    internal bool TryEnqueue(HeldPacket packet)
    {
        if (_packets.Count >= limit || !budget.TryTake())
            return false;
        _packets.Enqueue(packet);
        return true;
    }

    internal bool TryDequeue([NotNullWhen(true)] out HeldPacket? packet)
    {
        if (!_packets.TryDequeue(out packet))
            return false;
        budget.Return();
        return true;
    }
}
