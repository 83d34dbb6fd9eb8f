using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using Dataplane.Routing.Policy;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of entries of <c>bgp.peer-groups</c>, <c>bgp.peers</c> and <c>bgp.dynamic-peers</c>.</summary>
internal static class PeerKeys
{
    public static readonly PeerOptionKeys OfGroup = new();

    public static readonly PeerOptionKeys OfPeer = new();

    public static readonly PeerOptionKeys OfRange = new();

    public static readonly ConfigurationKey<string> GroupName = Required("name", BgpValues.Name,
        "Unique name.");

    public static readonly MappingValue<PeerGroupConfiguration> GroupMapping = new(
        "a peer group",
        static m => new PeerGroupConfiguration(m.Get(GroupName), OfGroup.Read(m)),
        [GroupName, .. OfGroup.All]);

    public static readonly ConfigurationKey<IpAddress> Address = Required("address", BgpValues.Peer,
        "The peer's address.");

    public static readonly ConfigurationKey<string?> PeerGroup = Optional("group", BgpValues.Name,
        "The peer group whose options count where this peer says nothing.");

    public static readonly MappingValue<PeerConfiguration> PeerMapping = new(
        "a peer",
        static m => new PeerConfiguration(m.Get(Address), m.Get(PeerGroup), OfPeer.Read(m)),
        [Address, PeerGroup, .. OfPeer.All]);

    public static readonly ConfigurationKey<IpPrefix> Range = Required("range", AddressValues.Prefix,
        "The addresses. Of several ranges that hold an address, the longest counts.");

    public static readonly ConfigurationKey<string?> RangeGroup = Optional("group", BgpValues.Name,
        "The peer group whose options count where this range says nothing.");

    public static readonly ConfigurationKey<IReadOnlyList<AsRange>> AllowedAs = List("allowed-as",
        new ListValue<AsRange>(NumberValues.AsRange, "AS numbers", unique: true),
        "The systems that a peer may be of. Default: that of 'as' only.");

    public static readonly ConfigurationKey<int> MaxPeers = WithDefault("max-peers", new IntegerValue(1, 65_535), 100,
        "Most peers of the range at a time; further connections are refused.");

    public static readonly ConfigurationKey<TimeSpan> ForgetAfter = WithDefault("forget-after", new SecondsValue(1, 86_400), TimeSpan.FromSeconds(60),
        "Seconds until a peer that went away is forgotten.");

    public static readonly MappingValue<DynamicPeersConfiguration> DynamicMapping = new(
        "a range of peers",
        static m => new DynamicPeersConfiguration(
            m.Get(Range), m.Get(RangeGroup), OfRange.Read(m), m.Get(AllowedAs), m.Get(MaxPeers), m.Get(ForgetAfter)),
        [Range, RangeGroup, AllowedAs, MaxPeers, ForgetAfter, .. OfRange.All]);
}
