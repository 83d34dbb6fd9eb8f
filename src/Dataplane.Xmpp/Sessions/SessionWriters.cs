using System.Collections.Concurrent;

namespace Dataplane.Xmpp.Sessions;

/// <summary>
/// Has sessions write what they have queued: few work items of the pool, each taking session after session as long as there is one, instead of one for
/// each session and event. A session whose peer does not take what is written leaves, and writes on when it does. Any thread.
/// </summary>
internal sealed class SessionWriters
{
    // More would wait for each other at the queue.
    private static readonly int Most = Math.Min(Environment.ProcessorCount, 8);

    private readonly ConcurrentQueue<XmppSession> _ready = new();
    private readonly Action<object?> _run;
    private int _running;

    public SessionWriters() => _run = _ => Run();

    /// <summary>Whether other sessions wait.</summary>
    public bool HasMore => !_ready.IsEmpty;

    /// <summary>A session has something to write. Once until it is called.</summary>
    public void Add(XmppSession session)
    {
        _ready.Enqueue(session);
        StartOne();
    }

    private void StartOne()
    {
        int running = Volatile.Read(ref _running);
        while (running < Most)
        {
            int before = Interlocked.CompareExchange(ref _running, running + 1, running);
            if (before == running)
            {
                _ = ThreadPool.UnsafeQueueUserWorkItem(_run, null, preferLocal: false);
                return;
            }

            running = before;
        }
    }

    private void Run()
    {
        while (_ready.TryDequeue(out XmppSession? session))
        {
            session.WriteQueued();
        }

        _ = Interlocked.Decrement(ref _running);

        // One that was added between the last look and the decrement found all running.
        if (!_ready.IsEmpty)
        {
            StartOne();
        }
    }
}
