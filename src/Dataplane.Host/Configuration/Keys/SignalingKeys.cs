using Dataplane.Host.Configuration.Values;
using Dataplane.Xmpp;
using Dataplane.Xmpp.PubSub;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>signaling</c> and of its servers.</summary>
internal static class SignalingKeys
{
    public static readonly ConfigurationKey<string> ServerName = Required("name", XmppValues.Domain,
        "Its domain name, which its certificate has to bear.");

    public static readonly ConfigurationKey<string?> ServerHost = Optional("host", NameValues.Printable,
        "Where it is: an address or a name to resolve. Default: its domain name.");

    public static readonly ConfigurationKey<int> ServerPort = WithDefault("port", new IntegerValue(1, 65_535), 5222,
        "Its TCP port.");

    public static readonly ConfigurationKey<bool> DirectTls = WithDefault("direct-tls", new BooleanValue(), false,
        "Begin with TLS (XEP-0368) instead of STARTTLS.");

    public static readonly MappingValue<SignalingServerConfiguration> ServerMapping = new(
        "a server",
        static m => new SignalingServerConfiguration
        {
            Name = m.Get(ServerName),
            Host = m.Get(ServerHost),
            Port = m.Get(ServerPort),
            DirectTls = m.Get(DirectTls),
        },
        ServerName, ServerHost, ServerPort, DirectTls);

    public static readonly ConfigurationKey<Jid> OwnAddress = Required("address", XmppValues.EndSystem,
        "Who we are: our system-id, 12 hexadecimal digits and best the MAC of a physical interface, and the domain of the gateways' clients.");

    public static readonly ConfigurationKey<IReadOnlyList<SignalingServerConfiguration>> Gateways = List("gateways",
        new ListValue<SignalingServerConfiguration>(ServerMapping, "signaling gateways", maximum: 16),
        "Signaling gateways, the preferred ones first: each is told everything, routes are taken from one.");

    public static readonly ConfigurationKey<IReadOnlyList<SignalingServerConfiguration>> ExternalForwarders = List("external-forwarders",
        new ListValue<SignalingServerConfiguration>(ServerMapping, "external forwarders", maximum: 16),
        "External forwarders, for a host that has no forwarder of its own: each is told everything, with VLANs.");

    public static readonly ConfigurationKey<WireProfile> Profile = WithDefault("profile", new ChoiceValue<WireProfile>([
        new("esv05", WireProfile.Esv05, "draft-marques-l3vpn-end-system-05"),
        new("end-system-06", WireProfile.EndSystem06, "draft-ietf-l3vpn-end-system-06"),
    ]), WireProfile.Esv05, "Shapes of what is sent; from the others, either is taken.");

    public static readonly ConfigurationKey<string?> Certificate = Optional("certificate", BgpValues.Path,
        "File of our certificate in PEM, intermediate ones behind it.");

    public static readonly ConfigurationKey<string?> Key = Optional("key", BgpValues.Path,
        "File of the certificate's private key in PEM.");

    public static readonly ConfigurationKey<string?> Authorities = Optional("authorities", BgpValues.Path,
        "File of the authorities whose certificates the others show, in PEM.");

    public static readonly ConfigurationKey<bool> AllowPlaintext = WithDefault("allow-plaintext", new BooleanValue(), false,
        "Go on without TLS where the other end has none. For a laboratory only: nothing is proved.");

    public static readonly ConfigurationKey<TimeSpan> PingInterval = WithDefault("ping-interval", new SecondsValue(1, 3600), TimeSpan.FromSeconds(10),
        "Seconds of silence after which the other end is pinged (XEP-0199).");

    public static readonly ConfigurationKey<int> PingMisses = WithDefault("ping-misses", new IntegerValue(1, 100), 3,
        "Pings without answer after which a session is lost.");

    public static readonly ConfigurationKey<TimeSpan> SettleTime = WithDefault("settle-time", new SecondsValue(1, 3600), TimeSpan.FromSeconds(10),
        "Seconds of silence about a VPN after which a gateway that does not say so counts as having told all its routes: those it did not tell are removed.");

    public static readonly ConfigurationKey<TimeSpan> RepairTime = WithDefault("repair-time", new SecondsValue(1, 3600), TimeSpan.FromSeconds(30),
        "Seconds for which packets that still come for a workload that moved away are sent after it.");

    public static readonly ConfigurationKey<LabelRangeConfiguration> LabelRange = Section("label-range", BgpKeys.LabelRangeMapping,
        "Labels that are assigned to interfaces and VRFs.");

    public static readonly ConfigurationKey<int> MaxNameLength = WithDefault("max-name-length", new IntegerValue(1, VpnName.MaxLength), VpnName.DefaultLength,
        "Characters of a VPN's name at most.");

    public static readonly ConfigurationKey<HostsConfiguration?> Hosts = Optional("hosts", HostKeys.Mapping,
        "The hosts whose external forwarder this is. Default: none.");

    public static readonly MappingValue<SignalingConfiguration> Mapping = new(
        "'signaling'",
        static m => new SignalingConfiguration
        {
            Jid = m.Get(OwnAddress),
            Gateways = m.Get(Gateways),
            ExternalForwarders = m.Get(ExternalForwarders),
            Profile = m.Get(Profile),
            Certificate = m.Get(Certificate),
            Key = m.Get(Key),
            Authorities = m.Get(Authorities),
            AllowPlaintext = m.Get(AllowPlaintext),
            PingInterval = m.Get(PingInterval),
            PingMisses = m.Get(PingMisses),
            SettleTime = m.Get(SettleTime),
            RepairTime = m.Get(RepairTime),
            LabelRange = m.Get(LabelRange),
            MaxNameLength = m.Get(MaxNameLength),
            Hosts = m.Get(Hosts),
        },
        OwnAddress, Gateways, ExternalForwarders, Profile, Certificate, Key, Authorities, AllowPlaintext, PingInterval, PingMisses, SettleTime,
        RepairTime, LabelRange, MaxNameLength, Hosts);

    public static readonly ConfigurationKey<int> FirstVlan = WithDefault("first-vlan", new IntegerValue(1, 4094), 2,
        "Lowest VLAN that is chosen for an interface behind an external forwarder.");

    public static readonly ConfigurationKey<int> LastVlan = WithDefault("last-vlan", new IntegerValue(1, 4094), 4094,
        "Highest VLAN that is chosen.");

    public static readonly MappingValue<AgentConfiguration> AgentMapping = new(
        "'agent'",
        static m => new AgentConfiguration { FirstVlan = m.Get(FirstVlan), LastVlan = m.Get(LastVlan) },
        FirstVlan, LastVlan);
}
