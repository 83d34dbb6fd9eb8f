using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Datagrams from one namespace to machines that send them back, to each of them once in every interval, and when the answers of each arrive. There and back, so that an outage
/// of either direction is one.
/// </summary>
public sealed class EchoProbe : IDisposable
{
    private const int EchoPort = 7;
    private readonly Socket _socket;
    private readonly IPEndPoint[] _targets;
    private readonly TimeSpan _interval;
    private readonly List<long>[] _answers;
    private readonly Thread[] _threads;
    private long _sent;
    private volatile bool _isOver;

    /// <summary>Starts it.</summary>
    /// <param name="from">Where it sends.</param>
    /// <param name="fromAddress">From which address.</param>
    /// <param name="targets">To which.</param>
    /// <param name="interval">The time between two datagrams to the same target.</param>
    public EchoProbe(NetworkNamespace from, string fromAddress, IEnumerable<string> targets, TimeSpan interval)
    {
        _targets = [.. targets.Select(static target => new IPEndPoint(IPAddress.Parse(target), EchoPort))];
        _answers = [.. _targets.Select(static _ => new List<long>(1 << 12))];
        _interval = interval;
        _socket = from.Join(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 100, ReceiveBufferSize = 1 << 22 });
        _socket.Bind(new IPEndPoint(IPAddress.Parse(fromAddress), 0));
        _threads = [new Thread(Receive) { IsBackground = true }, new Thread(Send) { IsBackground = true }];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Datagrams sent, to all.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Answers that have come, from all.</summary>
    public long Answered => Enumerable.Range(0, _answers.Length).Sum(target => (long)AnswersOf(target));

    /// <summary>Answers that have come from a target.</summary>
    public int AnswersOf(int target)
    {
        lock (_answers[target])
        {
            return _answers[target].Count;
        }
    }

    /// <summary>Waits until each target has answered some more datagrams.</summary>
    public void AwaitMore(int answers, Func<string> otherwise)
    {
        int[] before = [.. Enumerable.Range(0, _answers.Length).Select(AnswersOf)];
        try
        {
            Wait.Until("all to answer", () => before.Select((count, target) => AnswersOf(target) >= count + answers).All(static more => more), TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            IEnumerable<string> silent = before.Select((count, target) => (count, target)).Where(one => AnswersOf(one.target) < one.count + answers).Select(one => $"{_targets[one.target].Address}");
            throw new TimeoutException($"no answers from {string.Join(", ", silent)}\n{otherwise()}");
        }
    }

    /// <summary>The longest time without an answer of each target, from a moment to the last answer.</summary>
    /// <param name="since">Of <see cref="Stopwatch.GetTimestamp"/>; an outage that had begun before counts from there.</param>
    public TimeSpan[] LongestGaps(long since) => [.. _answers.Select(answers =>
    {
        lock (answers)
        {
            long longest = 0, last = since;
            foreach (long at in answers.Where(at => at >= since))
            {
                longest = Math.Max(longest, at - last);
                last = at;
            }

            return TimeSpan.FromSeconds((double)longest / Stopwatch.Frequency);
        }
    })];

    public void Dispose()
    {
        _isOver = true;
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _socket.Dispose();
    }

    // In every turn, about a millisecond long, those that are due by then: a timer for each would be finer than the kernel's.
    private void Send()
    {
        byte[] datagram = new byte[32];
        long start = Stopwatch.GetTimestamp();
        while (!_isOver)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start) / _interval * _targets.Length);
            for (; _sent < due; _sent++)
            {
                int target = (int)(_sent % _targets.Length);
                BinaryPrimitives.WriteInt32BigEndian(datagram, target);
                _ = _socket.SendTo(datagram, _targets[target]);
            }

            Thread.Sleep(1);
        }
    }

    private void Receive()
    {
        byte[] datagram = new byte[2048];
        while (!_isOver)
        {
            try
            {
                if (_socket.Receive(datagram) < sizeof(int))
                {
                    continue;
                }
            }
            catch (SocketException)
            {
                continue; // nothing came, or an ICMP error did
            }

            List<long> answers = _answers[BinaryPrimitives.ReadInt32BigEndian(datagram)];
            lock (answers)
            {
                answers.Add(Stopwatch.GetTimestamp());
            }
        }
    }
}
