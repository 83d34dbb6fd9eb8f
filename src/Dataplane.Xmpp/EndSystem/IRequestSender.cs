using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>Takes requests for one server.</summary>
public interface IRequestSender
{
    /// <summary>Sends a request as an IQ of type set.</summary>
    /// <returns>False when the session takes nothing now; the request was not sent.</returns>
    bool TrySend(string id, PubSubRequest request);
}

/// <summary>Why a server refused a request.</summary>
/// <param name="Condition">The stanza error's condition, <c>item-not-found</c> for one (RFC 6120 §8.3.3).</param>
/// <param name="Text">What it said to people; null for nothing.</param>
public sealed record RequestFailure(string Condition, string? Text = null)
{
    /// <summary>Of what is not known to the server.</summary>
    public const string ItemNotFound = "item-not-found";

    /// <summary>As in the log.</summary>
    public override string ToString() => Text is { Length: > 0 } ? $"{Condition}: {Text}" : Condition;
}
