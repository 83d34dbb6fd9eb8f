using System.Globalization;
using System.Text;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Contenders;

/// <summary>BIRD as a reflector.</summary>
internal sealed class BirdContender : Contender
{
    private readonly BirdPeer _bird;

    internal BirdContender(BgpNetwork network, Role role, bool pipes)
    {
        var extra = new StringBuilder();
        for (int vrf = 0; pipes && vrf < role.Vrfs; vrf++)
        {
            extra.Append(CultureInfo.InvariantCulture,
                $"vpn4 table vrf{vrf};\nprotocol pipe pipe{vrf} {{ table tvpn4; peer table vrf{vrf}; import none; export where (rt, 65000, {1 + vrf}) ~ bgp_ext_community; }}\n");
        }
        _bird = new BirdPeer(network, Number,
            [
                .. role.Clients.Select(static n => new Neighbor(n) { Passive = true, ReflectorClient = true, HoldTime = 240 }),
                .. role.NonClients.Select(static n => new Neighbor(n) { Passive = true, HoldTime = 240 }),
            ],
            extra: extra.ToString());
    }

    internal override int ProcessId => _bird.ProcessId;

    public override void Dispose() => _bird.Dispose();
}
