using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Route distinguishers of what end-systems publish (SIG-02, SIG-04, AMB-19): type 1, host id and instance id, so that two gateways make the same one of
/// the same provisioning without talking, whatever they hear first. Routing thread.
/// </summary>
internal static class HostDistinguishers
{
    /// <summary>
    /// The distinguisher of a client in a VRF. The instance id is the provisioned one, or what the client said, or else that of the VRF; another
    /// one where that is provisioned or said for another VRF of the host.
    /// </summary>
    public static RouteDistinguisher Of(GatewayClient client, VrfIndex vrf, string vrfName, VpnGrant grant, VrfInstances instances) => RouteDistinguisher.OfAddress(
        HostIdOf(client),
        grant.Instance
            ?? (client.Instances.TryGetValue(vrf, out var said) && !client.Access.Instances.Contains(said) ? said : Automatic(client, vrfName, instances)));

    /// <summary>Whether an instance id is that of another VRF of the host, by provisioning or because the client has said so.</summary>
    public static bool IsTaken(GatewayClient client, VrfIndex vrf, ushort instance)
    {
        if (client.Access.Instances.Contains(instance))
        {
            return true;
        }

        foreach ((VrfIndex other, var taken) in client.Instances)
        {
            if (taken == instance && other != vrf)
            {
                return true;
            }
        }

        return false;
    }

    private static ushort Automatic(GatewayClient client, string vrfName, VrfInstances instances)
    {
        var own = instances.Of(vrfName);
        if (!client.Access.Instances.Contains(own) && !client.Instances.ContainsValue(own))
        {
            return own;
        }

        // The VRFs whose ids are given away get others, in the order of these: whoever looks, and when, finds the same.
        var moved = new HashSet<ushort>();
        foreach (var id in client.Access.Instances.Concat(client.Instances.Values).Distinct().Where(instances.Contains).Order())
        {
            var other = VrfInstances.Next(id);
            for (var i = 0; i < ushort.MaxValue && !IsFree(other); i++)
            {
                other = VrfInstances.Next(other);
            }

            if (id == own)
            {
                return other;
            }

            _ = moved.Add(other);
        }

        return own;

        bool IsFree(ushort id) => !instances.Contains(id) && !moved.Contains(id) && !client.Access.Instances.Contains(id) && !client.Instances.ContainsValue(id);
    }

    private static Ipv4Address HostIdOf(GatewayClient client)
    {
        if (client.Access.HostId is { } assigned)
        {
            return assigned;
        }

        foreach (IpAddress address in client.Addresses)
        {
            if (address.IsV4)
            {
                return address.V4;
            }
        }

        return new(VrfInstances.Fnv(client.Jid.ToString()));
    }
}
