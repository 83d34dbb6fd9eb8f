using Dataplane.Dpdk;

namespace Dataplane.Fuzz.Rig;

/// <summary>Which side of a frame's buffer borders on a closed page.</summary>
internal enum Placement
{
    /// <summary>The byte after the frame's last one is out of reach.</summary>
    EndAtGuard,

    /// <summary>The byte before the headroom's first one is out of reach.</summary>
    StartAtGuard,
}

/// <summary>
/// Mbufs whose frames border on closed pages. Private areas end at one as well. On the side that does not border on a
/// closed page a band of known bytes shows writes.
/// </summary>
internal sealed unsafe class MbufArena : IDisposable
{
    internal const int PrivateBytes = 64;
    private const int BandBytes = 256;
    private const byte BandByte = 0xB7;

    private readonly GuardedMemory _memory;
    private readonly int _dataPages;
    private readonly State[] _states;

    /// <summary>Maps buffers for frames of up to <paramref name="dataPages"/> pages less headroom.</summary>
    internal MbufArena(int count, int dataPages = 4)
    {
        _dataPages = dataPages;
        _states = new State[count];
        _memory = new GuardedMemory(count * SlotPages + 1);
        for (int i = 0; i < count; i++)
        {
            _memory.Open(HeaderPage(i), 1);
            _memory.Open(DataPage(i), dataPages);
        }
    }

    internal int Count => _states.Length;

    /// <summary>Longest frame with the default headroom.</summary>
    internal int LargestFrame => _dataPages * GuardedMemory.PageBytes - Mbuf.DefaultHeadroom - BandBytes;

    // closed, header, closed, data..., and the next one's first closed page
    private int SlotPages => 3 + _dataPages;

    /// <summary>The mbuf of a slot.</summary>
    internal Mbuf* this[int index] =>
        (Mbuf*)(_memory.Page(HeaderPage(index) + 1) - Mbuf.HeaderBytes - PrivateBytes);

    /// <summary>Slot of an mbuf, or -1 when it is none of ours.</summary>
    internal int IndexOf(Mbuf* buffer)
    {
        nint page = (nint)((byte*)buffer - _memory.Start) / GuardedMemory.PageBytes;
        int index = (int)(page / SlotPages);
        return index >= 0 && index < Count && this[index] == buffer ? index : -1;
    }

    /// <summary>Fills a slot with a fresh mbuf that holds the frame.</summary>
    internal Mbuf* Place(int index, ReadOnlySpan<byte> frame, Placement placement = Placement.EndAtGuard,
        int headroom = Mbuf.DefaultHeadroom)
    {
        if (frame.Length > LargestFrame)
            throw new ArgumentException($"a frame of {frame.Length} bytes does not fit");
        byte* first = _memory.Page(DataPage(index));
        byte* end = _memory.Page(DataPage(index) + _dataPages);
        byte* buffer;
        int bandAt;
        if (placement == Placement.EndAtGuard)
        {
            buffer = end - frame.Length - headroom;
            bandAt = -BandBytes;
        }
        else
        {
            buffer = first;
            bandAt = headroom + frame.Length;
        }
        new Span<byte>(buffer + bandAt, BandBytes).Fill(BandByte);
        new Span<byte>(buffer, headroom).Fill(0xEE);
        frame.CopyTo(new Span<byte>(buffer + headroom, frame.Length));

        Mbuf* mbuf = this[index];
        new Span<byte>(mbuf, Mbuf.HeaderBytes + PrivateBytes).Fill(0xCC);
        *mbuf = new Mbuf
        {
            BufAddr = buffer,
            DataOff = (ushort)headroom,
            RefCnt = 1,
            NbSegs = 1,
            Port = ushort.MaxValue,
            PktLen = (uint)frame.Length,
            DataLen = (ushort)frame.Length,
            BufLen = (ushort)(headroom + frame.Length),
            PrivSize = PrivateBytes,
        };
        _states[index] = new State((nint)buffer, bandAt);
        return mbuf;
    }

    /// <summary>False when something was written beside the buffer.</summary>
    internal bool IsBandIntact(int index)
    {
        State state = _states[index];
        return new ReadOnlySpan<byte>((byte*)state.Buffer + state.BandAt, BandBytes).IndexOfAnyExcept(BandByte) < 0;
    }

    /// <summary>Start of the slot's buffer as it was placed.</summary>
    internal byte* BufferOf(int index) => (byte*)_states[index].Buffer;

    public void Dispose() => _memory.Dispose();

    private int HeaderPage(int index) => index * SlotPages + 1;

    private int DataPage(int index) => index * SlotPages + 3;

    private readonly record struct State(nint Buffer, int BandAt);
}
