using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>A forwarder that keeps what it is told, in order, and insists on what a datapath insists on.</summary>
internal sealed class FakeForwarder : IInterfaceForwarder
{
    private readonly Queue<Action> _answers = new();

    public Dictionary<string, ForwardedInterface> Interfaces { get; } = [];

    public Dictionary<string, Label20> Vpns { get; } = [];

    public Dictionary<Label20, string> Repairs { get; } = [];

    public Dictionary<(string Vpn, IpPrefix Prefix), string> Routes { get; } = [];

    public List<string> Log { get; } = [];

    /// <summary>Why interfaces cannot be put there; null: they can.</summary>
    public string? Refusal { get; set; }

    public void AddVpn(string vpn, Label20 label)
    {
        Log.Add($"+vpn {vpn}");
        Vpns.Add(vpn, label);
    }

    public void RemoveVpn(string vpn)
    {
        Log.Add($"-vpn {vpn}");
        Assert.True(Vpns.Remove(vpn));
        Assert.DoesNotContain(Interfaces.Values, bound => bound.Vpn == vpn);
        Assert.DoesNotContain(Routes.Keys, key => key.Vpn == vpn);
        Assert.DoesNotContain(Repairs.Values, repaired => repaired == vpn);
    }

    public void SetInterface(ForwardedInterface wanted, Action<string?> done)
    {
        Log.Add($"+{wanted.Key} {wanted.Label} [{string.Join(' ', wanted.Addresses)}]{(wanted.IsLookedUp ? " looked up" : "")}");
        Assert.Contains(wanted.Vpn, Vpns.Keys);
        Assert.DoesNotContain(wanted.Label, Repairs.Keys);
        _ = Interfaces.Remove(wanted.Key);
        string? refusal = Refusal;
        if (refusal is null)
        {
            Assert.DoesNotContain(Interfaces.Values, other => other.Label == wanted.Label);
            Assert.DoesNotContain(Interfaces.Values, other => other.Vpn == wanted.Vpn && other.Addresses.Intersect(wanted.Addresses).Any());
            Interfaces.Add(wanted.Key, wanted);
        }

        _answers.Enqueue(() => done(refusal));
    }

    public void RemoveInterface(string key)
    {
        Log.Add($"-{key}");
        _ = Interfaces.Remove(key);
    }

    public void Repair(string vpn, Label20 label)
    {
        Assert.DoesNotContain(Interfaces.Values, other => other.Label == label);
        Assert.Contains(vpn, Vpns.Keys);
        Repairs.Add(label, vpn);
    }

    public void EndRepair(string vpn, Label20 label) => Assert.True(Repairs.Remove(label));

    public void RouteChanged(string vpn, IpPrefix prefix, IReadOnlyList<VrfNextHop> nextHops, uint version)
    {
        Assert.Contains(vpn, Vpns.Keys);
        Routes[(vpn, prefix)] = RecordingSink.Text(nextHops);
    }

    public void RouteRemoved(string vpn, IpPrefix prefix) => Assert.True(Routes.Remove((vpn, prefix)));

    /// <summary>Has what was asked be done.</summary>
    public void Work()
    {
        while (_answers.TryDequeue(out Action? answer))
        {
            answer();
        }
    }
}

/// <summary>An uplink that keeps what it is told.</summary>
internal sealed class FakeUplink : IUplink
{
    public HashSet<Membership> Memberships { get; } = [];

    public Dictionary<string, Publication> Publications { get; } = [];

    public List<string> Log { get; } = [];

    public Action<string>? Left { get; set; }

    public void Join(Membership membership)
    {
        Log.Add($"join {membership}");
        Assert.True(Memberships.Add(membership));
    }

    public void Leave(Membership membership)
    {
        Log.Add($"leave {membership}");
        Assert.True(Memberships.Remove(membership));
        Left?.Invoke(membership.Vpn);
    }

    public void Publish(Publication publication)
    {
        if (Publications.GetValueOrDefault(publication.Leaf) != publication)
        {
            Log.Add($"publish {publication.Leaf} {publication.Label} v{publication.Version}");
            Publications[publication.Leaf] = publication;
        }
    }

    public void Withdraw(string leaf)
    {
        if (Publications.Remove(leaf))
        {
            Log.Add($"withdraw {leaf}");
        }
    }
}
