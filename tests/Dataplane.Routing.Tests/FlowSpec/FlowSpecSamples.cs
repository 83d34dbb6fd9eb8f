using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

/// <summary>Random rules with every component and operator that the text form can say.</summary>
internal static class FlowSpecSamples
{
    public static FlowSpecRule Rule(Random random, AddressFamily family)
    {
        var highest = family == AddressFamily.Ipv6 ? 13 : 12;
        var components = new List<FlowSpecComponent>();
        while (components.Count == 0)
        {
            for (var type = 1; type <= highest; type++)
            {
                if (random.Next(3) == 0)
                {
                    components.Add(Component(random, (FlowSpecComponentType)type, family));
                }
            }
        }

        return new(family, components);
    }

    private static FlowSpecComponent Component(Random random, FlowSpecComponentType type, AddressFamily family)
    {
        if (type <= FlowSpecComponentType.SourcePrefix)
        {
            return Prefix(random, type, family);
        }

        var isMask = type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;
        var most = type is FlowSpecComponentType.Dscp or FlowSpecComponentType.Fragment ? 8
            : type == FlowSpecComponentType.TcpFlags ? 16 : 64;
        var terms = new List<FlowSpecTerm>();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var op = (byte)random.Next(isMask ? 4 : 8);
            var bits = Math.Min(most, 1 << random.Next(1, 7));
            var value = (ulong)random.NextInt64() >> (64 - bits);
            terms.Add(new(terms.Count > 0 && random.Next(2) == 0, op, !isMask && op is 0 or 7 ? 0 : value));
        }

        return new FlowSpecMatch(type, terms);
    }

    private static FlowSpecPrefix Prefix(Random random, FlowSpecComponentType type, AddressFamily family)
    {
        if (family == AddressFamily.Ipv4)
        {
            return FlowSpecPrefix.Of(type, Ipv4Prefix.Of(new((uint)random.NextInt64()), (byte)random.Next(33)));
        }

        var length = random.Next(129);
        var offset = length == 0 || random.Next(2) == 0 ? 0 : random.Next(length);
        var kept = Ipv6Prefix.Of(new((ulong)random.NextInt64() << 1, (ulong)random.NextInt64() << 1), (byte)length).Address;
        Ipv6Address skipped = Ipv6Prefix.MaskOf(offset);
        return new(type, new Ipv6Address(kept.High & ~skipped.High, kept.Low & ~skipped.Low), (byte)length, (byte)offset);
    }
}
