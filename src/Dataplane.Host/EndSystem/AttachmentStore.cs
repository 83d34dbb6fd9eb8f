using Dataplane.Routing.Loop;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.Journals;

namespace Dataplane.Host.EndSystem;

/// <summary>Keeps the agent's interfaces in a file of the state directory: on the disk when it says so. Written by the pool, since a disk takes milliseconds. Routing loop.</summary>
internal sealed class AttachmentStore(string path, RoutingLoop loop) : IAttachmentStore, IDisposable
{
    private readonly JournalFile _file = new(path, isForced: true);

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The last write.</summary>
    public Task Pending { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public bool WantsAll => _file.IsDue;

    /// <summary>What an earlier process kept; null when there is no file.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public byte[]? Read() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <inheritdoc/>
    public void Keep(AttachmentLines lines, Action<Exception?> done) => Pending = Task.Run(() =>
    {
        Exception? failure = null;
        try
        {
            if (lines.IsAll)
                _file.Replace(lines.Octets.Span, lines.Count);
            else
                _file.Append(lines.Octets.Span, lines.Count);
        }
        catch (Exception problem) // whatever it is: the agent waits for an answer
        {
            failure = problem;
        }
        loop.Post(() => done(failure));
    });

    /// <summary>Closes the file. When nothing is pending.</summary>
    public void Dispose() => _file.Dispose();
}
