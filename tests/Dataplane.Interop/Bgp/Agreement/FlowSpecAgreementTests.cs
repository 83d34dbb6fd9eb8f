using System.Buffers;
using System.Globalization;
using Dataplane.Bgp.Wire;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>What GoBGP and ExaBGP decode from our flow specifications is what we meant, for thousands of generated ones.</summary>
public sealed class FlowSpecAgreementTests : IDisposable
{
    private const int GoBgp = 2;
    private const int ExaBgp = 4;
    private const int Raw = 9;
    private const int RulesPerFamily = 800;

    private static readonly (Family Family, RouteFamily Ours)[] Families =
    [
        (Family.Flow4, RouteFamily.Ipv4FlowSpec), (Family.Flow6, RouteFamily.Ipv6FlowSpec),
        (Family.VpnFlow4, RouteFamily.VpnIpv4FlowSpec), (Family.VpnFlow6, RouteFamily.VpnIpv6FlowSpec),
    ];

    private readonly BgpNetwork _network = new();
    private readonly Random _random = new(8955);
    private readonly FlowSpecStore _store = new();

    public void Dispose() => _network.Dispose();

    // GoBGP 3.10 keeps the four bits that mark a long NLRI in its length: one of 240 octets or more is "not all flowspec component bytes available" to it.
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void GoBgpDecodesWhatWeMeant()
    {
        using GoBgpPeer go = new(_network, GoBgp, [new Neighbor(Raw) { Families = [.. Families.Select(pair => pair.Family)], Passive = true }]);
        Agree(GoBgp, new FlowGenerator(_random), octets => octets < 240, FlowText.InGoBgp, ActionInGoBgp, family => family.AddressFamily == AddressFamily.Ipv6 ? "::" : "0.0.0.0",
            family => [.. go.ReceivedFrom(Raw, family).Select(route => route with { Prefix = FlowText.WithoutLengths(route.Prefix) })]);
    }

    // ExaBGP 4.2.21 shifts the upper half of a long NLRI's length by 16 bits: one of 256 octets or more is an "invalid length at the start of the the
    // flow" to it. Of TCP flags it knows nine; a tenth is part of "unknown tcp flag type". A redirect to a target with a four-octet AS ends its session: "maximum
    // recursion depth exceeded", for it has no text for that.
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void ExaBgpDecodesWhatWeMeant()
    {
        using ExaBgpPeer exa = new(_network, ExaBgp, [new Neighbor(Raw) { Families = [.. Families.Select(pair => pair.Family)], Passive = true }]);
        Agree(ExaBgp, new FlowGenerator(_random) { TcpFlags = 0x1FF, KindsOfTargets = 2 }, octets => octets < 256, FlowText.InExaBgp, ActionInExaBgp, _ => "",
            family => exa.ReceivedFrom(Raw, family));
    }

    private static string ActionInGoBgp(FlowSpecAction action) => action.Kind switch
    {
        FlowSpecActionKind.Redirect when action.Target.Type == 2 =>
            $"redirect:{action.Target.Six >> 32 & 0xFFFF}.{action.Target.Six >> 16 & 0xFFFF}:{action.Target.Six & 0xFFFF}",
        FlowSpecActionKind.Redirect => $"redirect:{action.Target.ToString()["rt:".Length..]}",
        FlowSpecActionKind.RedirectToAddress => $"nexthop:{action.Address}:{(action.Copy ? 1 : 0)}",
        _ => ActionInBoth(action),
    };

    private static string ActionInExaBgp(FlowSpecAction action) => action.Kind switch
    {
        FlowSpecActionKind.Redirect when action.Target.Type == 1 => $"{0x8108_0000_0000_0000 | action.Target.Six:x16}", // not known to it
        FlowSpecActionKind.Redirect => $"redirect:{action.Target.ToString()["rt:".Length..]}",
        FlowSpecActionKind.RedirectToAddress when action.Copy => $"copy-to-nexthop-ietf:{action.Address} (with copy)",
        FlowSpecActionKind.RedirectToAddress => $"redirect-to-nexthop-ietf:{action.Address}",
        _ => ActionInBoth(action),
    };

    private static string ActionInBoth(FlowSpecAction action) => action.Kind switch
    {
        FlowSpecActionKind.RateBytes => string.Create(CultureInfo.InvariantCulture, $"rate-limit:{action.Rate:F0}"),
        FlowSpecActionKind.RatePackets => $"{0x800C_0000_0000_0000 | (ulong)action.As << 32 | BitConverter.SingleToUInt32Bits(action.Rate):x16}", // known to neither
        FlowSpecActionKind.Control => $"action:{(action.Sample ? "sample" : "")}{(action is { Sample: true, Continue: true } ? "-" : "")}{(action.Continue ? "terminal" : "")}",
        FlowSpecActionKind.Mark => $"mark:{action.Dscp}",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>Sends rules of each family, and compares what the peer shows of them.</summary>
    /// <param name="to">The peer.</param>
    /// <param name="generator">Makes them.</param>
    /// <param name="takes">Which NLRI it can take, by their octets behind the length.</param>
    /// <param name="text">How it writes a rule.</param>
    /// <param name="action">How it writes an action.</param>
    /// <param name="nextHop">How it writes that there is none.</param>
    /// <param name="received">What it shows.</param>
    private void Agree(
        int to, FlowGenerator generator, Predicate<int> takes, Func<FlowSpecRule, string> text, Func<FlowSpecAction, string> action, Func<RouteFamily, string> nextHop,
        Func<Family, IReadOnlyList<SeenRoute>> received)
    {
        using RawPeer raw = new(_network, Raw, to);
        _ = raw.Establish(65000, Families.Select(pair => pair.Family));
        CodecOptions options = new()
        {
            IsIbgp = true,
            LocalAs = new(65000),
            PeerAs = new(65000),
            Families = FamilySet.Of([.. Families.Select(pair => pair.Ours)]),
            FlowSpecs = _store,
        };
        foreach ((Family family, RouteFamily ours) in Families)
        {
            Dictionary<(string, string), SeenRoute> meant = [];
            HashSet<(string, string)> distinct = [];
            ArrayBufferWriter<byte> octets = new();
            while (meant.Count < RulesPerFamily)
            {
                FlowSpecAction[] actions = generator.Actions();
                AttributeBlockBuilder attributes = new();
                attributes.SetOrigin(0);
                attributes.SetAsPath([]);
                attributes.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
                attributes.SetExtendedCommunities([.. actions.Select(one => one.Community)]);
                List<NlriEntry> routes = [];
                for (int count = _random.Next(1, 5); count > 0; count--)
                {
                    RouteDistinguisher distinguisher = ours.HasRouteDistinguisher ? RouteDistinguisher.OfAs((ushort)_random.Next(1, 65536), (uint)_random.Next()) : default;
                    FlowSpecRule rule = generator.Rule(ours.AddressFamily);
                    byte[] value = rule.Encode();
                    string rd = ours.HasRouteDistinguisher ? distinguisher.ToString() : "";
                    // Two values that mean the same are two routes to BGP, but may be one in what a peer shows.
                    if (!takes(value.Length + (ours.HasRouteDistinguisher ? 8 : 0)) || !distinct.Add((rd, rule.ToString())))
                    {
                        continue;
                    }

                    routes.Add(new(new(distinguisher, 0, _store.Intern(value), 0), 0));
                    meant.Add((rd, text(rule)), new SeenRoute
                    {
                        Prefix = text(rule),
                        Distinguisher = rd,
                        NextHop = nextHop(ours),
                        Origin = "igp",
                        LocalPreference = 100,
                        ExtendedCommunities = SeenRoute.Sorted(actions.Select(action)),
                    });
                }

                Assert.Equal(routes.Count, UpdateEncoder.EncodeReach(ours, attributes.Block, routes.ToArray(), options, octets).Routes);
            }

            raw.Send(octets.WrittenSpan.ToArray());
            IReadOnlyList<SeenRoute> found = [];
            try
            {
                Wait.Until($"speaker {to} to have {meant.Count} routes of {ours}", () => (found = received(family)).Count >= meant.Count);
            }
            catch (TimeoutException e)
            {
                Assert.Fail($"{e.Message}; it has {found.Count}, without\n{string.Join('\n', meant.Values.Except(found).Take(10))}\nbut with\n{string.Join('\n', found.Except(meant.Values).Take(10))}");
            }

            Assert.Empty(found.Except(meant.Values).Take(10));
            Assert.Empty(meant.Values.Except(found).Take(10));
            Assert.Null(raw.Notification);
        }
    }
}
