using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Interop.Bgp.Agreement;

/// <summary>Flow specifications of all components and operators, and the actions that go with them.</summary>
/// <param name="random">What they are made from.</param>
internal sealed class FlowGenerator(Random random)
{
    /// <summary>The most terms of a component.</summary>
    public int MostTerms { get; init; } = 5;

    /// <summary>TCP flags that are named; of four bits in the second octet, RFC 9293 reserves three.</summary>
    public int TcpFlags { get; init; } = 0xFFF;

    /// <summary>How many kinds of numbers redirect: those with a two-octet AS, with an address, with a four-octet AS.</summary>
    public int KindsOfTargets { get; init; } = 3;

    /// <summary>A rule of one to all components; prefixes of IPv6 begin at their first bit, since neither peer reads an offset (FlowSpecVectors has those).</summary>
    public FlowSpecRule Rule(AddressFamily family)
    {
        int highest = family == AddressFamily.Ipv6 ? 13 : 12;
        int chosen = random.Next(1, 1 << highest);
        chosen &= random.Next(3) == 0 ? -1 : random.Next(1, 1 << highest); // mostly few
        chosen = chosen == 0 ? 1 << random.Next(highest) : chosen;
        return new(family, [.. Enumerable.Range(1, highest).Where(type => (chosen >> (type - 1) & 1) != 0).Select(type => Component((FlowSpecComponentType)type, family))]);
    }

    private FlowSpecComponent Component(FlowSpecComponentType type, AddressFamily family)
    {
        if (type is FlowSpecComponentType.DestinationPrefix or FlowSpecComponentType.SourcePrefix)
        {
            return FlowSpecPrefix.Of(type, family == AddressFamily.Ipv6
                ? Ipv6Prefix.Of(new(0x2001_0000_0000_0000 | (ulong)random.NextInt64(1L << 48), (ulong)random.NextInt64()), (byte)random.Next(17, 129))
                : Ipv4Prefix.Of(new((uint)random.Next(0x0A000000, 0x60000000)), (byte)random.Next(1, 33)));
        }

        bool isMask = type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;
        return new FlowSpecMatch(type, [.. Enumerable.Range(0, random.Next(1, MostTerms + 1)).Select(i => new FlowSpecTerm(
            i > 0 && random.Next(2) == 0, (byte)random.Next(isMask ? 4 : 8), (ulong)Value(type)))]);
    }

    private int Value(FlowSpecComponentType type) => type switch
    {
        FlowSpecComponentType.TcpFlags => random.Next(1, TcpFlags + 1),
        FlowSpecComponentType.Fragment => random.Next(16),
        FlowSpecComponentType.Dscp => random.Next(64),
        FlowSpecComponentType.FlowLabel => random.Next(1 << 20),
        FlowSpecComponentType.Protocol or FlowSpecComponentType.IcmpType or FlowSpecComponentType.IcmpCode => random.Next(256),
        _ => random.Next(3) == 0 ? random.Next(256) : random.Next(65536), // one octet, or two
    };

    /// <summary>One to three actions, each of another kind.</summary>
    public FlowSpecAction[] Actions() => [.. Enumerable.Range(0, 6).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(Action)];

    private FlowSpecAction Action(int kind) => (FlowSpecActionKind)kind switch
    {
        FlowSpecActionKind.RateBytes => new(FlowSpecActionKind.RateBytes) { As = (ushort)random.Next(65536), Rate = random.Next(3) == 0 ? 0 : random.Next(1 << 24) },
        FlowSpecActionKind.RatePackets => new(FlowSpecActionKind.RatePackets) { As = (ushort)random.Next(65536), Rate = random.Next(1 << 24) },
        FlowSpecActionKind.Control => new(FlowSpecActionKind.Control) { Continue = random.Next(2) == 0, Sample = random.Next(2) == 0 },
        FlowSpecActionKind.Redirect => new(FlowSpecActionKind.Redirect)
        {
            Target = new((ulong)random.Next(KindsOfTargets) << 56 | 0x0002UL << 48 | (ulong)random.NextInt64(1L << 48)),
        },
        FlowSpecActionKind.Mark => new(FlowSpecActionKind.Mark) { Dscp = (byte)random.Next(64) },
        _ => new(FlowSpecActionKind.RedirectToAddress) { Address = new((uint)random.Next(0x0A000001, 0x0AFFFFFF)), Copy = random.Next(2) == 0 },
    };
}
