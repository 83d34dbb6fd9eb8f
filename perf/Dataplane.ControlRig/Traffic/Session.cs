using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Traffic;

/// <summary>
/// A BGP session of the rig with the speaker under test: sends octets that were made before, and counts the routes it is sent
/// without looking at anything else, so that neither is the limit of what is measured.
/// </summary>
internal sealed class Session : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int HoldTime = 600;
    private readonly Socket _socket;
    private readonly RouteCount? _count;
    private readonly Thread _reader;
    private readonly Lock _sending = new();
    private volatile bool _opened;
    private volatile bool _established;
    private volatile bool _closed;
    private volatile string _fault = "closed by the other end";

    /// <summary>Connects and opens; <see cref="UntilEstablished"/> waits for the rest.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker this is.</param>
    /// <param name="remote">The speaker under test.</param>
    /// <param name="autonomousSystem">Both ends'.</param>
    /// <param name="families">What is offered.</param>
    /// <param name="count">Counts what is received; none: it is read and forgotten.</param>
    internal Session(BgpNetwork network, int number, int remote, uint autonomousSystem, IReadOnlyList<Family> families, RouteCount? count = null)
    {
        Number = number;
        _count = count;
        _socket = network.Space.Join(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        _socket.Bind(new IPEndPoint(IPAddress.Parse(BgpNetwork.Address(number)), 0));
        Wait.Until($"speaker {remote} to listen", () => TryConnect(BgpNetwork.Address(remote)));
        Send(BgpBytes.OpenMessage(autonomousSystem, HoldTime, BgpNetwork.Address(number),
            [.. families.Select(BgpBytes.Multiprotocol), BgpBytes.FourOctetAs(autonomousSystem)]));
        _reader = new Thread(Read, maxStackSize: 256 << 10) { IsBackground = true, Name = $"session {number}" };
        _reader.Start();
    }

    internal int Number { get; }

    internal bool IsClosed => _closed;

    internal void UntilEstablished()
    {
        Wait.Until($"the session of {Number} to be opened", () => _opened || _closed);
        Send(BgpBytes.Message(BgpBytes.Keepalive));
        Wait.Until($"the session of {Number} to be established", () => _established || _closed);
        ThrowIfClosed();
    }

    internal void Send(ReadOnlySpan<byte> octets)
    {
        lock (_sending)
        {
            while (octets.Length > 0)
                octets = octets[_socket.Send(octets[..Math.Min(octets.Length, BufferBytes)])..];
        }
    }

    internal void ThrowIfClosed()
    {
        if (_closed)
            throw new InvalidOperationException($"the session of {Number} ended: {_fault}");
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reader.Join();
    }

    private bool TryConnect(string address)
    {
        try
        {
            _socket.Connect(IPAddress.Parse(address), 179);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[_count is null ? 64 << 10 : BufferBytes];
        int filled = 0;
        try
        {
            while (true)
            {
                int received = _socket.Receive(buffer.AsSpan(filled));
                if (received == 0)
                    break;
                filled += received;
                int consumed = Consume(buffer.AsSpan(0, filled));
                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _fault = e.Message;
        }
        _closed = true;
    }

    /// <summary>Takes whole messages; returns how many octets they were.</summary>
    private int Consume(ReadOnlySpan<byte> octets)
    {
        int at = 0;
        bool counted = false;
        while (octets.Length - at >= BgpBytes.HeaderLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 16)..]);
            if (octets.Length - at < length)
                break;
            ReadOnlySpan<byte> message = octets.Slice(at, length);
            switch (message[18])
            {
                case BgpBytes.Open:
                    _opened = true;
                    break;
                case BgpBytes.Keepalive when !_established:
                    _established = true;
                    break;
                case BgpBytes.Keepalive:
                    if (_sending.TryEnter()) // otherwise something is being sent, which says as much
                    {
                        try
                        {
                            Send(BgpBytes.Message(BgpBytes.Keepalive));
                        }
                        finally
                        {
                            _sending.Exit();
                        }
                    }
                    break;
                case BgpBytes.Notification:
                    _fault = $"NOTIFICATION {message[19]}/{message[20]}";
                    break;
                case BgpBytes.Update when _count is not null:
                    _count.Take(message[BgpBytes.HeaderLength..]);
                    counted = true;
                    break;
            }
            at += length;
        }
        if (counted)
            _count!.Publish(Stopwatch.GetTimestamp());
        return at;
    }
}
