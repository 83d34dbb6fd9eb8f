using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.EndSystem;

namespace Dataplane.Host.EndSystem;

/// <summary>What hosts behind a forwarder have, told to the gateway in the same process: a whole PE. Routing thread.</summary>
/// <param name="vrfs">Its VRFs.</param>
internal sealed class VrfUplink(VrfTable vrfs) : IUplink
{
    private readonly Dictionary<string, Publication> _byLeaf = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Vpn, IpPrefix Prefix), string> _leafOf = [];

    /// <summary>Told of each change of a VRF's route, with the leaf that makes it.</summary>
    public Action<string, VrfIndex, IpPrefix>? Changed { get; init; }

    /// <inheritdoc/>
    public void Join(Membership membership)
    {
        if (vrfs.TryFind(membership.Vpn, out VrfIndex index))
            vrfs.AddMember(index);
    }

    /// <inheritdoc/>
    public void Leave(Membership membership)
    {
        if (vrfs.TryFind(membership.Vpn, out VrfIndex index))
            vrfs.RemoveMember(index);
    }

    /// <inheritdoc/>
    public void Publish(Publication publication)
    {
        if (_byLeaf.GetValueOrDefault(publication.Leaf) == publication || !vrfs.TryFind(publication.Vpn, out VrfIndex index))
            return;
        Withdraw(publication.Leaf, butNot: (publication.Vpn, publication.Prefix));
        _byLeaf[publication.Leaf] = publication;
        _leafOf[(publication.Vpn, publication.Prefix)] = publication.Leaf;
        vrfs.SetLocal(index, new VrfLocalRoute
        {
            Prefix = publication.Prefix,
            Label = publication.Label!.Value,
            Publisher = PublisherId.Host,
            Version = publication.Version,
            IsByTarget = true,
        });
        Changed?.Invoke(publication.Leaf, index, publication.Prefix);
    }

    /// <inheritdoc/>
    public void Withdraw(string leaf) => Withdraw(leaf, butNot: null);

    private void Withdraw(string leaf, (string, IpPrefix)? butNot)
    {
        if (!_byLeaf.Remove(leaf, out Publication? before))
            return;
        (string Vpn, IpPrefix Prefix) key = (before.Vpn, before.Prefix);

        // Another leaf may have taken the address since: a workload that moved between two hosts here.
        if (key == butNot || _leafOf.GetValueOrDefault(key) != leaf)
            return;
        _ = _leafOf.Remove(key);
        if (vrfs.TryFind(key.Vpn, out VrfIndex index) && vrfs.RemoveLocal(index, key.Prefix, PublisherId.Host))
            Changed?.Invoke(leaf, index, key.Prefix);
    }
}
