using System.Net;
using System.Net.Sockets;
using Dataplane.Bgp.Settings;
using Dataplane.Net;
using AddressFamily = Dataplane.Net.AddressFamily;

namespace Dataplane.Bgp.Transport;

/// <summary>
/// Accepts connections of peers at one address. Before a rule is there nobody can connect. Rules may change at any time, from one thread;
/// established connections are not touched by it.
/// </summary>
public sealed class BgpListener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly Action<SocketLink> _accepted;
    private readonly ListenerCounters _counters;
    private readonly AddressFamily _family;
    private readonly CancellationTokenSource _ended = new();
    private AcceptList _rules = AcceptList.Nobody;
    private Task? _loop;

    private BgpListener(ListenEndpoint endpoint, Action<SocketLink> accepted, ListenerCounters counters)
    {
        _accepted = accepted;
        _counters = counters;
        _family = endpoint.Address.Family;
        _socket = BgpConnector.CreateSocket(endpoint.Address.Family);
        try
        {
            if (endpoint.Address.IsV6)
            {
                _socket.DualMode = false;
            }

            LinuxSocketOptions.SetReuseAddress(_socket);
            LinuxSocketOptions.SetHops(_socket, byte.MaxValue); // A peer with GTSM takes no SYN-ACK with less.
            SourceFilter.Attach(_socket, SourceFilter.Compile([], _family));
            _socket.Bind(new IPEndPoint(endpoint.Address.ToSystem(), endpoint.Port));
            _socket.Listen(Backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Endpoint = endpoint with { Port = (ushort)((IPEndPoint)_socket.LocalEndPoint!).Port };
    }

    /// <summary>Where it listens; the port that the system chose when it was to choose one.</summary>
    public ListenEndpoint Endpoint { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="accepted">Is given each connection with the options of its rule set, on a thread of the pool; disposes it when it does not want it.</param>
    /// <param name="counters">What is counted.</param>
    /// <exception cref="SocketException">The address is not there or taken, or the rights are missing.</exception>
    public static BgpListener Start(ListenEndpoint endpoint, Action<SocketLink> accepted, ListenerCounters counters)
    {
        var listener = new BgpListener(endpoint, accepted, counters);
        listener._loop = Task.Run(listener.AcceptAsync);
        return listener;
    }

    /// <summary>Sets who may connect.</summary>
    /// <exception cref="SocketException">The kernel refused a key or the filter; the earlier rules may be in force in part, and nobody who is on neither list gets in.</exception>
    public void SetRules(AcceptList rules)
    {
        // Keys before the filter: nobody gets in without the key that is due.
        Dictionary<IpPrefix, string> wanted = Keys(rules), present = Keys(_rules);
        foreach ((IpPrefix peers, var _) in present.Where(row => !wanted.ContainsKey(row.Key)))
        {
            Md5Key.Remove(_socket, peers);
        }

        foreach ((IpPrefix peers, var password) in wanted.Where(row => present.GetValueOrDefault(row.Key) != row.Value))
        {
            Md5Key.Set(_socket, peers, password);
        }

        Volatile.Write(ref _rules, rules);
        SourceFilter.Attach(_socket, SourceFilter.Compile(rules.Rules, _family));
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        if (!_ended.IsCancellationRequested)
        {
            _ended.Cancel();
            _socket.Dispose();
            _loop?.Wait();
        }
    }

    private Dictionary<IpPrefix, string> Keys(AcceptList rules) => rules.Rules
        .Where(rule => rule.Password is not null && rule.Peers.Family == _family)
        .ToDictionary(rule => rule.Peers, rule => rule.Password!);

    private async Task AcceptAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_ended.Token).ConfigureAwait(false);
                Take(socket);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The connection was gone before it was accepted, or the process is out of descriptors and tries again in a while.
                _counters.CountRefused(RefusalReason.Failed);
                if (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private void Take(Socket socket)
    {
        try
        {
            LinuxSocketOptions.DetachFilter(socket);
            AcceptRule? rule = Volatile.Read(ref _rules).Find(IpAddress.From(((IPEndPoint)socket.RemoteEndPoint!).Address));
            if (rule is null)
            {
                _counters.CountRefused(RefusalReason.UnknownPeer);
                socket.Dispose();
                return;
            }

            BgpConnector.SetOptions(socket, rule.Hops);
            _counters.CountAccepted();
            _accepted(new SocketLink(socket));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _counters.CountRefused(RefusalReason.Failed);
            socket.Dispose();
        }
    }
}
