using Dataplane.Forwarding;

namespace Dataplane.Host.Replay;

/// <summary>
/// Several captures as one sequence by capture time; at equal times the ports' order in the configuration decides. The
/// order inside a capture is kept even when its times go back.
/// </summary>
internal sealed class CaptureMerge(IReadOnlyList<CaptureSource> sources)
{
    /// <summary>A burst spans no more than this many microseconds, so that the clock and timers are never far off.</summary>
    private const ulong BurstSpan = 100;

    /// <summary>Capture time of the next packet in microseconds since 1970; null at the end.</summary>
    public ulong? PeekTime() => FindNext(out ulong time) is null ? null : time;

    /// <summary>Takes the next burst: consecutive packets of one port.</summary>
    /// <param name="burst">Receives buffers, which the caller owns; at most as many as it holds.</param>
    /// <param name="port">Their port.</param>
    /// <returns>How many; 0 at the end.</returns>
    public int Take(Span<nint> burst, out PortId port)
    {
        CaptureSource? source = FindNext(out ulong start);
        port = source?.Port ?? default;
        int count = 0;
        for (CaptureSource? next = source; next is not null && next == source && count < burst.Length;)
        {
            burst[count++] = next.Take();
            next = FindNext(out ulong time);
            if (time > start + BurstSpan)
                break;
        }
        return count;
    }

    private CaptureSource? FindNext(out ulong time)
    {
        CaptureSource? best = null;
        time = 0;
        foreach (CaptureSource source in sources)
        {
            if (source.PeekTime() is { } head && (best is null || head < time))
            {
                best = source;
                time = head;
            }
        }
        return best;
    }
}
