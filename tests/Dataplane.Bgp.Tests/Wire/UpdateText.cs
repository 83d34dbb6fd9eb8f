using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>A decoded UPDATE in lines that a person can read and a test can compare.</summary>
internal static class UpdateText
{
    public static string[] Of(DecodedUpdate update, FlowSpecStore? flowSpecs = null)
    {
        var lines = new List<string>();
        foreach (RouteGroup group in update.Withdrawn)
        {
            lines.AddRange(group.Routes.ToArray().Select(route => $"- {Route(group.Family, route, flowSpecs, label: false)}"));
        }

        foreach (RouteGroup group in update.Announced)
        {
            lines.AddRange(group.Routes.ToArray().Select(route => $"+ {Route(group.Family, route, flowSpecs, label: true)}"));
            foreach (AttributeView attribute in group.Attributes)
            {
                lines.Add($"  {Attribute(attribute)}");
            }
        }

        if (update.EndOfRib is { } family)
        {
            lines.Add($"end of {family.Name}");
        }

        return [.. lines];
    }

    public static string Route(RouteFamily family, NlriEntry route, FlowSpecStore? flowSpecs, bool label)
    {
        var text = family switch
        {
            RouteFamily.RouteTargetConstraint =>
                $"{route.Nlri.High >> 32}:{(uint)route.Nlri.High:x8}{(uint)(route.Nlri.Low >> 32):x8}/{route.Nlri.Length}",
            _ when family.IsFlowSpec => Convert.ToHexStringLower(flowSpecs!.Octets((uint)route.Nlri.Low)),
            _ => route.Nlri.Prefix(family).ToString(),
        };
        var distinguisher = family.HasRouteDistinguisher ? $" {route.Nlri.Distinguisher}" : "";
        var identifier = route.PathIdentifier != 0 ? $" #{route.PathIdentifier}" : "";
        return $"{family.Name}{distinguisher} {text}{identifier}{(label && family.IsLabeled ? $" label {route.Label >> 4}" : "")}";
    }

    private static string Attribute(AttributeView attribute)
    {
        byte[] value = attribute.Value.ToArray();
        var flags = (attribute.Flags & AttributeFlags.Partial) != 0 ? " partial" : "";
        var text = attribute.Code switch
        {
            AttributeCode.NextHop when value.Length == 4 => Ipv4Address.Read(value).ToString(),
            AttributeCode.NextHop => Ipv6Address.Read(value).ToString(),
            AttributeCode.AsPath => string.Join(' ', AsPath(value)),
            AttributeCode.ExtendedCommunities => string.Join(' ', value.Chunk(8).Select(c => new ExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(c)))),
            AttributeCode.MultiExitDisc or AttributeCode.LocalPref => BinaryPrimitives.ReadUInt32BigEndian(value).ToString(CultureInfo.InvariantCulture),
            _ => Convert.ToHexStringLower(value),
        };
        return $"{attribute.Code}{flags} {text}".TrimEnd();
    }

    private static IEnumerable<string> AsPath(byte[] value)
    {
        for (var at = 0; at < value.Length; at += 2 + (4 * value[at + 1]))
        {
            var numbers = Enumerable.Range(0, value[at + 1]).Select(i => BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(at + 2 + (4 * i))));
            var text = string.Join(value[at] == 1 ? ',' : ' ', numbers);
            yield return (AsSegmentType)value[at] switch
            {
                AsSegmentType.Set => $"{{{text}}}",
                AsSegmentType.ConfedSequence => $"({text})",
                AsSegmentType.ConfedSet => $"[{text}]",
                _ => text,
            };
        }
    }
}
