using Dataplane.Dpdk;
using Dataplane.Forwarding;

namespace Dataplane.Host.Replay;

/// <summary>The packets of one capture in order, a few buffers ahead, through DPDK's net_pcap.</summary>
internal sealed class CaptureSource
{
    /// <summary>Most buffers held.</summary>
    public const int LookAhead = 64;

    private readonly CaptureFile _capture;
    private readonly EthernetPort _device;
    private readonly ReceiveTimestamp _timestamp;
    private readonly nint[] _buffers = new nint[LookAhead];
    private int _next;
    private int _count;
    private long _received;

    /// <summary>Reads from a started device.</summary>
    public CaptureSource(PortId port, CaptureFile capture, EthernetPort device, ReceiveTimestamp timestamp)
    {
        Port = port;
        _capture = capture;
        _device = device;
        _timestamp = timestamp;
    }

    /// <summary>The port that receives these packets.</summary>
    public PortId Port { get; }

    /// <summary>Capture time of the next packet in microseconds since 1970; null at the end.</summary>
    /// <exception cref="CaptureException">The driver did not deliver what the file holds.</exception>
    public ulong? PeekTime()
    {
        if (_next == _count && !Refill())
            return null;
        return new PacketHandle(_buffers[_next]).ReceivedAt(_timestamp)
            ?? throw new CaptureException(_capture.Path, $"DPDK's net_pcap gives packet {_received} no time stamp");
    }

    /// <summary>Takes the packet that <see cref="PeekTime"/> found; the caller owns its buffer.</summary>
    public nint Take() => _buffers[_next++];

    /// <summary>Gives back the buffers that were not taken.</summary>
    public void Release()
    {
        Mempool.Free(_buffers.AsSpan(_next, _count - _next));
        _next = _count = 0;
    }

    private bool Refill()
    {
        _next = 0;
        _count = _device.Receive(0, _buffers);
        _received += _count;
        if (_count == 0 && _received < _capture.Packets)
            throw new CaptureException(_capture.Path, $"DPDK's net_pcap stopped after {_received} of {_capture.Packets} packets");
        return _count != 0;
    }
}
