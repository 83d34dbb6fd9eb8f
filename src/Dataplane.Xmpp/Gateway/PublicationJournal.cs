using System.Buffers;
using System.Text;
using System.Text.Json;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Journals;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// A file of what clients published and subscribed to, so that a gateway that was killed knows it when it is back: a line for each change, appended in the turn of the
/// loop in which it was made, and written anew when most lines are out of date. What the process wrote outlives it; nothing is forced to the disk, so
/// a machine that loses its power may lose the last lines, and then is told by its clients as if they were new. Its time of change is when the gateway
/// was last alive. Routing thread.
/// </summary>
internal sealed class PublicationJournal : IWorkSource
{
    private const string Heading = "# Publications of end-systems. Written by dataplane.";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private readonly JournalFile _file;
    private readonly RoutingLoop _loop;
    private readonly Func<RememberedState> _present;
    private ArrayBufferWriter<byte> _unwritten = new();
    private readonly LoopTimer _heartbeat;
    private int _lines;
    private bool _isTold;

    /// <summary>A journal that nothing is written to yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="loop">The routing thread.</param>
    /// <param name="present">All there is, publications in the order in which they were made, to write the file anew.</param>
    public PublicationJournal(string path, RoutingLoop loop, Func<RememberedState> present)
    {
        _file = new(path, isForced: false);
        _loop = loop;
        _present = present;
        _heartbeat = loop.CreateTimer(Beat);
    }

    /// <summary>Told, once until it works again, that the file cannot be written.</summary>
    public Action<string>? Failed { get; set; }

    /// <summary>Reads what an earlier process left.</summary>
    /// <param name="age">How long ago it was last alive.</param>
    /// <returns>What there was, publications in the order in which they were made; null when there is no file that says.</returns>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public RememberedState? Load(out TimeSpan age)
    {
        age = TimeSpan.Zero;
        if (!File.Exists(_file.Path))
        {
            return null;
        }

        age = _loop.Time.GetUtcNow() - File.GetLastWriteTimeUtc(_file.Path);
        var found = new OrderedDictionary<(Jid Client, LeafKey Key), RememberedPublication>();
        var subscriptions = new Dictionary<(Jid Client, string Node), RememberedSubscription>();
        var isOurs = false;
        foreach (var line in File.ReadLines(_file.Path))
        {
            isOurs |= line == Heading;
            _ = JournalLine.TryRead(line, Take, out _);
        }

        return isOurs ? new(found.Values, subscriptions.Values) : null;

        void Take(JsonElement json)
        {
            if (RememberedSubscription.IsOne(json))
            {
                var subscription = RememberedSubscription.Read(json, out var isGone);
                (Jid, string) name = (subscription.Client, subscription.Node);
                if (isGone)
                {
                    _ = subscriptions.Remove(name);
                }
                else
                {
                    subscriptions[name] = subscription;
                }

                return;
            }

            RememberedPublication? publication = RememberedPublication.Read(json, out Jid client, out LeafKey key);
            _ = found.Remove((client, key));
            if (publication is not null)
            {
                found.Add((client, key), publication);
            }
        }
    }

    /// <summary>Begins to write, with what there is.</summary>
    public void Begin()
    {
        Rewrite();
        _loop.AddWork(this);
        _heartbeat.Restart(Heartbeat);
    }

    /// <summary>A publication is there, or another than before.</summary>
    public void Set(RememberedPublication publication)
    {
        publication.Write(_unwritten);
        _lines++;
        _loop.Wake();
    }

    /// <summary>A publication has gone.</summary>
    public void Remove(Jid client, LeafKey key)
    {
        RememberedPublication.WriteGone(_unwritten, client, key);
        _lines++;
        _loop.Wake();
    }

    /// <summary>A subscription is there, or said another instance id than before.</summary>
    public void Set(RememberedSubscription subscription) => Write(subscription, isGone: false);

    /// <summary>A subscription has gone.</summary>
    public void Remove(RememberedSubscription subscription) => Write(subscription, isGone: true);

    /// <inheritdoc/>
    public bool Work(WorkTurn turn)
    {
        if (_unwritten.WrittenCount != 0)
        {
            Write();
        }

        return false;
    }

    /// <summary>Writes what is left and ends; the gateway was alive until now.</summary>
    public void End()
    {
        _loop.RemoveWork(this);
        _heartbeat.Stop();
        Write();
        Touch();
        _file.Dispose();
    }

    private void Write(RememberedSubscription subscription, bool isGone)
    {
        subscription.Write(_unwritten, isGone);
        _lines++;
        _loop.Wake();
    }

    private void Write()
    {
        if (!_file.IsDefective && _file.IsDue)
        {
            Rewrite();
        }
        else if (!_file.IsDefective)
        {
            _ = Try(() => _file.Append(_unwritten.WrittenSpan, _lines));
        }

        // What could not be written is written with all the rest, later.
        _unwritten.ResetWrittenCount();
        _lines = 0;
    }

    private void Rewrite()
    {
        _unwritten.ResetWrittenCount();
        _unwritten.Write(Encoding.UTF8.GetBytes(Heading + "\n"));
        _lines = 0;
        RememberedState present = _present();
        foreach (RememberedSubscription subscription in present.Subscriptions)
        {
            subscription.Write(_unwritten, isGone: false);
            _lines++;
        }

        foreach (RememberedPublication publication in present.Publications)
        {
            publication.Write(_unwritten);
            _lines++;
        }

        _ = Try(() => _file.Replace(_unwritten.WrittenSpan, _lines));
        _unwritten = new(); // this one has grown to the size of the file
        _lines = 0;
    }

    private void Beat()
    {
        if (_file.IsDefective)
        {
            Rewrite();
        }

        Touch();
        _heartbeat.Restart(Heartbeat);
    }

    private void Touch()
    {
        if (!_file.IsDefective)
        {
            _ = Try(() => File.SetLastWriteTimeUtc(_file.Path, _loop.Time.GetUtcNow().UtcDateTime));
        }
    }

    // A line that is missing would have what was withdrawn come back: after a failure only a whole file will do.
    private bool Try(Action write)
    {
        try
        {
            write();
            _isTold = false;
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (!_isTold)
            {
                _isTold = true;
                Failed?.Invoke($"what end-systems publish cannot be kept in {_file.Path}: {problem.Message}");
            }

            return false;
        }
    }
}

/// <summary>What a gateway remembers.</summary>
/// <param name="Publications">What clients published.</param>
/// <param name="Subscriptions">What they subscribed to.</param>
internal sealed record RememberedState(IEnumerable<RememberedPublication> Publications, IEnumerable<RememberedSubscription> Subscriptions);
