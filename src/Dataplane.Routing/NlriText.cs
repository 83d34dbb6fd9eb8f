using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing;

/// <summary>
/// NLRI as people write them: <c>10.0.0.0/24</c>; with a distinguisher <c>65000:1:10.0.0.0/24</c>; route target membership
/// <c>65000:rt:65000:1</c> (origin AS, target), <c>default</c>, or <c>0x…/length</c> for a part of a target; flow specifications as
/// <see cref="FlowSpecRule"/> writes them, of a VPN behind the distinguisher and a space. Routing thread: flow specifications are looked up.
/// </summary>
public static class NlriText
{
    private const int MembershipBits = 96;
    private const int MembershipOctets = 12;
    private const string Default = "default";

    /// <summary>The text of an NLRI.</summary>
    public static string Format(RouteFamily family, in Nlri nlri, FlowSpecStore flowSpecs)
    {
        ArgumentNullException.ThrowIfNull(flowSpecs);
        var text = family switch
        {
            RouteFamily.RouteTargetConstraint => FormatMembership(nlri),
            _ when family.IsFlowSpec => FlowSpecRule.Text(flowSpecs.Octets((uint)nlri.Low), family.AddressFamily),
            _ => nlri.Prefix(family).ToString(),
        };
        return !family.HasRouteDistinguisher ? text : family.IsFlowSpec ? $"{nlri.Distinguisher} {text}" : $"{nlri.Distinguisher}:{text}";
    }

    /// <summary>Reads the text of an NLRI.</summary>
    /// <param name="family">Its family.</param>
    /// <param name="text">The text.</param>
    /// <param name="flowSpecs">Where a flow specification is looked up; one that is not there is no error, but has the number 0.</param>
    /// <param name="nlri">The NLRI.</param>
    /// <returns>Null, or a sentence part: what is wrong with the text.</returns>
    public static string? TryParse(RouteFamily family, string text, FlowSpecStore flowSpecs, out Nlri nlri)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(flowSpecs);
        nlri = default;
        RouteDistinguisher distinguisher = default;
        if (family.HasRouteDistinguisher)
        {
            var end = family.IsFlowSpec ? text.IndexOf(' ') : text.IndexOf(':', text.IndexOf(':') + 1);
            if (end <= 0 || !RouteDistinguisher.TryParse(text.AsSpan(0, end), out distinguisher))
            {
                return "it does not begin with a route distinguisher";
            }

            text = text[(end + 1)..];
        }

        if (family == RouteFamily.RouteTargetConstraint)
        {
            return TryParseMembership(text, out nlri) ? null : "it is no route target membership: ORIGIN:rt:TARGET, default or 0xDIGITS/LENGTH";
        }

        if (family.IsFlowSpec)
        {
            if (!FlowSpecRule.TryParse(text, family.AddressFamily, out FlowSpecRule? rule, out var error))
            {
                return error;
            }

            _ = flowSpecs.TryFind(OctetsOf(text, rule), out var number);
            nlri = new(distinguisher, 0, number, 0);
            return null;
        }

        if (!IpPrefix.TryParse(text, out IpPrefix prefix, out PrefixError problem))
        {
            return $"'{text}' is no prefix: {problem}";
        }

        if (prefix.Family != family.AddressFamily)
        {
            return $"'{text}' is no {(family.AddressFamily == AddressFamily.Ipv6 ? "IPv6" : "IPv4")} prefix";
        }

        nlri = Nlri.Of(prefix, distinguisher);
        return null;
    }

    private static byte[] OctetsOf(string text, FlowSpecRule rule) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(text.AsSpan(2)) : rule.Encode();

    private static string FormatMembership(in Nlri nlri)
    {
        var target = new ExtendedCommunity(nlri.High << 32 | nlri.Low >> 32);
        if (nlri.Length == 0)
        {
            return Default;
        }

        return nlri.Length == MembershipBits && target.IsRouteTarget
            ? string.Create(CultureInfo.InvariantCulture, $"{nlri.High >> 32}:{target}")
            : string.Create(CultureInfo.InvariantCulture, $"0x{nlri.High:x16}{nlri.Low >> 32:x8}/{nlri.Length}");
    }

    private static bool TryParseMembership(string text, out Nlri nlri)
    {
        nlri = default;
        if (text == Default)
        {
            return true;
        }

        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            Span<byte> octets = stackalloc byte[MembershipOctets + 4];
            octets.Clear();
            var slash = text.IndexOf('/');
            if (slash != 2 + (2 * MembershipOctets)
                || Convert.FromHexString(text.AsSpan(2, slash - 2), octets, out _, out _) != System.Buffers.OperationStatus.Done
                || !byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > MembershipBits)
            {
                return false;
            }

            nlri = new(default, BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]), length);
            return true;
        }

        var split = text.IndexOf(":rt:", StringComparison.Ordinal);
        if (split <= 0 || !AsNumber.TryParse(text.AsSpan(0, split), out AsNumber origin)
            || !ExtendedCommunity.TryParseRouteTarget(text.AsSpan(split + 4), out ExtendedCommunity target))
        {
            return false;
        }

        nlri = Nlri.Membership(origin, target);
        return true;
    }
}
