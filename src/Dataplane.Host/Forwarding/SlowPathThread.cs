using System.Collections.Concurrent;
using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// The thread of the slow path. It alone writes the datapath while workers run: neighbours as they are learnt, and the
/// reclamation of what the workers have let go of.
/// </summary>
internal sealed class SlowPathThread : IDisposable
{
    private const int MostPerTurn = 256;
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Housekeeping = TimeSpan.FromSeconds(1);

    private readonly SlowPathService _service;
    private readonly PuntReceiver _punts;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private volatile bool _stop;
    private readonly ConcurrentQueue<Action> _requests = new();
    private volatile (RemoteForwarder, bool)[] _resolved;
    private volatile Func<int>? _work;
    private volatile Action? _eachTurn;

    /// <summary>Prepares it.</summary>
    /// <param name="devices">Rings and buffers.</param>
    /// <param name="tables">The datapath.</param>
    /// <param name="failed">Called on the thread when it ends by a defect; the forwarder must stop then.</param>
    public SlowPathThread(ForwarderDevices devices, ForwardingTables tables, Action<Exception> failed)
    {
        _punts = new PuntReceiver(devices.Punts, new ReceiveTimestamp(-1, 0));
        _service = new SlowPathService(tables, _punts, new PacketInjector(devices.Pool, devices.Inject[0]), TimeProvider.System);
        _failed = failed;
        _resolved = [.. tables.Remotes.Select(static remote => (remote, false))];
        _thread = new Thread(Run) { IsBackground = true, Name = "slow-path" };
    }

    /// <summary>The ledger; single numbers may be read by any thread.</summary>
    public SlowPath.SlowPathCounters Counters => _service.Processor.Counters;

    /// <summary>Whether the thread does its work.</summary>
    public bool IsRunning => _thread.IsAlive;

    /// <summary>The remote forwarders, those that signalled routes lead to included, and whether the neighbour towards each is resolved; at
    /// most a second old.</summary>
    public IReadOnlyList<(RemoteForwarder Remote, bool IsResolved)> ResolvedRemotes => _resolved;

    /// <summary>The slow path that runs on the thread; only what it says may be used by others.</summary>
    public SlowPathService Service => _service;

    /// <summary>
    /// Has further work that changes the datapath done on the thread, in pieces: called over and over, with a nap in between when it says that
    /// nothing was done. Null ends it. Any thread.
    /// </summary>
    public void SetWork(Func<int>? work) => _work = work;

    /// <summary>Has something short done in every turn of the thread, which are about a millisecond apart while it has nothing to do. Null ends it. Any
    /// thread.</summary>
    public void SetEachTurn(Action? look) => _eachTurn = look;

    /// <summary>Has something done on the thread, once. Any thread; wait with patience: it never comes to pass when the
    /// thread ends before.</summary>
    public Task<T> InvokeAsync<T>(Func<T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(() =>
        {
            try
            {
                done.SetResult(what());
            }
            catch (Exception problem)
            {
                done.SetException(problem);
                throw;
            }
        });
        return done.Task;
    }

    /// <summary>Starts the thread; the workers run already and take what it injects.</summary>
    public void Start() => _thread.Start();

    /// <summary>Ends the thread and gives back what was punted and not handled. Workers must have stopped.</summary>
    public void Dispose()
    {
        _stop = true;
        if (_thread.IsAlive)
            _thread.Join();
        _punts.Dispose();
    }

    private void Run()
    {
        try
        {
            _service.Start();
            long lastHousekeeping = 0;
            while (!_stop)
            {
                int handled = 0;
                while (handled < MostPerTurn && _service.HandleNext())
                    handled++;
                while (_requests.TryDequeue(out Action? request))
                    request();
                handled += _work?.Invoke() ?? 0;
                _eachTurn?.Invoke();
                _service.Processor.Advance();
                if (lastHousekeeping == 0 || Stopwatch.GetElapsedTime(lastHousekeeping) >= Housekeeping)
                {
                    lastHousekeeping = Stopwatch.GetTimestamp();
                    _service.Tables.Datapath.Reclaim();
                    PublishResolved();
                }
                if (handled == 0)
                    Thread.Sleep(Nap);
            }
        }
        catch (Exception problem)
        {
            _failed(problem);
        }
    }

    private void PublishResolved() => _resolved =
    [
        .. _service.Tables.Remotes.Concat(_service.Tables.Learnt.Values).Select(remote =>
            (remote, remote.Way is { } way && _service.Processor.UnderlayNeighbors.IsResolved(way.Port, way.NextHop))),
    ];
}
