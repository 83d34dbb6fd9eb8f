using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Datagrams with a number, one every millisecond from one namespace to another, and when they arrive: the longest time without an arrival is the outage that an application
/// would see, the scheduling of sender and receiver included.
/// </summary>
public sealed class Probe : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private readonly Socket _from;
    private readonly Socket _to;
    private readonly Thread _sender;
    private readonly Thread _receiver;
    private readonly List<(long At, uint Number)> _arrivals = new(1 << 16);
    private uint _sent;
    private volatile bool _isOver;

    public Probe(NetworkNamespace from, string fromAddress, NetworkNamespace to, string toAddress)
    {
        var receiver = IPAddress.Parse(toAddress);
        _to = to.Join(() => new Socket(receiver.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        _to.Bind(new IPEndPoint(receiver, 0));
        _to.ReceiveTimeout = 100;
        _from = from.Join(() => new Socket(receiver.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        _from.Bind(new IPEndPoint(IPAddress.Parse(fromAddress), 0));
        var target = new IPEndPoint(receiver, ((IPEndPoint)_to.LocalEndPoint!).Port);
        _receiver = new Thread(Receive) { IsBackground = true };
        _sender = new Thread(() => Send(target)) { IsBackground = true };
        _receiver.Start();
        _sender.Start();
    }

    /// <summary>Datagrams that have arrived so far.</summary>
    public int Received
    {
        get
        {
            lock (_arrivals)
            {
                return _arrivals.Count;
            }
        }
    }

    /// <summary>When the first one arrived, of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long FirstArrival
    {
        get
        {
            lock (_arrivals)
            {
                return _arrivals[0].At;
            }
        }
    }

    /// <summary>Ends it; what arrived until now counts.</summary>
    public ProbeResult Stop()
    {
        _isOver = true;
        _sender.Join();
        _receiver.Join();
        long longest = 0;
        for (int i = 1; i < _arrivals.Count; i++)
        {
            longest = Math.Max(longest, _arrivals[i].At - _arrivals[i - 1].At);
        }

        return new ProbeResult(TimeSpan.FromSeconds((double)longest / Stopwatch.Frequency), (int)_sent, _arrivals.Select(static one => one.Number).Distinct().Count());
    }

    public void Dispose()
    {
        _isOver = true;
        _sender.Join();
        _receiver.Join();
        _from.Dispose();
        _to.Dispose();
    }

    private void Send(IPEndPoint target)
    {
        byte[] datagram = new byte[32];
        long start = Stopwatch.GetTimestamp();
        while (!_isOver)
        {
            BinaryPrimitives.WriteUInt32BigEndian(datagram, _sent++);
            try
            {
                _ = _from.SendTo(datagram, target);
            }
            catch (SocketException)
            {
                // No route for a moment, while the workload moves: that one is lost.
            }

            TimeSpan left = Interval * _sent - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
            {
                Thread.Sleep(left);
            }
        }
    }

    private void Receive()
    {
        byte[] datagram = new byte[2048];
        while (!_isOver)
        {
            try
            {
                if (_to.Receive(datagram) >= sizeof(uint))
                {
                    lock (_arrivals)
                    {
                        _arrivals.Add((Stopwatch.GetTimestamp(), BinaryPrimitives.ReadUInt32BigEndian(datagram)));
                    }
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
            }
        }
    }
}

/// <summary>What a probe saw.</summary>
/// <param name="LongestGap">The longest time between two arrivals.</param>
/// <param name="Sent">Datagrams sent.</param>
/// <param name="Arrived">Those of them that arrived.</param>
public sealed record ProbeResult(TimeSpan LongestGap, int Sent, int Arrived)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"longest gap {LongestGap.TotalMilliseconds:F1} ms, {Sent - Arrived} of {Sent} lost");
}
