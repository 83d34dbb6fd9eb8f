using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of an entry of <c>end-systems</c>: what is provisioned. A provisioning file has this one section.</summary>
internal static class EndSystemKeys
{
    public static readonly ChoiceValue<WireProfile> ProfileChoice = new(
    [
        new("esv05", WireProfile.Esv05, "draft-marques-l3vpn-end-system-05"),
        new("end-system-06", WireProfile.EndSystem06, "draft-ietf-l3vpn-end-system-06"),
    ]);

    public static readonly ConfigurationKey<string> Vpn = Required("vpn", Printable("a VPN's name", VpnName.MaxLength),
        "The VPN's name as end-systems say it; * stands for any characters.");

    public static readonly ConfigurationKey<string?> Vrf = Optional("vrf", NameValues.Printable,
        "The VRF that it is. Default: the one of the VPN's name.");

    public static readonly ConfigurationKey<int?> Instance = OptionalStruct("instance", new IntegerValue(0, 65_535),
        "Number of the VPN on the end-system, second part of its route distinguisher. Default: what the end-system says, or else one that follows from the names of the VRFs, the same at every gateway that has these.");

    public static readonly ConfigurationKey<IReadOnlyList<IpPrefix>> Prefixes = List("prefixes", new ListValue<IpPrefix>(AddressValues.Prefix, "prefixes"),
        "What the end-system may publish: these prefixes and everything in them. Default: nothing.");

    public static readonly ConfigurationKey<bool> Subscribe = WithDefault("subscribe", new BooleanValue(), true,
        "Whether it may subscribe to the VPN's routes.");

    public static readonly ConfigurationKey<bool> LocalPreference = WithDefault("local-preference", new BooleanValue(), false,
        "Whether the preference that it publishes counts. It comes before versions: who may set it may draw traffic.");

    public static readonly MappingValue<VpnGrant> VpnMapping = new(
        "a VPN of an end-system",
        static m => new VpnGrant
        {
            Vpn = m.Get(Vpn),
            Vrf = m.Get(Vrf),
            Instance = (ushort?)m.Get(Instance),
            Prefixes = m.Get(Prefixes),
            MaySubscribe = m.Get(Subscribe),
            MaySetPreference = m.Get(LocalPreference),
        },
        Vpn, Vrf, Instance, Prefixes, Subscribe, LocalPreference);

    public static readonly ConfigurationKey<string> Name = Required("name", Printable("a system-id, an address or a domain", 256),
        "The system-id (12 hexadecimal digits), or local@domain, or the domain of an end-system without local part; * stands for any characters.");

    public static readonly ConfigurationKey<IReadOnlyList<IpAddress>> Infrastructure = List("infrastructure",
        new ListValue<IpAddress>(AddressValues.Unicast, "addresses"),
        "Its infrastructure addresses: next hops that it may publish beside those that its certificate proves.");

    public static readonly ConfigurationKey<Ipv4Address?> HostId = OptionalStruct("host-id", BgpValues.Identifier,
        "First part of its route distinguishers. Default: its first IPv4 infrastructure address.");

    public static readonly ConfigurationKey<WireProfile?> Profile = OptionalStruct("profile", ProfileChoice,
        "Shapes of what it is sent. Default: 'xmpp.profile'.");

    public static readonly ConfigurationKey<IReadOnlyList<VpnGrant>> Vpns = List("vpns", new ListValue<VpnGrant>(VpnMapping, "VPNs"),
        "Its VPNs; of several that match a name, the first counts.");

    public static readonly MappingValue<EndSystemGrant> Mapping = new(
        "an end-system",
        static m => new EndSystemGrant
        {
            Pattern = m.Get(Name),
            Infrastructure = m.Get(Infrastructure),
            HostId = m.Get(HostId),
            Profile = m.Get(Profile),
            Vpns = m.Get(Vpns),
        },
        Name, Infrastructure, HostId, Profile, Vpns);

    public static readonly ConfigurationKey<IReadOnlyList<EndSystemGrant>> All = List("end-systems",
        new ListValue<EndSystemGrant>(Mapping, "end-systems"),
        "What end-systems may do; the more specific of two names counts.");

    /// <summary>The same in a provisioning file.</summary>
    public static readonly ConfigurationKey<IReadOnlyList<EndSystemGrant>> OfFile = List("end-systems",
        new ListValue<EndSystemGrant>(Mapping, "end-systems"),
        All.Summary);

    /// <summary>A provisioning file.</summary>
    public static readonly MappingValue<ProvisionedEndSystems> FileMapping = new(
        "a provisioning file",
        static m => new ProvisionedEndSystems(m.Get(OfFile)),
        OfFile);

    private static TextValue<string> Printable(string noun, int longest) => new(
        $"{noun} of up to {longest} printable characters without spaces",
        (string text, out string value) =>
        {
            value = text;
            return VpnName.IsValid(text, longest)
                ? null
                : $"{YamlScalar.Quote(text)} is not {noun}; use 1 to {longest} printable ASCII characters without spaces";
        });
}

/// <summary>What a provisioning file holds.</summary>
internal sealed record ProvisionedEndSystems(IReadOnlyList<EndSystemGrant> EndSystems);
