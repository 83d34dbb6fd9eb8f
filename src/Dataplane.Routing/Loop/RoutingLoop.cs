using System.Collections.Concurrent;

namespace Dataplane.Routing.Loop;

/// <summary>
/// The one thread that owns everything of routing (Dataplane.Routing and the state of BGP and XMPP sessions): runs messages in the order in
/// which they were posted, timers when they are due, and work sources in bounded pieces, round robin, so that neither a keepalive nor a question
/// from management waits for a million routes. <see cref="Post(Action)"/>, <see cref="InvokeAsync{T}(Func{T})"/> and <see cref="Wake"/> may be called from any
/// thread, everything else on the loop (or before it starts).
/// </summary>
/// <remarks>
/// A callback that throws does not end the loop: <see cref="Failed"/> is told. Tests drive the loop without a thread by
/// <see cref="RunTurn"/> and a time of their own.
/// </remarks>
public sealed class RoutingLoop : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    // Messages are short; this many and the timers get a look again.
    private const int MessagesPerTurn = 256;

    private readonly ConcurrentQueue<(Action<object?> Run, object? State)> _mailbox = new();
    private readonly PriorityQueue<LoopTimer, long> _timers = new();
    private readonly List<IWorkSource> _sources = [];
    private readonly List<bool> _hasWork = [];
    private readonly AutoResetEvent _woken = new(false);
    private readonly TimeProvider _time;
    private readonly ITimer _alarm;
    private readonly string _name;
    private Thread? _thread;
    private int _owner;
    private int _isAsleep;
    private int _isPoked;
    private int _nextSource;
    private volatile bool _isStopping;

    /// <summary>A loop that does not run yet.</summary>
    /// <param name="time">The source of time, of the real one without.</param>
    /// <param name="name">The thread's name.</param>
    public RoutingLoop(TimeProvider? time = null, string name = "routing")
    {
        _time = time ?? TimeProvider.System;
        _name = name;
        _alarm = _time.CreateTimer(static loop => ((RoutingLoop)loop!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told on the loop what a callback threw; without it, the exception ends the process.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>The source of time.</summary>
    public TimeProvider Time => _time;

    /// <summary>Whether the caller is on the loop.</summary>
    public bool IsCurrent => _owner == Environment.CurrentManagedThreadId;

    /// <summary>How long turns took. On the loop.</summary>
    public DurationHistogram Turns { get; } = new();

    /// <summary>Starts the thread.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start()
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException("The routing loop was started before.");
        }

        _thread = new Thread(Run) { Name = _name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops the thread after the turn it is in and waits for it. Messages that are left do not run.</summary>
    /// <exception cref="InvalidOperationException">The caller is on the loop, which cannot wait for itself.</exception>
    public void Stop()
    {
        if (IsCurrent)
        {
            throw new InvalidOperationException("The routing loop cannot wait for its own end.");
        }

        _isStopping = true;
        _ = _woken.Set();
        _thread?.Join();
        while (_mailbox.TryDequeue(out (Action<object?> Run, object? State) message))
        {
            (message.State as ICancelable)?.Cancel();
        }
    }

    /// <summary>Stops it.</summary>
    public void Dispose()
    {
        Stop();
        _alarm.Dispose();
        _woken.Dispose();
    }

    /// <summary>Has an action run on the loop. Any thread.</summary>
    public void Post(Action action) => Post(static state => ((Action)state!)(), action);

    /// <summary>Has an action run on the loop with its state. Any thread.</summary>
    public void Post(Action<object?> action, object? state)
    {
        _mailbox.Enqueue((action, state));
        Wake();
    }

    /// <summary>Asks the loop: the function runs there, at once when called from there. Any thread.</summary>
    public Task<T> InvokeAsync<T>(Func<T> function)
    {
        var question = new Question<T>(function);
        if (IsCurrent)
        {
            question.Answer();
        }
        else if (_isStopping)
        {
            question.Cancel();
        }
        else
        {
            Post(static state => ((Question<T>)state!).Answer(), question);
            if (_isStopping)
            {
                question.Cancel();
            }
        }

        return question.Task;
    }

    /// <summary>Has the loop do something and says when it is done. Any thread.</summary>
    public Task InvokeAsync(Action action) => InvokeAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Has the loop look for work. Any thread; cheap when it is awake.</summary>
    public void Wake()
    {
        Volatile.Write(ref _isPoked, 1);
        if (Interlocked.Exchange(ref _isAsleep, 0) == 1)
        {
            _ = _woken.Set();
        }
    }

    /// <summary>Adds a source of work; it is asked in the next turn.</summary>
    public void AddWork(IWorkSource source)
    {
        _sources.Add(source);
        _hasWork.Add(true);
    }

    /// <summary>Asks a source for work no more.</summary>
    public void RemoveWork(IWorkSource source)
    {
        var index = _sources.IndexOf(source);
        if (index >= 0)
        {
            _sources.RemoveAt(index);
            _hasWork.RemoveAt(index);
        }
    }

    /// <summary>A timer that is not running.</summary>
    public LoopTimer CreateTimer(Action expired) => new(this, expired);

    /// <summary>
    /// One turn on the calling thread, which owns the loop meanwhile: messages that are there, timers that are due, a piece of every
    /// source's work. For tests and tools that have no thread for it.
    /// </summary>
    /// <returns>Whether there is more to do at once.</returns>
    public bool RunTurn()
    {
        var before = _owner;
        _owner = Environment.CurrentManagedThreadId;
        var start = _time.GetTimestamp();
        if (Interlocked.Exchange(ref _isPoked, 0) == 1)
        {
            for (var i = 0; i < _hasWork.Count; i++)
            {
                _hasWork[i] = true;
            }
        }

        var isBusy = RunMessages();
        RunTimers();
        isBusy |= RunWork();
        Turns.Add(_time.GetElapsedTime(start));
        _owner = before;
        return isBusy || Volatile.Read(ref _isPoked) == 1;
    }

    internal long TimestampAfter(TimeSpan after) => _time.GetTimestamp() + (long)(after.TotalSeconds * _time.TimestampFrequency);

    internal void Enqueue(LoopTimer timer)
    {
        timer.QueuedFor = timer.Due;
        _timers.Enqueue(timer, timer.Due);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            if (RunTurn())
            {
                continue;
            }

            // Order: say that we sleep, then look again; whoever comes later sees it and sets the event.
            SetAlarm();
            _ = Interlocked.Exchange(ref _isAsleep, 1);
            if (Volatile.Read(ref _isPoked) == 0 && !_isStopping)
            {
                _ = _woken.WaitOne();
            }

            _ = Interlocked.Exchange(ref _isAsleep, 0);
        }
    }

    private bool RunMessages()
    {
        for (var i = 0; i < MessagesPerTurn; i++)
        {
            if (!_mailbox.TryDequeue(out (Action<object?> Run, object? State) message))
            {
                return false;
            }

            Guarded(message.Run, message.State);
        }

        return true;
    }

    private void RunTimers()
    {
        while (_timers.TryPeek(out LoopTimer? timer, out var queuedFor) && queuedFor <= _time.GetTimestamp())
        {
            _ = _timers.Dequeue();
            if (queuedFor != timer.QueuedFor)
            {
                continue;
            }

            timer.QueuedFor = long.MaxValue;
            if (timer.IsRunning && timer.Due > queuedFor && timer.Due > _time.GetTimestamp())
            {
                Enqueue(timer);
            }
            else if (timer.IsRunning)
            {
                Guarded(static timer => ((LoopTimer)timer!).Expire(), timer);
            }
        }
    }

    // A piece from each source that has work; each turn begins with another one.
    private bool RunWork()
    {
        var isBusy = false;
        for (var i = 0; i < _sources.Count; i++)
        {
            var at = (_nextSource + i) % _sources.Count;
            if (_hasWork[at])
            {
                IWorkSource source = _sources[at];
                var hasMore = RunWork(source);

                // It may have removed itself or others.
                at = at < _sources.Count && ReferenceEquals(_sources[at], source) ? at : _sources.IndexOf(source);
                if (at >= 0)
                {
                    _hasWork[at] = hasMore;
                    isBusy |= hasMore;
                }
            }
        }

        _nextSource = _sources.Count == 0 ? 0 : (_nextSource + 1) % _sources.Count;
        return isBusy;
    }

    private bool RunWork(IWorkSource source)
    {
        try
        {
            return source.Work(new(_time, Turn));
        }
        catch (Exception exception) when (Failed is not null)
        {
            Failed(exception);
            return true;
        }
    }

    private void Guarded(Action<object?> action, object? state)
    {
        try
        {
            action(state);
        }
        catch (Exception exception) when (Failed is not null)
        {
            Failed(exception);
        }
    }

    private void SetAlarm()
    {
        var due = _timers.TryPeek(out _, out var at) ? at : long.MaxValue;
        if (due == long.MaxValue)
        {
            _ = _alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        TimeSpan after = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _ = _alarm.Change(after > TimeSpan.Zero ? after + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private interface ICancelable
    {
        void Cancel();
    }

    private sealed class Question<T>(Func<T> function) : ICancelable
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _answer.Task;

        public void Answer()
        {
            try
            {
                _ = _answer.TrySetResult(function());
            }
            catch (Exception exception)
            {
                _ = _answer.TrySetException(exception);
            }
        }

        public void Cancel() => _answer.TrySetCanceled();
    }
}
