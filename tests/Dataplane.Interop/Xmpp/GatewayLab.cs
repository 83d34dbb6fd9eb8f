using System.Globalization;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Xmpp;

/// <summary>Gateways that serve slixmpp end-systems over TLS, with the certificates for it, in a network of BGP peers. VRFs blue and red.</summary>
internal sealed class GatewayLab : IDisposable
{
    public const string Domain = "dc1.example.net";

    private readonly LabCertificates _certificates;

    public GatewayLab()
    {
        _certificates = new(Network.Directory("pki"));
        for (int i = 0; i < 4; i++)
            _certificates.AddEndSystem(NameOf(i), $"{NameOf(i)}@{Domain}", AddressOf(i));
    }

    public BgpNetwork Network { get; } = new();

    /// <summary>The infrastructure address that the certificate of an end-system proves.</summary>
    public static string AddressOf(int endSystem) => $"10.0.0.{100 + endSystem}";

    public static string NameOf(int endSystem) => $"02aa10c000{endSystem:x2}";

    /// <summary>A gateway of a number with its peers.</summary>
    /// <param name="number">Which speaker.</param>
    /// <param name="neighbors">Its peers.</param>
    /// <param name="xmpp">Further keys of <c>xmpp</c>, one a line.</param>
    /// <param name="bgp">Further keys of <c>bgp</c>, one a line.</param>
    public OurSpeaker Gateway(int number, IReadOnlyList<Neighbor> neighbors, string xmpp = "", string bgp = "")
    {
        string name = ServerOf(number);
        if (!File.Exists(_certificates.CertificateOf(name)))
            _certificates.AddServer(name);
        return Network.Keep(new OurSpeaker(Network, number, OurSpeaker.Configuration(number, neighbors, Indent(bgp), $$"""
            vrfs:
              - { name: blue, import-targets: ["65000:1"], export-targets: ["65000:1"], member: on-demand }
              - { name: red, import-targets: ["65000:2"], export-targets: ["65000:2"], member: on-demand }
            end-systems:
              - name: 02aa10c000*
                vpns: [{ vpn: blue, prefixes: [198.51.100.0/24], local-preference: true }, { vpn: red, prefixes: [198.51.100.0/24] }]
            xmpp:
              name: {{name}}
              domains: [{{Domain}}]
              listen: [{ address: {{BgpNetwork.Address(number)}} }]
              certificate: {{_certificates.CertificateOf(name)}}
              key: {{_certificates.KeyOf(name)}}
              authorities: {{_certificates.Authority}}
            {{Indent(xmpp)}}
            """)));
    }

    public SlixmppEndSystem EndSystem(int number, int gateway) => Network.Keep(new SlixmppEndSystem(
        Network.Space, _certificates, BgpNetwork.Address(gateway), 5222, $"{NameOf(number)}@{Domain}", NameOf(number), ServerOf(gateway))).UntilStarted();

    /// <summary>Subscribes, and asks to be told when all is told.</summary>
    public static void Subscribe(SlixmppEndSystem endSystem, string vpn) => Assert.Null(endSystem.Ask("raw", ("xml",
        $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='{vpn}'/><options><settled xmlns='urn:dataplane:bgpvpn:0'/></options></pubsub>")));

    /// <summary>How many routes of a VPN an end-system had been told when it was told that this was all; waits for that.</summary>
    public static int RoutesWhenSettled(SlixmppEndSystem endSystem, string vpn)
    {
        _ = endSystem.Until($"be told that it knows all of {vpn}", told => (string?)told["event"] == "settled" && (string?)told["node"] == vpn);
        return endSystem.Events.TakeWhile(told => (string?)told["event"] != "settled" || (string?)told["node"] != vpn)
            .Where(told => (string?)told["event"] == "route" && (string?)told["node"] == vpn).Select(static told => (string?)told["token"]).Distinct().Count();
    }

    public void Dispose() => Network.Dispose();

    private static string ServerOf(int gateway) => string.Create(CultureInfo.InvariantCulture, $"sg{gateway}.{Domain}");

    private static string Indent(string keys) => string.Join('\n', keys.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static key => "  " + key));
}
