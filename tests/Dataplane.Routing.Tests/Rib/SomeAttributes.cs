using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>A set of attributes as tests write it down; <see cref="InternInto"/> makes it one of the store.</summary>
internal sealed record SomeAttributes
{
    public uint? LocalPreference { get; init; }

    public uint? Version { get; init; }

    public uint[] Path { get; init; } = [];

    public byte Origin { get; init; }

    public uint? Med { get; init; }

    public ulong? Aigp { get; init; }

    public uint? OriginatorId { get; init; }

    public int Clusters { get; init; }

    public bool IsLlgrStale { get; init; }

    public string NextHop { get; init; } = "10.0.0.1";

    public string[] Targets { get; init; } = [];

    /// <summary>The set, with as many references as asked for.</summary>
    public AttributeSetId InternInto(AttributeStore store, int references = 1)
    {
        AttributeSetId id = store.Intern(Build().Block);
        store.Acquire(id, references - 1);
        return id;
    }

    public AttributeBlockBuilder Build()
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(Origin);
        builder.SetAsPath([.. Path.Select(number => new AsNumber(number))]);
        builder.SetNextHop(IpAddress.Parse(NextHop));
        SetNumber(builder, AttributeCode.MultiExitDisc, Med);
        SetNumber(builder, AttributeCode.LocalPref, LocalPreference);
        SetNumber(builder, AttributeCode.OriginatorId, OriginatorId);
        SetNumber(builder, AttributeCode.Communities, IsLlgrStale ? 0xFFFF0006 : null);
        if (Clusters > 0)
        {
            builder.Set(AttributeCode.ClusterList, AttributeFlags.Optional, new byte[4 * Clusters]);
        }

        if (Aigp is { } metric)
        {
            var value = new byte[11];
            value[0] = 1;
            value[2] = 11;
            BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(3), metric);
            builder.Set(AttributeCode.Aigp, AttributeFlags.Optional, value);
        }

        List<ExtendedCommunity> communities = [.. Targets.Select(ExtendedCommunity.ParseRouteTarget)];
        if (Version is { } version)
        {
            communities.Add(ExtendedCommunity.Mobility(version));
        }

        builder.SetExtendedCommunities([.. communities]);
        return builder;
    }

    private static void SetNumber(AttributeBlockBuilder builder, AttributeCode code, uint? value)
    {
        if (value is { } number)
        {
            builder.Set(code, AttributeFlags.Optional, number);
        }
    }
}
