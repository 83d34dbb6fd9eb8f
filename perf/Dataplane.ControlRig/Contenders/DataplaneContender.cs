using System.Globalization;
using System.Text;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Contenders;

/// <summary>Ours as a reflector.</summary>
internal sealed class DataplaneContender : Contender
{
    private readonly OurSpeaker _speaker;

    internal DataplaneContender(BgpNetwork network, Role role)
    {
        var vrfs = new StringBuilder("vrfs:\n");
        for (int vrf = 0; vrf < role.Vrfs; vrf++)
            vrfs.Append(CultureInfo.InvariantCulture, $"  - {{ name: v{vrf}, import-targets: [\"65000:{1 + vrf}\"], export-targets: [\"65000:{1 + vrf}\"] }}\n");
        Neighbor Of(int number, bool client) => new(number)
        {
            Passive = true,
            ReflectorClient = client,
            HoldTime = 240,
            Families = role.ConstrainedPeers.Contains(number) ? [Family.Vpn4, Family.RouteTarget] : [Family.Vpn4],
        };
        _speaker = new OurSpeaker(network, Number, OurSpeaker.Configuration(
            Number, [.. role.Clients.Select(n => Of(n, true)), .. role.NonClients.Select(n => Of(n, false))], rest: vrfs.ToString()));
    }

    internal override int ProcessId => _speaker.ProcessId;

    internal override double? CollectorPauseMilliseconds => _speaker.Metrics().Sum("dotnet_gc_pause_seconds_total") * 1e3;

    public override void Dispose() => _speaker.Dispose();
}
