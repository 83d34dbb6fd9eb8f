using System.Buffers.Binary;
using System.Diagnostics;

namespace Dataplane.ControlRig.Traffic;

/// <summary>Which routes of a <see cref="RouteSet"/> a peer was sent and has not seen withdrawn, and when that last changed.</summary>
internal sealed class RouteCount(int groupSize = RouteSet.MostRoutes)
{
    private readonly ulong[] _present = new ulong[RouteSet.MostRoutes / 64];
    private readonly long[] _lastOfGroup = new long[RouteSet.MostRoutes / groupSize + 1];
    private readonly long[] _firstOfGroup = new long[RouteSet.MostRoutes / groupSize + 1];
    private readonly HashSet<int> _changedGroups = [];
    private int _count;
    private long _published; // written by the reader after the counts, read by whoever waits
    private int _publishedCount;
    private long _messages;

    /// <summary>Different routes present. Any thread.</summary>
    internal int Count => Volatile.Read(ref _publishedCount);

    /// <summary>UPDATE messages taken.</summary>
    internal long Messages => Volatile.Read(ref _messages);

    /// <summary>Timestamp of the last change of the count.</summary>
    internal long LastChange => Volatile.Read(ref _published);

    /// <summary>Timestamps of the first and the last change of a group of <c>groupSize</c> consecutive routes.</summary>
    internal (long First, long Last) ChangesOf(int group) => (Volatile.Read(ref _firstOfGroup[group]), Volatile.Read(ref _lastOfGroup[group]));

    /// <summary>Waits until so many routes are present; returns the timestamp at which they were.</summary>
    internal long Until(int count, Session session, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (Count != count)
        {
            session.ThrowIfClosed();
            if (clock.Elapsed > patience)
                throw new TimeoutException($"after {patience.TotalSeconds:f0} s there were {Count:n0} routes of {count:n0}");
            Thread.Sleep(1);
        }
        return LastChange;
    }

    /// <summary>Takes the body of an UPDATE. The session's reader only.</summary>
    internal void Take(ReadOnlySpan<byte> body)
    {
        _messages++;
        int withdrawn = BinaryPrimitives.ReadUInt16BigEndian(body);
        ReadOnlySpan<byte> attributes = body.Slice(4 + withdrawn, BinaryPrimitives.ReadUInt16BigEndian(body[(2 + withdrawn)..]));
        while (attributes.Length > 0)
        {
            bool extended = (attributes[0] & 0x10) != 0;
            int start = extended ? 4 : 3;
            int length = extended ? BinaryPrimitives.ReadUInt16BigEndian(attributes[2..]) : attributes[2];
            ReadOnlySpan<byte> value = attributes.Slice(start, length);
            if (attributes[1] == 14 && value[2] == 128)
                TakeRoutes(value[(5 + value[3])..], present: true);
            else if (attributes[1] == 15 && value[2] == 128)
                TakeRoutes(value[3..], present: false);
            attributes = attributes[(start + length)..];
        }
    }

    /// <summary>Makes what was taken visible. The session's reader only.</summary>
    internal void Publish(long now)
    {
        foreach (int group in _changedGroups)
        {
            if (_firstOfGroup[group] == 0)
                Volatile.Write(ref _firstOfGroup[group], now);
            Volatile.Write(ref _lastOfGroup[group], now);
        }
        if (_changedGroups.Count == 0)
            return;
        _changedGroups.Clear();
        Volatile.Write(ref _published, now);
        Volatile.Write(ref _publishedCount, _count);
    }

    private void TakeRoutes(ReadOnlySpan<byte> nlri, bool present)
    {
        while (nlri.Length > 0)
        {
            int octets = 1 + (nlri[0] + 7) / 8;
            int route = nlri[0] == 120 ? BinaryPrimitives.ReadInt32BigEndian(nlri[(octets - 4)..]) & (RouteSet.MostRoutes - 1) : -1;
            nlri = nlri[octets..];
            if (route < 0)
                continue;
            ulong bit = 1UL << (route & 63);
            ref ulong word = ref _present[route >> 6];
            if (((word & bit) != 0) == present)
                continue;
            word ^= bit;
            _count += present ? 1 : -1;
            _ = _changedGroups.Add(route / groupSize);
        }
    }
}
