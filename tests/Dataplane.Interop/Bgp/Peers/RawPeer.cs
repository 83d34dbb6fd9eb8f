using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>A message that a raw peer received.</summary>
public sealed record RawMessage(byte Type, byte[] Body)
{
    /// <summary>Code and subcode of a NOTIFICATION.</summary>
    public (byte Code, byte Subcode) Error => (Body[0], Body[1]);

    public override string ToString() => $"type {Type}: {Convert.ToHexString(Body)}";
}

/// <summary>
/// A TCP connection from one speaker's address to port 179 of another, over which a test sends what it likes. Everything
/// received is kept. It answers nothing of its own accord.
/// </summary>
public sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly List<RawMessage> _messages = [];
    private bool _closed;

    /// <summary>Whether a connection comes about at all; when nobody answers it takes the kernel as long as its retries last.</summary>
    public static bool CanConnect(BgpNetwork network, int number, int remote, Action<Socket>? prepare = null)
    {
        try
        {
            new RawPeer(network, number, remote, prepare).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Connects, from a free port of speaker <paramref name="number"/>.</summary>
    /// <param name="network">Where.</param>
    /// <param name="number">Which speaker this pretends to be.</param>
    /// <param name="remote">Whom to call.</param>
    /// <param name="prepare">Sets options of the socket before it connects.</param>
    public RawPeer(BgpNetwork network, int number, int remote, Action<Socket>? prepare = null)
    {
        Number = number;
        _socket = network.Space.Join(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        _socket.Bind(new IPEndPoint(IPAddress.Parse(BgpNetwork.Address(number)), 0));
        prepare?.Invoke(_socket);
        _socket.Connect(IPAddress.Parse(BgpNetwork.Address(remote)), 179);
        new Thread(Receive) { IsBackground = true, Name = $"raw peer {number}" }.Start();
    }

    public int Number { get; }

    /// <summary>The routes that the peer holds after all messages so far.</summary>
    public Dictionary<string, RawRoute> Routes => RawRoute.Held(Messages);

    /// <summary>Whether the other end has closed the connection, or reset it.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    public IReadOnlyList<RawMessage> Messages
    {
        get
        {
            lock (_messages)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>The NOTIFICATION received, or null.</summary>
    public RawMessage? Notification => Messages.FirstOrDefault(message => message.Type == BgpBytes.Notification);

    public void Send(params byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            for (int sent = 0; sent < message.Length;)
            {
                sent += _socket.Send(message.AsSpan(sent));
            }
        }
    }

    /// <summary>Exchanges OPEN and KEEPALIVE messages, with four-octet numbers and the given families and capabilities.</summary>
    public RawPeer Establish(uint autonomousSystem, IEnumerable<Family> families, params IEnumerable<byte[]> capabilities)
    {
        Send(BgpBytes.OpenMessage(autonomousSystem, 180, BgpNetwork.Address(Number),
            [.. families.Select(BgpBytes.Multiprotocol), BgpBytes.FourOctetAs(autonomousSystem), .. capabilities]));
        Until("be sent an OPEN", messages => messages.Any(message => message.Type == BgpBytes.Open));
        Send(BgpBytes.Message(BgpBytes.Keepalive));
        Until("be sent a KEEPALIVE", messages => messages.Any(message => message.Type == BgpBytes.Keepalive));
        return this;
    }

    public void Until(string what, Func<IReadOnlyList<RawMessage>, bool> condition)
    {
        try
        {
            Wait.Until($"raw peer {Number} to {what}", () => condition(Messages) || IsClosed);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it got\n{string.Join('\n', Messages)}");
        }

        if (!condition(Messages))
        {
            throw new InvalidOperationException($"raw peer {Number} was to {what}, and the connection was closed; it got\n{string.Join('\n', Messages)}");
        }
    }

    /// <summary>Waits for the end of the connection, and returns the NOTIFICATION that came before it.</summary>
    public RawMessage? UntilClosed()
    {
        Wait.Until($"the connection of raw peer {Number} to be closed", () => IsClosed);
        return Notification;
    }

    /// <summary>Closes the connection, with a reset instead of an orderly end if so asked.</summary>
    public void Close(bool reset = false)
    {
        if (reset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private void Receive()
    {
        try
        {
            byte[] header = new byte[BgpBytes.HeaderLength];
            while (Fill(header))
            {
                byte[] body = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) - BgpBytes.HeaderLength];
                if (!Fill(body))
                {
                    break;
                }

                lock (_messages)
                {
                    _messages.Add(new RawMessage(header[18], body));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the other end, or closed by the test: the messages so far say what came before.
        }

        Volatile.Write(ref _closed, true);
    }

    private bool Fill(byte[] buffer)
    {
        for (int filled = 0; filled < buffer.Length;)
        {
            int count = _socket.Receive(buffer.AsSpan(filled));
            if (count == 0)
            {
                return false;
            }

            filled += count;
        }

        return true;
    }
}
