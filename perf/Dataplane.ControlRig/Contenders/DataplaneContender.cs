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
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{OurSpeaker.Heading(Number)}\n  peers:\n");
        foreach (int number in role.Clients.Concat(role.NonClients))
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                    - address: {BgpNetwork.Address(number)}
                      as: 65000
                      passive: true
                      hold-time: 240
                      families: [{(role.ConstrainedPeers.Contains(number) ? "vpn-ipv4, route-target" : "vpn-ipv4")}]
                      route-reflector-client: {(role.Clients.Contains(number) ? "true" : "false")}

                """);
        }
        text.Append("vrfs:\n");
        for (int vrf = 0; vrf < role.Vrfs; vrf++)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ name: v{vrf}, import-targets: [\"65000:{1 + vrf}\"], export-targets: [\"65000:{1 + vrf}\"] }}\n");
        _speaker = new OurSpeaker(network, Number, text.ToString());
    }

    internal override int ProcessId => _speaker.ProcessId;

    internal override double? CollectorPauseMilliseconds => _speaker.Metrics().Sum("dotnet_gc_pause_seconds_total") * 1e3;

    public override void Dispose() => _speaker.Dispose();
}
