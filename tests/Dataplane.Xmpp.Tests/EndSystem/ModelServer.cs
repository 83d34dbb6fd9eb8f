using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>
/// What a server would know after the requests that it was sent: the naive model of a gateway. Answers are asked for one by one; requests that are
/// not answered yet are carried out all the same, as on a stream.
/// </summary>
internal sealed class ModelServer(Random? random = null) : IRequestSender
{
    private readonly Queue<(string Id, RequestFailure? Failure)> _answers = new();

    public HashSet<Membership> Subscriptions { get; } = [];

    public Dictionary<string, (VpnEntry Entry, string? Vpn)> Leaves { get; } = [];

    public List<PubSubRequest> Requests { get; } = [];

    /// <summary>Share of requests that are refused without effect.</summary>
    public double Refusals { get; set; }

    /// <summary>Share of attempts to send that find the channel full.</summary>
    public double Fullness { get; set; }

    public bool HasAnswers => _answers.Count != 0;

    public bool TrySend(string id, PubSubRequest request)
    {
        if (random is not null && random.NextDouble() < Fullness)
        {
            return false;
        }

        Requests.Add(request);
        RequestFailure? failure = random is not null && random.NextDouble() < Refusals ? new("resource-constraint") : Apply(request);
        _answers.Enqueue((id, failure));
        return true;
    }

    public void Answer(ServerSynchronizer synchronizer)
    {
        (string id, RequestFailure? failure) = _answers.Dequeue();
        Assert.True(synchronizer.Answered(id, failure));
    }

    public void AnswerAll(ServerSynchronizer synchronizer)
    {
        while (HasAnswers)
        {
            Answer(synchronizer);
        }
    }

    /// <summary>The session is lost: answers under way with it. The server keeps what it was told, but not subscriptions.</summary>
    public void Lose()
    {
        _answers.Clear();
        Subscriptions.Clear();
    }

    private RequestFailure? Apply(PubSubRequest request)
    {
        switch (request)
        {
            case SubscribeRequest subscribe:
                _ = Subscriptions.Add(new(subscribe.Node, subscribe.Vlan));
                return null;
            case UnsubscribeRequest unsubscribe:
                return Subscriptions.RemoveWhere(membership => membership.Vpn == unsubscribe.Node) != 0 ? null : new(RequestFailure.ItemNotFound);
            case PublishRequest publish:
                Leaves[publish.Node] = (publish.Items[0].Entry, Leaves.GetValueOrDefault(publish.Node).Vpn);
                return null;
            case AssociateRequest associate when Leaves.TryGetValue(associate.Leaf, out var leaf):
                Leaves[associate.Leaf] = leaf with { Vpn = associate.Collection };
                return null;
            case DissociateRequest dissociate when Leaves.TryGetValue(dissociate.Leaf, out var leaf) && leaf.Vpn == dissociate.Collection:
                Leaves[dissociate.Leaf] = leaf with { Vpn = null };
                return null;
            case DeleteRequest delete when Leaves.Remove(delete.Node):
                return null;
            default:
                return new(RequestFailure.ItemNotFound);
        }
    }
}
