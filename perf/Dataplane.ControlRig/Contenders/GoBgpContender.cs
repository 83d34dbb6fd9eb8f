using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Contenders;

/// <summary>GoBGP as a reflector.</summary>
internal sealed class GoBgpContender : Contender
{
    private readonly GoBgpPeer _gobgp;

    internal GoBgpContender(BgpNetwork network, Role role)
    {
        Neighbor Of(int number, bool client) => new(number)
        {
            Passive = true,
            ReflectorClient = client,
            HoldTime = 240,
            Families = role.ConstrainedPeers.Contains(number) ? [Family.Vpn4, Family.RouteTarget] : [Family.Vpn4],
        };
        _gobgp = new GoBgpPeer(network, Number, [.. role.Clients.Select(n => Of(n, true)), .. role.NonClients.Select(n => Of(n, false))]);
        for (int vrf = 0; vrf < role.Vrfs; vrf++)
            _gobgp.Run($"vrf add v{vrf} rd 65000:{10_000 + vrf} rt both 65000:{1 + vrf}");
    }

    internal override int ProcessId => _gobgp.ProcessId;

    public override void Dispose() => _gobgp.Dispose();
}
