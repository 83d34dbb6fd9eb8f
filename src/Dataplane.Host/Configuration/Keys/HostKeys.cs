using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Xmpp;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>signaling.hosts</c>.</summary>
internal static class HostKeys
{
    public static readonly ConfigurationKey<string> SystemId = Required("system-id", new TextValue<string>(
        "a system-id such as 02aa10c0ffee",
        static (string text, out string value) =>
        {
            bool isOne = Jid.TryParse(text + "@x", out Jid jid);
            value = isOne ? jid.Local! : text;
            return isOne ? null : $"{YamlScalar.Quote(text)} is not the local part of an XMPP address; write for instance 02aa10c0ffee";
        }),
        "The local part of its XMPP address.");

    public static readonly ConfigurationKey<string> Port = Required("port", NameValues.Port,
        "The access port that it is on.");

    public static readonly ConfigurationKey<MacAddress?> Mac = OptionalStruct("mac", AddressValues.Mac,
        "MAC of its physical interface, from which all its frames come. Default: its system-id, which has to be one.");

    public static readonly ConfigurationKey<bool> AnyMac = WithDefault("any-mac", new BooleanValue(), false,
        "Tell its interfaces apart by VLAN alone; then no other host on the port may use the same VLANs.");

    public static readonly ConfigurationKey<IReadOnlyList<string>> Vpns = List("vpns",
        new ListValue<string>(NameValues.Printable, "names of VPNs", unique: true),
        "The VPNs that it may take part in. Default: all.");

    public static readonly ConfigurationKey<IReadOnlyList<IpPrefix>> Prefixes = List("prefixes",
        new ListValue<IpPrefix>(AddressValues.Prefix, "prefixes", unique: true),
        "Where the addresses that it publishes may be. Default: anywhere.");

    public static readonly MappingValue<TaggedHostConfiguration> MemberMapping = new(
        "a host",
        static m => new TaggedHostConfiguration
        {
            SystemId = m.Get(SystemId),
            Port = m.Get(Port),
            Mac = m.Get(Mac),
            AnyMac = m.Get(AnyMac),
            Vpns = m.Get(Vpns),
            Prefixes = m.Get(Prefixes),
        },
        SystemId, Port, Mac, AnyMac, Vpns, Prefixes);

    public static readonly ConfigurationKey<string> Name = Required("name", XmppValues.Domain,
        "Our domain name towards hosts, which our certificate has to bear as well.");

    public static readonly ConfigurationKey<IReadOnlyList<string>> Domains = List("domains",
        new ListValue<string>(XmppValues.Domain, "domains", unique: true),
        "Domains that hosts' addresses may have beside our name.");

    public static readonly ConfigurationKey<IReadOnlyList<ListenAddress>> Listen = List("listen",
        new ListValue<ListenAddress>(AddressValues.Listen, "addresses with ports", minimum: 1, maximum: 16, unique: true),
        "Where hosts connect.");

    public static readonly ConfigurationKey<TimeSpan> StaleTime = WithDefault("stale-time", new SecondsValue(0, 86_400), TimeSpan.FromSeconds(60),
        "Seconds for which the interfaces and addresses of a host stay after its session was lost.");

    public static readonly ConfigurationKey<IReadOnlyList<TaggedHostConfiguration>> Members = List("members",
        new ListValue<TaggedHostConfiguration>(MemberMapping, "hosts"),
        "The hosts. Others are not served.");

    public static readonly MappingValue<HostsConfiguration> Mapping = new(
        "'hosts'",
        static m => new HostsConfiguration
        {
            Name = m.Get(Name),
            Domains = m.Get(Domains),
            Listen = m.Get(Listen),
            StaleTime = m.Get(StaleTime),
            Members = m.Get(Members),
        },
        Name, Domains, Listen, StaleTime, Members);
}
