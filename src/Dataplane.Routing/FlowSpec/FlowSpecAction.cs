using System.Globalization;
using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>What is done with packets that a flow specification matches.</summary>
public enum FlowSpecActionKind : byte
{
    /// <summary>At most so many octets per second pass (0x8006); zero drops all.</summary>
    RateBytes,

    /// <summary>At most so many packets per second pass (0x800c).</summary>
    RatePackets,

    /// <summary>Terminal and sample bits (0x8007).</summary>
    Control,

    /// <summary>Forwarding in the VRF that imports a route target (0x8008, 0x8108, 0x8208).</summary>
    Redirect,

    /// <summary>The DSCP of the packet is set (0x8009).</summary>
    Mark,

    /// <summary>Forwarding towards an address (draft-ietf-idr-flowspec-redirect-ip: 0x010c), or a copy of the packet.</summary>
    RedirectToAddress,
}

/// <summary>
/// A traffic filtering action (RFC 8955 §7): the meaning of one extended community. Everything but the kind is zero where the kind
/// does not use it.
/// </summary>
public readonly record struct FlowSpecAction(FlowSpecActionKind Kind)
{
    private const ulong Top = 1UL << 48;

    /// <summary>Rates: the AS in the community; it informs only.</summary>
    public ushort As { get; init; }

    /// <summary>Rates: octets or packets per second, not negative.</summary>
    public float Rate { get; init; }

    /// <summary>Control: later flow specifications are evaluated too (the T bit).</summary>
    public bool Continue { get; init; }

    /// <summary>Control: sample or log the packets (the S bit).</summary>
    public bool Sample { get; init; }

    /// <summary>Redirect: the route target, as an ordinary route target community.</summary>
    public ExtendedCommunity Target { get; init; }

    /// <summary>Mark: the code point, 0–63.</summary>
    public byte Dscp { get; init; }

    /// <summary>Redirect to an address.</summary>
    public Ipv4Address Address { get; init; }

    /// <summary>Redirect to an address: a copy goes there, the packet goes on.</summary>
    public bool Copy { get; init; }

    /// <summary>The community of the action.</summary>
    public ExtendedCommunity Community => new(Kind switch
    {
        FlowSpecActionKind.RateBytes => 0x8006 * Top | (ulong)As << 32 | BitConverter.SingleToUInt32Bits(Rate),
        FlowSpecActionKind.RatePackets => 0x800C * Top | (ulong)As << 32 | BitConverter.SingleToUInt32Bits(Rate),
        FlowSpecActionKind.Control => 0x8007 * Top | (Sample ? 2UL : 0) | (Continue ? 1UL : 0),
        FlowSpecActionKind.Redirect => (0x8008UL | (ulong)Target.Type << 8) * Top | Target.Six,
        FlowSpecActionKind.Mark => 0x8009 * Top | Dscp,
        FlowSpecActionKind.RedirectToAddress => 0x010C * Top | (ulong)Address.Value << 16 | (Copy ? 1UL : 0),
        _ => throw new InvalidOperationException($"{Kind} is no action."),
    });

    /// <summary>The action of a community.</summary>
    /// <returns>False when the community is none, or its rate is not a number.</returns>
    public static bool TryRead(ExtendedCommunity community, out FlowSpecAction action)
    {
        var six = community.Six;
        var rate = BitConverter.UInt32BitsToSingle((uint)six);
        FlowSpecAction? read = (community.Value / Top) switch
        {
            0x8006 when !float.IsNaN(rate) => new(FlowSpecActionKind.RateBytes) { As = (ushort)(six >> 32), Rate = Math.Max(rate, 0) },
            0x800C when !float.IsNaN(rate) => new(FlowSpecActionKind.RatePackets) { As = (ushort)(six >> 32), Rate = Math.Max(rate, 0) },
            0x8007 => new(FlowSpecActionKind.Control) { Sample = (six & 2) != 0, Continue = (six & 1) != 0 },
            0x8008 or 0x8108 or 0x8208 => new(FlowSpecActionKind.Redirect)
            {
                Target = new((ulong)(community.Type & 0x0F) << 56 | 2 * Top | six),
            },
            0x8009 => new(FlowSpecActionKind.Mark) { Dscp = (byte)(six & 0x3F) },
            0x010C => new(FlowSpecActionKind.RedirectToAddress) { Address = new((uint)(six >> 16)), Copy = (six & 1) != 0 },
            _ => null,
        };
        action = read.GetValueOrDefault();
        return read is not null;
    }

    /// <summary>
    /// Reads the text that <see cref="ToString"/> writes: <c>discard</c>, <c>rate:9600</c>, <c>rate-packets:100</c>, <c>redirect:65000:5</c>,
    /// <c>redirect-to:10.0.0.1</c>, <c>copy-to:10.0.0.1</c>, <c>mark:46</c>, <c>action:sample</c>, <c>action:continue</c>, <c>action:sample+continue</c>,
    /// <c>action:none</c>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out FlowSpecAction action)
    {
        action = default;
        if (text is "discard")
        {
            return true;
        }

        var colon = text.IndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        ReadOnlySpan<char> value = text[(colon + 1)..];
        var isRate = float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate >= 0;
        FlowSpecAction? read = text[..colon] switch
        {
            "rate" when isRate => new(FlowSpecActionKind.RateBytes) { Rate = rate },
            "rate-packets" when isRate => new(FlowSpecActionKind.RatePackets) { Rate = rate },
            "redirect" when ExtendedCommunity.TryParseRouteTarget(value, out ExtendedCommunity target) =>
                new(FlowSpecActionKind.Redirect) { Target = target },
            "redirect-to" when Ipv4Address.TryParse(value, out Ipv4Address address) =>
                new(FlowSpecActionKind.RedirectToAddress) { Address = address },
            "copy-to" when Ipv4Address.TryParse(value, out Ipv4Address address) =>
                new(FlowSpecActionKind.RedirectToAddress) { Address = address, Copy = true },
            "mark" when byte.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var dscp) && dscp <= 63 =>
                new(FlowSpecActionKind.Mark) { Dscp = dscp },
            "action" when value is "none" or "sample" or "continue" or "sample+continue" => new(FlowSpecActionKind.Control)
            {
                Sample = value.StartsWith("sample"),
                Continue = value.EndsWith("continue"),
            },
            _ => null,
        };
        action = read.GetValueOrDefault();
        return read is not null;
    }

    /// <summary>The text form; the AS of a rate is left out.</summary>
    public override string ToString() => Kind switch
    {
        FlowSpecActionKind.RateBytes when Rate == 0 => "discard",
        FlowSpecActionKind.RateBytes => string.Create(CultureInfo.InvariantCulture, $"rate:{Rate:R}"),
        FlowSpecActionKind.RatePackets => string.Create(CultureInfo.InvariantCulture, $"rate-packets:{Rate:R}"),
        FlowSpecActionKind.Control => "action:" + (Sample, Continue) switch
        {
            (true, true) => "sample+continue",
            (true, false) => "sample",
            (false, true) => "continue",
            _ => "none",
        },
        FlowSpecActionKind.Redirect => "redirect:" + Target.ToString()["rt:".Length..],
        FlowSpecActionKind.Mark => string.Create(CultureInfo.InvariantCulture, $"mark:{Dscp}"),
        _ => (Copy ? "copy-to:" : "redirect-to:") + Address,
    };
}
