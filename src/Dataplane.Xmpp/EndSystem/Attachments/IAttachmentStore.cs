namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>Keeps what an agent holds over a restart, as lines that <see cref="AttachmentState"/> writes. Routing loop.</summary>
public interface IAttachmentStore
{
    /// <summary>Whether the next lines must be of everything, and not merely of what has changed.</summary>
    bool WantsAll { get; }

    /// <summary>Keeps lines, durably.</summary>
    /// <param name="lines">In the place of all before, or behind them.</param>
    /// <param name="done">Told on the loop, now or later, that they are kept (null) or why they are not; nothing else is to be kept before.</param>
    void Keep(AttachmentLines lines, Action<Exception?> done);
}

/// <summary>Lines about interfaces.</summary>
/// <param name="Octets">UTF-8, each line with its line feed.</param>
/// <param name="Count">How many.</param>
/// <param name="IsAll">Whether they say everything, and take the place of all before.</param>
public readonly record struct AttachmentLines(ReadOnlyMemory<byte> Octets, int Count, bool IsAll);
