using System.Text;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Route distinguishers of what end-systems publish (SIG-02, SIG-04, AMB-19): type 1, host id and instance id, so that two gateways make the same one of
/// the same provisioning without talking. Routing thread.
/// </summary>
internal static class HostDistinguishers
{
    /// <summary>
    /// The distinguisher of a client in a VRF. The instance id is the provisioned one, or what the client said, or else a hash of the VRF's name; another
    /// one where the hash is that of another VRF of the host.
    /// </summary>
    public static RouteDistinguisher Of(GatewayClient client, VrfIndex vrf, string vrfName, VpnGrant grant)
    {
        if (grant.Instance is { } provisioned)
        {
            client.Instances[vrf] = provisioned;
        }
        else if (!client.Instances.ContainsKey(vrf))
        {
            var instance = HashOf(vrfName);
            while (client.Instances.ContainsValue(instance) || client.Access.Instances.Contains(instance))
            {
                instance = Next(instance);
            }

            client.Instances.Add(vrf, instance);
        }

        return RouteDistinguisher.OfAddress(HostIdOf(client), client.Instances[vrf]);
    }

    /// <summary>Whether the host has given an instance id to another VRF.</summary>
    public static bool IsTaken(GatewayClient client, VrfIndex vrf, ushort instance)
    {
        foreach ((VrfIndex other, var taken) in client.Instances)
        {
            if (taken == instance && other != vrf)
            {
                return true;
            }
        }

        return false;
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

        return new(Fnv(client.Jid.ToString()));
    }

    private static ushort HashOf(string name)
    {
        var hash = Fnv(name);
        return Next((ushort)(hash >> 16 ^ hash));
    }

    private static ushort Next(ushort instance) => instance == ushort.MaxValue ? (ushort)1 : (ushort)(instance + 1);

    // FNV-1a: has to be the same everywhere.
    private static uint Fnv(string text)
    {
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ octet) * 16777619;
        }

        return hash;
    }
}
