using System.Net.Sockets;
using System.Threading.Channels;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Dataplane.Net;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>Speakers that reach each other by address, without sockets.</summary>
internal sealed class MemoryNetwork
{
    private readonly Dictionary<IpAddress, Action<IByteLink>> _nodes = [];
    private readonly HashSet<IpAddress> _asleep = [];

    /// <summary>Links that were made, so that a test can cut them.</summary>
    public List<(IpAddress From, IpAddress To, MemoryLink Link)> Links { get; } = [];

    public void Attach(IpAddress address, BgpSpeaker speaker) => Attach(address, link => speaker.Loop.Post(() => speaker.Accept(link)));

    public void Attach(IpAddress address, Action<IByteLink> accept)
    {
        lock (_nodes)
        {
            _nodes[address] = accept;
        }
    }

    public void Detach(IpAddress address)
    {
        lock (_nodes)
        {
            _ = _nodes.Remove(address);
        }
    }

    public IBgpConnector From(IpAddress address) => new Connector(this, address);

    /// <summary>Has a node read nothing, or read again.</summary>
    public void Sleep(IpAddress address, bool isAsleep)
    {
        lock (_nodes)
        {
            _ = isAsleep ? _asleep.Add(address) : _asleep.Remove(address);
            foreach ((_, _, MemoryLink link) in Links)
            {
                link.Sleep(address, isAsleep);
            }
        }
    }

    /// <summary>Cuts every link between two addresses, as a broken path does once TCP gives up.</summary>
    public void Cut(IpAddress one, IpAddress other)
    {
        lock (_nodes)
        {
            foreach ((IpAddress from, IpAddress to, MemoryLink link) in Links)
            {
                if ((from == one && to == other) || (from == other && to == one))
                {
                    link.Dispose();
                }
            }
        }
    }

    public MemoryLink Connect(IpAddress from, IpAddress to)
    {
        lock (_nodes)
        {
            if (!_nodes.TryGetValue(to, out Action<IByteLink>? accept))
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            (MemoryLink near, MemoryLink far) = MemoryLink.Pair(new(from, 40000, to, 179));
            Links.Add((from, to, near));
            foreach (IpAddress asleep in _asleep)
            {
                near.Sleep(asleep, true);
            }

            accept(far);
            return near;
        }
    }

    private sealed class Connector(MemoryNetwork network, IpAddress address) : IBgpConnector
    {
        public Task<IByteLink> ConnectAsync(PeerSettings peer, HopPolicy hops, CancellationToken cancellation) =>
            Task.FromResult<IByteLink>(network.Connect(address, peer.Address));
    }
}

/// <summary>One end of a connection in memory; writing waits while the other end does not read.</summary>
internal sealed class MemoryLink : IByteLink
{
    private readonly Channel<byte[]> _in;
    private readonly Channel<byte[]> _out;
    private ReadOnlyMemory<byte> _rest;
    private volatile bool _isDisposed;
    private volatile bool _isAsleep;
    private MemoryLink? _other;

    private MemoryLink(LinkEnds ends, Channel<byte[]> read, Channel<byte[]> write)
    {
        Ends = ends;
        _in = read;
        _out = write;
    }

    public LinkEnds Ends { get; }

    public static (MemoryLink Near, MemoryLink Far) Pair(LinkEnds ends, int capacity = 4)
    {
        var one = Channel.CreateBounded<byte[]>(capacity);
        var other = Channel.CreateBounded<byte[]>(capacity);
        var near = new MemoryLink(ends, one, other);
        near._other = new(new(ends.Remote, ends.RemotePort, ends.Local, ends.LocalPort), other, one) { _other = near };
        return (near, near._other);
    }

    /// <summary>Has the end at an address read nothing, or read again.</summary>
    public void Sleep(IpAddress address, bool isAsleep)
    {
        MemoryLink end = Ends.Local == address ? this : _other!;
        end._isAsleep = end.Ends.Local == address ? isAsleep : end._isAsleep;
    }

    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation)
    {
        try
        {
            while (_rest.IsEmpty)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                while (_isAsleep && !_isDisposed)
                {
                    await Task.Delay(1, cancellation);
                }

                _rest = await _in.Reader.ReadAsync(cancellation);
            }
        }
        catch (ChannelClosedException)
        {
            return 0;
        }

        var count = Math.Min(_rest.Length, into.Length);
        _rest.Span[..count].CopyTo(into.Span);
        _rest = _rest[count..];
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation)
    {
        try
        {
            await _out.Writer.WriteAsync(octets.ToArray(), cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new IOException("the other end is gone");
        }
    }

    public void EndWrites() => _ = _out.Writer.TryComplete();

    public void Dispose()
    {
        _isDisposed = true;
        _ = _out.Writer.TryComplete();
        _ = _in.Writer.TryComplete();
    }
}
