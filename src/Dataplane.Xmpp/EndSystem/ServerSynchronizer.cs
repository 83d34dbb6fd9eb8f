using System.Globalization;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>
/// Makes one server know what it shall know, by the differences to what it was told: a request for a thing is sent when the answers to those before
/// have come, so that what changes often is told as it is last. What was told is forgotten with the session, except that a leaf may still be there:
/// it is withdrawn, if need be, in the next one (XMP-14). Pure: requests out, answers and times in. Routing loop.
/// </summary>
public sealed class ServerSynchronizer
{
    private readonly DesiredState _desired;
    private readonly IRequestSender _sender;
    private readonly EndSystemSettings _settings;
    private readonly TimeProvider _time;
    private readonly Dictionary<Membership, ToldMembership> _memberships = [];
    private readonly Dictionary<string, ToldLeaf> _leaves = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PendingRequest> _pending = new(StringComparer.Ordinal);
    private readonly Queue<ToldItem> _first = new();
    private readonly Queue<ToldItem> _then = new();
    private readonly PriorityQueue<ToldItem, long> _retries = new();
    private long _number;
    private bool _isOpen;
    private bool _isBlocked;
    private bool _wantsRoutes;

    /// <summary>Starts without a session.</summary>
    public ServerSynchronizer(DesiredState desired, IRequestSender sender, EndSystemSettings settings, TimeProvider time)
    {
        _desired = desired;
        _sender = sender;
        _settings = settings;
        _time = time;
    }

    /// <summary>Told before a subscription is sent: from here on routes may come.</summary>
    public Action<Membership>? Subscribing { get; set; }

    /// <summary>Told when the server accepted a membership.</summary>
    public Action<Membership>? Subscribed { get; set; }

    /// <summary>Told of a leaf that the server has acknowledged as it is, or that it is no more.</summary>
    public Action<string>? Acknowledged { get; set; }

    /// <summary>Told of refusals: what was refused, and why.</summary>
    public Action<string, RequestFailure>? Refused { get; set; }

    /// <summary>Told when a subscription was refused.</summary>
    public Action<Membership, RequestFailure>? SubscriptionRefused { get; set; }

    /// <summary>Requests that wait for their answers.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Whether the server knows everything that it shall.</summary>
    public bool IsSettled => _isOpen && _pending.Count == 0 && _first.Count == 0 && _then.Count == 0 && _retries.Count == 0;

    /// <summary>Leaves that the server acknowledged as they are.</summary>
    public int PublishedCount => _leaves.Values.Count(item => item.Told is { } told && item.Pending == 0 && _desired.Find(item.Leaf) == told);

    /// <summary>VPNs whose subscription the server acknowledged.</summary>
    public int SubscribedCount => _memberships.Values.Count(static item => item is { IsTold: true, Pending: 0 });

    /// <summary>Whether the server acknowledged a leaf as it is.</summary>
    public bool IsPublished(string leaf) =>
        _leaves.TryGetValue(leaf, out ToldLeaf? item) && item is { Told: { } told, Pending: 0 } && _desired.Find(leaf) == told;

    /// <summary>Whether the server acknowledged a leaf as it is; or that it is no more.</summary>
    public bool IsAsItShallBe(string leaf) => _desired.Find(leaf) is null
        ? _leaves.GetValueOrDefault(leaf) is null or { Told: null, Remembered: null, Pending: 0 }
        : IsPublished(leaf);

    /// <summary>Why the server refuses a leaf; null when it does not.</summary>
    public RequestFailure? FailureOf(string leaf) => _leaves.GetValueOrDefault(leaf)?.Failure;

    /// <summary>Why the server refuses a membership; null when it does not.</summary>
    public RequestFailure? FailureOf(Membership membership) => _memberships.GetValueOrDefault(membership)?.Failure;

    /// <summary>Whether memberships are told to this server. Changing it subscribes, or unsubscribes.</summary>
    public bool WantsRoutes
    {
        get => _wantsRoutes;
        set
        {
            if (_wantsRoutes != value)
            {
                _wantsRoutes = value;
                foreach (Membership membership in _desired.Memberships)
                {
                    Changed(membership);
                }
            }
        }
    }

    /// <summary>When something is due at the latest: an answer, or another attempt; null when nothing is.</summary>
    public long? Due
    {
        get
        {
            long? due = _pending.Count == 0 ? null : _pending.Values.Min(static pending => pending.Due);
            return _retries.TryPeek(out _, out var retry) && (due is null || retry < due) ? retry : due;
        }
    }

    /// <summary>A session is there: everything is told.</summary>
    public void Opened()
    {
        _isOpen = true;
        _isBlocked = false;
        foreach (Membership membership in _desired.Memberships)
        {
            Enqueue(ItemOf(membership));
        }

        foreach (Publication publication in _desired.Publications)
        {
            Enqueue(ItemOf(publication.Leaf));
        }

        foreach (ToldLeaf item in _leaves.Values)
        {
            Enqueue(item);
        }

        Pump();
    }

    /// <summary>The session is over, and with it what was told.</summary>
    public void Closed()
    {
        _isOpen = false;
        _pending.Clear();
        _first.Clear();
        _then.Clear();
        _retries.Clear();
        _memberships.Clear();
        foreach (ToldLeaf item in _leaves.Values.ToArray())
        {
            item.Remembered = item.Told ?? item.Remembered;
            item.Told = null;
            item.Forget();
            if (item.Remembered is null)
            {
                _ = _leaves.Remove(item.Leaf);
            }
        }
    }

    /// <summary>The session takes requests again.</summary>
    public void Drained()
    {
        _isBlocked = false;
        Pump();
    }

    /// <summary>A membership is wanted, or no longer.</summary>
    public void Changed(Membership membership)
    {
        if (_isOpen)
        {
            Enqueue(ItemOf(membership));
            Pump();
        }
    }

    /// <summary>A leaf says something else, or nothing any more.</summary>
    public void Changed(string leaf)
    {
        if (_isOpen)
        {
            Enqueue(ItemOf(leaf));
            Pump();
        }
    }

    /// <summary>The server ended a subscription by itself; it is asked for again in a while.</summary>
    public void Ended(Membership membership)
    {
        if (_memberships.TryGetValue(membership, out ToldMembership? item) && item is { IsTold: true, Pending: 0 })
        {
            item.IsTold = false;
            TryLater(item);
        }
    }

    /// <summary>An answer has come.</summary>
    /// <param name="id">Id of the request; one that is not ours is passed over.</param>
    /// <param name="failure">Why it was refused; null when it was not.</param>
    /// <param name="subscriptionId">Which subscription that made, if it says so.</param>
    /// <returns>Whether it was an answer to a request.</returns>
    public bool Answered(string id, RequestFailure? failure, string? subscriptionId = null)
    {
        if (!_pending.Remove(id, out PendingRequest? pending))
        {
            return false;
        }

        ToldItem item = pending.Item;
        item.Pending--;
        item.SubscriptionId = subscriptionId ?? item.SubscriptionId;

        // What is to be removed and is not there is as it shall be.
        if (failure is not null && !(pending.IsRemoval && failure.Condition == RequestFailure.ItemNotFound))
        {
            item.Problem ??= failure;
        }

        if (item.Pending == 0)
        {
            Finish(item);
        }

        Pump();
        return true;
    }

    /// <summary>Time has passed.</summary>
    /// <returns>False when an answer has been waited for too long: the session is no good.</returns>
    public bool Advance()
    {
        var now = _time.GetTimestamp();
        while (_retries.TryPeek(out ToldItem? item, out var due) && due <= now)
        {
            _ = _retries.Dequeue();
            item.IsWaiting = false;
            if (IsCurrent(item))
            {
                Enqueue(item);
            }
        }

        Pump();
        return !_pending.Values.Any(pending => pending.Due <= now);
    }

    private ToldMembership ItemOf(Membership membership)
    {
        if (!_memberships.TryGetValue(membership, out ToldMembership? item))
        {
            _memberships.Add(membership, item = new(membership));
        }

        return item;
    }

    private ToldLeaf ItemOf(string leaf)
    {
        if (!_leaves.TryGetValue(leaf, out ToldLeaf? item))
        {
            _leaves.Add(leaf, item = new(leaf));
        }

        return item;
    }

    // It may have gone, and another of its name have come, since it was put among those to try again.
    private bool IsCurrent(ToldItem item) => item is ToldMembership membership
        ? _memberships.GetValueOrDefault(membership.Membership) == membership
        : _leaves.GetValueOrDefault(((ToldLeaf)item).Leaf) == item;

    private void Enqueue(ToldItem item)
    {
        if (!item.IsQueued)
        {
            item.IsQueued = true;
            (item is ToldMembership ? _first : _then).Enqueue(item);
        }
    }

    // A subscription before the addresses: the routes are there when they are needed (MOB-04).
    private void Pump()
    {
        while (_isOpen && !_isBlocked && _pending.Count < _settings.MostPending
            && (_first.TryPeek(out ToldItem? item) || _then.TryPeek(out item)))
        {
            // One with answers outstanding is looked at again when they are there.
            if (item.Pending == 0 && !Tell(item))
            {
                _isBlocked = true;
                return;
            }

            _ = (item is ToldMembership ? _first : _then).Dequeue();
            item.IsQueued = false;
        }
    }

    private bool Tell(ToldItem item) => item is ToldMembership membership ? Tell(membership) : Tell((ToldLeaf)item);

    private bool Tell(ToldMembership item)
    {
        Membership membership = item.Membership;
        var isWanted = _wantsRoutes && _desired.Contains(membership);
        if (isWanted == item.IsTold)
        {
            if (!isWanted)
            {
                _ = _memberships.Remove(membership);
            }

            return true;
        }

        item.Problem = null;
        if (isWanted)
        {
            Subscribing?.Invoke(membership);
        }

        PubSubRequest request = isWanted
            ? new SubscribeRequest(membership.Vpn, null) { Vlan = membership.Vlan, WantsSettled = _settings.Servers == ServerRole.Gateway }
            : new UnsubscribeRequest(membership.Vpn, null, item.SubscriptionId);
        if (!Send(item, request))
        {
            return false;
        }

        item.IsTold = isWanted;
        return true;
    }

    private bool Tell(ToldLeaf item)
    {
        Publication? wanted = _desired.Find(item.Leaf);
        Publication? told = item.Told ?? item.Remembered;
        item.Problem = null;
        if (wanted is null)
        {
            if (told is null)
            {
                _ = _leaves.Remove(item.Leaf);
                return true;
            }

            item.Told = null;
            item.Remembered = told;
            return item.IsWithdrawn = SendAll(item, PublicationRequests.Withdraw(_settings.Profile, told));
        }

        if (wanted == item.Told)
        {
            return true;
        }

        var moves = told is not null && told.Vpn != wanted.Vpn;
        var isNew = item.Told is null || moves;
        if (isNew)
        {
            // Of several requests the channel may take some only.
            item.Told = null;
            item.Remembered = told;
        }

        if ((moves && !SendAll(item, PublicationRequests.Withdraw(_settings.Profile, told!)))
            || !SendAll(item, PublicationRequests.Publish(_settings.Profile, wanted, isNew)))
        {
            return false;
        }

        item.Told = wanted;
        item.Remembered = null;
        item.IsWithdrawn = false;
        return true;
    }

    private bool SendAll(ToldItem item, IReadOnlyList<PubSubRequest> requests) => requests.All(request => Send(item, request));

    private bool Send(ToldItem item, PubSubRequest request)
    {
        var kind = KindOf(request);
        var id = string.Create(CultureInfo.InvariantCulture, $"{kind}-{++_number}");
        if (!_sender.TrySend(id, request))
        {
            return false;
        }

        item.Pending++;
        _pending.Add(id, new(item, IsRemoval: kind is 'u' or 'w', _time.GetTimestamp() + Ticks(_settings.ReplyTime)));
        return true;
    }

    // For who reads the stanzas.
    private static char KindOf(PubSubRequest request) => request switch
    {
        SubscribeRequest => 's',
        UnsubscribeRequest => 'u',
        PublishRequest => 'p',
        AssociateRequest => 'a',
        _ => 'w',
    };

    private void Finish(ToldItem item)
    {
        item.Failure = item.Problem;
        if (item.Problem is { } failure)
        {
            // What the server has of it is not known: told anew, in a while.
            if (item is ToldLeaf leaf)
            {
                leaf.Remembered = leaf.Told ?? leaf.Remembered;
                leaf.Told = null;
            }
            else
            {
                var membership = (ToldMembership)item;
                membership.IsTold = !membership.IsTold;
                if (!membership.IsTold)
                {
                    SubscriptionRefused?.Invoke(membership.Membership, failure);
                }
            }

            Refused?.Invoke(item.ToString()!, failure);
            TryLater(item);
            return;
        }

        if (item is ToldLeaf { IsWithdrawn: true } withdrawn)
        {
            withdrawn.Remembered = null;
            withdrawn.IsWithdrawn = false;
        }
        else if (item is ToldMembership { IsTold: true } told)
        {
            Subscribed?.Invoke(told.Membership);
        }

        if (item is ToldLeaf acknowledged && IsAsItShallBe(acknowledged.Leaf))
        {
            Acknowledged?.Invoke(acknowledged.Leaf);
        }

        Enqueue(item);
    }

    private void TryLater(ToldItem item)
    {
        if (!item.IsWaiting)
        {
            item.IsWaiting = true;
            _retries.Enqueue(item, _time.GetTimestamp() + Ticks(_settings.RetryInterval));
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    private sealed record PendingRequest(ToldItem Item, bool IsRemoval, long Due);
}
