namespace Dataplane.Xmpp.EndSystem;

/// <summary>A thing that a server is told, and how far that has come. Of <see cref="ServerSynchronizer"/>.</summary>
internal abstract class ToldItem
{
    /// <summary>Requests about it that wait for their answers.</summary>
    public int Pending { get; set; }

    /// <summary>Stands among those that are looked at next.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Stands among those that are tried again.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>What the requests under way have met.</summary>
    public RequestFailure? Problem { get; set; }

    /// <summary>What the last ones met.</summary>
    public RequestFailure? Failure { get; set; }

    /// <summary>Which subscription the server made of it; null when it did not say.</summary>
    public string? SubscriptionId { get; set; }

    /// <summary>The session is over: nothing is under way any more.</summary>
    public void Forget()
    {
        Pending = 0;
        IsQueued = false;
        IsWaiting = false;
        Problem = Failure = null;
    }
}

/// <summary>A membership: a subscription.</summary>
internal sealed class ToldMembership(Membership membership) : ToldItem
{
    public Membership Membership { get; } = membership;

    /// <summary>The server was told that it is wanted.</summary>
    public bool IsTold { get; set; }

    public override string ToString() => $"subscription to {Membership}";
}

/// <summary>A leaf: a publication.</summary>
internal sealed class ToldLeaf(string leaf) : ToldItem
{
    public string Leaf { get; } = leaf;

    /// <summary>What the server was told in this session.</summary>
    public Publication? Told { get; set; }

    /// <summary>What the server was told in a session that is over or a request that failed, and may have.</summary>
    public Publication? Remembered { get; set; }

    /// <summary>Its withdrawal was sent and nothing after it.</summary>
    public bool IsWithdrawn { get; set; }

    public override string ToString() => $"publication {Leaf}";
}
