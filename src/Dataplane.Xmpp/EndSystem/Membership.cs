namespace Dataplane.Xmpp.EndSystem;

/// <summary>A VPN that this end system takes part in (XMP-06).</summary>
/// <param name="Vpn">Its name.</param>
/// <param name="Vlan">VLAN of the interface, 1 to 4094, towards an external forwarder (XMP-08); null towards gateways.</param>
public readonly record struct Membership(string Vpn, ushort? Vlan = null)
{
    /// <summary><c>blue-web</c> or <c>blue-web, VLAN 317</c>.</summary>
    public override string ToString() => Vlan is { } vlan ? $"{Vpn}, VLAN {vlan}" : Vpn;
}
