using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using Dataplane.Xmpp;
using Dataplane.Xmpp.PubSub;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>xmpp</c>.</summary>
internal static class XmppKeys
{
    private static readonly ConfigurationValue<string> Domain = new TextValue<string>(
        "a domain name such as sg.dc1.example.net",
        static (string text, out string value) =>
        {
            value = text;
            return Jid.TryParse(text, out Jid jid) && jid is { Local: null, Resource: null }
                ? null
                : $"{Yaml.YamlScalar.Quote(text)} is not a domain name; write for instance sg.dc1.example.net";
        });

    public static readonly ConfigurationKey<IpAddress> Address = Required("address", BgpValues.Local,
        "An address of this machine, or 0.0.0.0 or :: for all.");

    public static readonly ConfigurationKey<int> Port = WithDefault("port", new IntegerValue(0, 65_535), 5222,
        "The TCP port; 0 for any free one.");

    public static readonly ConfigurationKey<bool> DirectTls = WithDefault("direct-tls", new BooleanValue(), false,
        "Begin with TLS (XEP-0368) instead of STARTTLS.");

    public static readonly MappingValue<XmppListenConfiguration> ListenMapping = new(
        "an endpoint of 'xmpp'",
        static m => new XmppListenConfiguration { Address = m.Get(Address), Port = m.Get(Port), DirectTls = m.Get(DirectTls) },
        Address, Port, DirectTls);

    public static readonly ConfigurationKey<string> Name = Required("name", Domain,
        "Our domain name: clients address it, and our certificate bears it.");

    public static readonly ConfigurationKey<IReadOnlyList<string>> Domains = List("domains", new ListValue<string>(Domain, "domains", unique: true),
        "Domains that clients' addresses may have beside our own name.");

    public static readonly ConfigurationKey<IReadOnlyList<XmppListenConfiguration>> Listen = List("listen",
        new ListValue<XmppListenConfiguration>(ListenMapping, "endpoints", maximum: 16),
        "Where clients connect. Default: nowhere.");

    public static readonly ConfigurationKey<string?> Certificate = Optional("certificate", BgpValues.Path,
        "File of our certificate in PEM, intermediate ones behind it. Read again on SIGHUP.");

    public static readonly ConfigurationKey<string?> Key = Optional("key", BgpValues.Path,
        "File of the certificate's private key in PEM.");

    public static readonly ConfigurationKey<string?> Authorities = Optional("authorities", BgpValues.Path,
        "File of the authorities whose certificates clients show, in PEM.");

    public static readonly ConfigurationKey<bool> AllowPlaintext = WithDefault("allow-plaintext", new BooleanValue(), false,
        "Let clients come without TLS and be whom they say. For a laboratory only: nothing is proved.");

    public static readonly ConfigurationKey<bool> RequireCertifiedSource = WithDefault("require-certified-source", new BooleanValue(), false,
        "Let clients come only from addresses that their certificates name.");

    public static readonly ConfigurationKey<string?> Provisioning = Optional("provisioning", BgpValues.Path,
        "File with more 'end-systems' than this one has. Read again on SIGHUP.");

    public static readonly ConfigurationKey<WireProfile> Profile = WithDefault("profile", EndSystemKeys.ProfileChoice, WireProfile.Esv05,
        "Shapes of what clients are sent, unless provisioned otherwise; from them, either is taken.");

    public static readonly ConfigurationKey<TimeSpan> PingInterval = WithDefault("ping-interval", new SecondsValue(1, 3600), TimeSpan.FromSeconds(10),
        "Seconds of silence after which a client is pinged (XEP-0199).");

    public static readonly ConfigurationKey<int> PingMisses = WithDefault("ping-misses", new IntegerValue(1, 100), 3,
        "Pings without answer after which a session is lost.");

    public static readonly ConfigurationKey<TimeSpan> StaleTime = WithDefault("stale-time", new SecondsValue(0, 86_400), TimeSpan.FromSeconds(60),
        "Seconds for which routes of a client stay after its session was lost.");

    public static readonly ConfigurationKey<TimeSpan> PendingTime = WithDefault("pending-time", new SecondsValue(1, 3600), TimeSpan.FromSeconds(60),
        "Seconds for which a published address waits to be put into a VPN.");

    public static readonly ConfigurationKey<TimeSpan> StallTime = WithDefault("stall-time", new SecondsValue(1, 3600), TimeSpan.FromSeconds(30),
        "Seconds for which a client may take nothing of what waits for it until its session is cut.");

    public static readonly ConfigurationKey<TimeSpan> SettleTime = WithDefault("settle-time", new SecondsValue(0, 3600), TimeSpan.FromSeconds(60),
        "Seconds after the start in which no client is told that it knows all routes, since other clients are still to come back. Only where 'state-directory' does not say what they had published: then that is in force, or waited for, instead.");

    public static readonly ConfigurationKey<TimeSpan> VpnSettleTime = WithDefault("vpn-settle-time", new SecondsValue(0, 3600), TimeSpan.FromSeconds(10),
        "Seconds after the first subscription to a VPN in which nobody is told that it knows all its routes, since BGP peers are only now asked for them (RT-Constraint) and do not say when they have sent them; likewise after a session with a peer without graceful restart has begun.");

    public static readonly ConfigurationKey<uint?> StaleLocalPreference = OptionalStruct("stale-local-preference", new UnsignedValue(0, uint.MaxValue),
        "LOCAL_PREF, at most, of a client's routes from the loss of its session until it has published them again or they go: others are preferred at once, and nothing is withdrawn. Default: they keep theirs.");

    public static readonly ConfigurationKey<int> MaxNameLength = WithDefault("max-name-length", new IntegerValue(1, VpnName.MaxLength), VpnName.DefaultLength,
        "Characters of a VPN's name at most.");

    public static readonly ConfigurationKey<bool> AllowAnyName = WithDefault("allow-any-name", new BooleanValue(), false,
        "Let end-systems have names other than 12 hexadecimal digits without naming them in 'end-systems'.");

    public static readonly ConfigurationKey<int> MaxSessions = WithDefault("max-sessions", new IntegerValue(1, 1_000_000), 20_000,
        "Sessions at most.");

    public static readonly ConfigurationKey<int> MaxSubscriptions = WithDefault("max-subscriptions", new IntegerValue(1, 1_000_000), 4096,
        "Subscriptions of a client at most.");

    public static readonly ConfigurationKey<int> MaxPublications = WithDefault("max-publications", new IntegerValue(1, 10_000_000), 65_536,
        "Addresses that a client publishes at most.");

    public static readonly MappingValue<XmppConfiguration> Mapping = new(
        "'xmpp'",
        static m => new XmppConfiguration
        {
            Name = m.Get(Name),
            Domains = m.Get(Domains),
            Listen = m.Get(Listen),
            Certificate = m.Get(Certificate),
            Key = m.Get(Key),
            Authorities = m.Get(Authorities),
            AllowPlaintext = m.Get(AllowPlaintext),
            RequireCertifiedSource = m.Get(RequireCertifiedSource),
            Provisioning = m.Get(Provisioning),
            Profile = m.Get(Profile),
            PingInterval = m.Get(PingInterval),
            PingMisses = m.Get(PingMisses),
            StaleTime = m.Get(StaleTime),
            PendingTime = m.Get(PendingTime),
            StallTime = m.Get(StallTime),
            SettleTime = m.Get(SettleTime),
            VpnSettleTime = m.Get(VpnSettleTime),
            StaleLocalPreference = m.Get(StaleLocalPreference),
            MaxNameLength = m.Get(MaxNameLength),
            AllowAnyName = m.Get(AllowAnyName),
            MaxSessions = m.Get(MaxSessions),
            MaxSubscriptions = m.Get(MaxSubscriptions),
            MaxPublications = m.Get(MaxPublications),
        },
        Name, Domains, Listen, Certificate, Key, Authorities, AllowPlaintext, RequireCertifiedSource, Provisioning, Profile, PingInterval,
        PingMisses, StaleTime, PendingTime, StallTime, SettleTime, VpnSettleTime, StaleLocalPreference, MaxNameLength, AllowAnyName, MaxSessions, MaxSubscriptions, MaxPublications);
}
