namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>Why a virtual interface cannot be attached as asked.</summary>
/// <param name="Field">The field of the request that is wrong.</param>
/// <param name="Message">What is wrong with it.</param>
/// <param name="IsConflict">Whether it is fine by itself and contradicts what is there.</param>
public sealed record AttachmentProblem(string Field, string Message, bool IsConflict = false)
{
    /// <summary>As told to whom asked.</summary>
    public override string ToString() => $"'{Field}': {Message}";
}
