using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Route distinguishers of type 1, our IPv4 address and an instance number, by the name of a VRF (SIG-04, AMB-19). A name has the same one
/// after a restart when the state was kept. Routing thread.
/// </summary>
/// <param name="address">The infrastructure address, or the router id: unique among speakers.</param>
public sealed class DistinguisherAllocator(Ipv4Address address)
{
    /// <summary>What the distinguishers begin with.</summary>
    public Ipv4Address Address { get; } = address;

    internal NumberRegister Register { get; } = new("rd", 1, ushort.MaxValue);

    /// <summary>Takes a distinguisher, or one more reference to the name's.</summary>
    /// <returns>False when all 65,535 are taken.</returns>
    public bool TryTake(string name, out RouteDistinguisher distinguisher)
    {
        var taken = Register.TryTake(name, out var instance);
        distinguisher = RouteDistinguisher.OfAddress(Address, (ushort)instance);
        return taken;
    }

    /// <summary>Gives a reference back.</summary>
    public void Release(string name) => Register.Release(name);
}
