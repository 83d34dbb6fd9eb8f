using Dataplane.Net;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Tests.PubSub;

/// <summary>Requests and entries of every kind.</summary>
internal static class Requests
{
    private static readonly string[] Names = ["blue-web", "v", "a<&'\">b", "02aa10c0ffee:198.51.100.25/32"];

    public static PubSubRequest Any(Random random, WireProfile profile)
    {
        var leaf = Names[random.Next(Names.Length)];
        var vpn = Names[random.Next(Names.Length)];
        return random.Next(7) switch
        {
            0 => new SubscribeRequest(vpn, random.Next(2) == 0 ? null : "02aa10c0ffee@dc1.example.net")
            {
                Vlan = random.Next(2) == 0 ? null : (ushort)random.Next(1, 4095),
                InstanceId = random.Next(2) == 0 ? null : (ushort)random.Next(65536),
                WantsSettled = random.Next(2) == 0,
            },
            1 => new UnsubscribeRequest(vpn, "a@b", random.Next(2) == 0 ? null : "7"),
            2 => new PublishRequest(leaf, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new PublishedItem(
                random.Next(2) == 0 ? null : leaf, Entry(random, profile)) { Profile = profile })]),
            3 => new RetractRequest(vpn, [leaf, "x"]),
            4 => new AssociateRequest(vpn, leaf),
            5 => new DissociateRequest(vpn, leaf),
            _ => new DeleteRequest(leaf),
        };
    }

    public static VpnEntry Entry(Random random, WireProfile profile)
    {
        var isV6 = random.Next(2) == 0;
        var length = (byte)random.Next(isV6 ? 129 : 33);
        return new()
        {
            Prefix = IpPrefix.Of(Address(random, isV6), length),
            NextHops = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new EntryNextHop(
                Address(random, random.Next(2) == 0), random.Next(8) == 0 ? null : new Label20((uint)random.Next(16, 1048576)),
                (TunnelEncapsulations)random.Next(8))).Distinct()],
            Version = random.Next(2) == 0 ? 0 : (uint)random.NextInt64(1L << 32),
            LocalPreference = profile == WireProfile.Esv05 || random.Next(2) == 0 ? null : (uint)random.NextInt64(1L << 32),
            Vlan = random.Next(4) == 0 ? (ushort)random.Next(1, 4095) : null,
        };
    }

    /// <summary>A request in a form that compares lists by what they hold.</summary>
    public static string Text(object request) => request switch
    {
        PublishRequest publish => $"publish {publish.Node}: "
            + string.Join(' ', publish.Items.Select(static item => $"{item.Id ?? "-"} {item.Profile} {Text(item.Entry)}")),
        RetractRequest retract => $"retract {retract.Node}: {string.Join(' ', retract.Ids)}",
        RouteChangedEvent change => $"{change.Node} {change.Token} {Text(change.Entry)}",
        VpnEntry entry => $"{entry with { NextHops = Array.Empty<EntryNextHop>() }} {string.Join(' ', entry.NextHops)}",
        _ => request.ToString()!,
    };

    private static IpAddress Address(Random random, bool isV6) => isV6
        ? new Ipv6Address((ulong)random.NextInt64(), (ulong)random.NextInt64())
        : new Ipv4Address((uint)random.NextInt64(1L << 32));
}
