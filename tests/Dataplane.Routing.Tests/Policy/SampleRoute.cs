using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>A route as people think of it: what tests make attribute blocks from, and what they read them back into.</summary>
internal sealed record SampleRoute
{
    public RouteFamily Family { get; init; } = RouteFamily.VpnIpv4;

    public string Prefix { get; init; } = "198.51.100.25/32";

    public string Distinguisher { get; init; } = "203.0.113.17:1";

    /// <summary>Segments: a list is a sequence, one that starts with 0 a set of the rest.</summary>
    public IReadOnlyList<uint[]> Path { get; init; } = [];

    public string? NextHop { get; init; } = "203.0.113.17";

    public byte Origin { get; init; }

    public uint? LocalPref { get; init; }

    public uint? Med { get; init; }

    public IReadOnlyList<CommunityValue> Communities { get; init; } = [];

    public SourceKind Source { get; init; } = SourceKind.Ibgp;

    public string SourceAddress { get; init; } = "203.0.113.9";

    public string Peer { get; init; } = "203.0.113.9";

    public uint PeerAs { get; init; } = 65000;

    public static IReadOnlyList<CommunityValue> Values(params IEnumerable<string> texts) => [.. texts.Select(static text =>
        CommunityValue.TryParse(text, out CommunityValue value) ? value : throw new FormatException(text))];

    /// <summary>Of a membership: how many of the 96 bits of origin AS and target 65000:1 count.</summary>
    public byte MembershipLength { get; init; } = 96;

    public Nlri Nlri => Family == RouteFamily.RouteTargetConstraint
        ? Routing.Nlri.Membership(new(65000), ExtendedCommunity.ParseRouteTarget("65000:1")) with { Length = MembershipLength }
        : Routing.Nlri.Of(
        IpPrefix.Parse(Prefix), Family.HasRouteDistinguisher ? RouteDistinguisher.Parse(Distinguisher) : default);

    public PolicyContext Context => new(new(65000), new(PeerAs), IpAddress.Parse(Peer), IpAddress.Parse("203.0.113.1"))
    {
        SourceKind = Source,
        SourceAddress = Source == SourceKind.Local ? default : IpAddress.Parse(SourceAddress),
        SourceAs = new(65000),
    };

    public byte[] ToBlock()
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(Origin);
        builder.Set(AttributeCode.AsPath, AttributeFlags.Transitive, PathOctets(Path));
        if (NextHop is not null)
        {
            builder.SetNextHop(IpAddress.Parse(NextHop));
        }

        if (Med is { } med)
        {
            builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, med);
        }

        if (LocalPref is { } localPref)
        {
            builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, localPref);
        }

        foreach (IGrouping<CommunityKind, CommunityValue> kind in Communities.GroupBy(static value => value.Kind))
        {
            var size = kind.Key.Size;
            var octets = new byte[kind.Count() * size];
            foreach ((int index, CommunityValue value) in kind.Index())
            {
                value.Write(octets.AsSpan(index * size));
            }

            builder.Set(kind.Key.Attribute, AttributeFlags.Optional | AttributeFlags.Transitive, octets);
        }

        return builder.Block.Octets.ToArray();
    }

    /// <summary>This route with the attributes of a block.</summary>
    public SampleRoute With(AttributeBlock block)
    {
        var communities = new List<CommunityValue>();
        foreach (CommunityKind kind in Enum.GetValues<CommunityKind>())
        {
            _ = block.TryGet(kind.Attribute, out ReadOnlySpan<byte> octets);
            for (; !octets.IsEmpty; octets = octets[kind.Size..])
            {
                communities.Add(CommunityValue.Read(kind, octets));
            }
        }

        var path = new List<uint[]>();
        foreach (AsPathView.Segment segment in AsPathView.Of(block))
        {
            var numbers = Enumerable.Range(0, segment.Count).Select(static _ => 0u).ToArray();
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = segment[i].Value;
            }

            path.Add(segment.Type == AsPathView.Set ? [0, .. numbers] : numbers);
        }

        return this with
        {
            Path = path,
            Origin = block.TryGet(AttributeCode.Origin, out ReadOnlySpan<byte> origin) ? origin[0] : (byte)255,
            Med = block.TryGet(AttributeCode.MultiExitDisc, out ReadOnlySpan<byte> med) ? BinaryPrimitives.ReadUInt32BigEndian(med) : null,
            LocalPref = block.TryGet(AttributeCode.LocalPref, out ReadOnlySpan<byte> preference)
                ? BinaryPrimitives.ReadUInt32BigEndian(preference) : null,
            NextHop = block.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> hop)
                ? IpAddress.From(new System.Net.IPAddress(hop.Length == 32 ? hop[..16] : hop)).ToString() : null,
            Communities = communities,
        };
    }

    public static byte[] PathOctets(IReadOnlyList<uint[]> path)
    {
        var octets = new List<byte>();
        foreach (var segment in path)
        {
            var isSet = segment is [0, ..];
            octets.Add(isSet ? AsPathView.Set : AsPathView.Sequence);
            octets.Add((byte)(segment.Length - (isSet ? 1 : 0)));
            foreach (var number in segment.Skip(isSet ? 1 : 0))
            {
                octets.AddRange([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
            }
        }

        return [.. octets];
    }

    /// <summary>Asks a condition.</summary>
    public bool Satisfies(RouteMatch match)
    {
        Nlri nlri = Nlri;
        PolicyContext context = Context;
        return match.Matches(new PolicyRoute(new(ToBlock()), in nlri, Family, in context, new()));
    }

    /// <summary>Goes through a policy.</summary>
    public (PolicyResult Result, SampleRoute Route) Through(IRoutePolicy policy)
    {
        var output = new AttributeBlockBuilder();
        PolicyResult result = policy.Apply(new(ToBlock()), Nlri, Family, Context, output);
        return (result, result == PolicyResult.Changed ? With(output.Block) : this);
    }

    /// <summary>Goes through changes that are then accepted.</summary>
    public SampleRoute After(params IReadOnlyList<RouteAction> actions) => Through(new PolicySet([new PolicyDefinition
    {
        Name = "p",
        Terms = [new PolicyTerm { Name = "t", Actions = actions, Outcome = TermOutcome.Accept }],
    }]).Find("p")!).Route;
}
