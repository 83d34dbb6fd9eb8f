using System.Globalization;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Values;

/// <summary>The kinds of addresses, prefixes and labels that configuration keys hold.</summary>
internal static class AddressValues
{
    /// <summary>An IPv4 unicast address.</summary>
    public static ConfigurationValue<Ipv4Address> Ipv4 { get; } = new TextValue<Ipv4Address>(
        "an IPv4 address such as 203.0.113.17",
        static (string text, out Ipv4Address value) =>
        {
            var reason = ParseUnicast(text, out var address);
            value = address.IsV4 ? address.V4 : default;
            return reason ?? (address.IsV4 ? null : $"{text} is an IPv6 address; an IPv4 address such as 203.0.113.17 is needed here");
        },
        @"^[0-9.]+$");

    /// <summary>An IPv6 unicast address.</summary>
    public static ConfigurationValue<Ipv6Address> Ipv6 { get; } = new TextValue<Ipv6Address>(
        "an IPv6 address such as 2001:db8:f::17",
        static (string text, out Ipv6Address value) =>
        {
            var reason = ParseUnicast(text, out var address);
            value = address.IsV6 ? address.V6 : default;
            return reason ?? (address.IsV6 ? null : $"{text} is an IPv4 address; an IPv6 address such as 2001:db8:f::17 is needed here");
        },
        "^[0-9a-fA-F:.]+$");

    /// <summary>A unicast address of either family.</summary>
    public static ConfigurationValue<IpAddress> Unicast { get; } = new TextValue<IpAddress>(
        "an IP address such as 203.0.113.17 or 2001:db8:f::17", ParseUnicast, "^[0-9a-fA-F:.]+$");

    /// <summary>A unicast address of either family, which may carry its full length as a prefix.</summary>
    public static ConfigurationValue<IpAddress> Host { get; } = new TextValue<IpAddress>(
        "an IP address such as 198.51.100.1 or 2001:db8:1::1", ParseHost, "^[0-9a-fA-F:.]+(/[0-9]+)?$");

    /// <summary>A prefix of either family without host bits; an address alone is a host prefix.</summary>
    public static ConfigurationValue<IpPrefix> Prefix { get; } = new TextValue<IpPrefix>(
        "a prefix such as 198.51.100.0/24 or 2001:db8:1::/64", ParsePrefix, "^[0-9a-fA-F:.]+(/[0-9]+)?$");

    /// <summary>An address with the length of the network it is on.</summary>
    public static ConfigurationValue<PortAddress> OnLink { get; } = new TextValue<PortAddress>(
        "an address with the length of its network, such as 203.0.113.17/24", ParseOnLink, "^[0-9a-fA-F:.]+/[0-9]+$");

    /// <summary>A unicast MAC address.</summary>
    public static ConfigurationValue<MacAddress> Mac { get; } = new TextValue<MacAddress>(
        "a MAC address such as \"02:00:00:00:00:11\"", ParseMac, "^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$");

    /// <summary>An MPLS label that may be assigned.</summary>
    public static ConfigurationValue<Label20> Label { get; } = new LabelValue();

    /// <summary>An address and a TCP port to listen on.</summary>
    public static ConfigurationValue<ListenAddress> Listen { get; } = new TextValue<ListenAddress>(
        "an address and a TCP port such as 127.0.0.1:9464 or \"[::1]:9464\"", ParseListen, @"^([0-9.]+|\[[0-9a-fA-F:.]+\]):[0-9]+$");

    /// <summary>Reads a unicast address that others can reach.</summary>
    public static string? ParseUnicast(string text, out IpAddress value)
    {
        if (!IpAddress.TryParse(text, out value))
        {
            return IpPrefix.TryParse(text, out _, out var error) || error != PrefixError.Syntax
                ? $"{text} has a prefix length; write the address alone"
                : $"{YamlScalar.Quote(text)} is not an IP address; write for instance 203.0.113.17 or 2001:db8:f::17";
        }

        return NotUnicast(value);
    }

    private static string? NotUnicast(IpAddress value) => value switch
    {
        { IsMulticast: true } => $"{value} is a multicast address; a unicast address is needed here",
        { IsUnspecified: true } => $"{value} is the unspecified address; a unicast address is needed here",
        { IsLoopback: true } => $"{value} is a loopback address, which never leaves a machine; an address others can reach is needed here",
        { IsV4: true, V4.IsLimitedBroadcast: true } => $"{value} is the broadcast address; a unicast address is needed here",
        _ => null,
    };

    private static string? ParseHost(string text, out IpAddress value)
    {
        var reason = ParsePrefixSyntax(text, out var prefix, out var error);
        value = prefix.Address;
        if (error == PrefixError.HostBitsSet || (reason is null && !prefix.IsHost))
        {
            var address = text[..text.IndexOf('/', StringComparison.Ordinal)];
            return $"{text} is not a single address; write {address} alone";
        }

        return reason ?? NotUnicast(value);
    }

    private static string? ParsePrefix(string text, out IpPrefix value)
    {
        var reason = ParsePrefixSyntax(text, out value, out var error);
        if (error != PrefixError.HostBitsSet)
        {
            return reason;
        }

        _ = TrySplit(text, out var address, out var length);
        return $"{text} has host bits set; write {IpPrefix.Of(address, (byte)length)} for the network or {IpPrefix.Host(address)} for the one address";
    }

    private static string? ParsePrefixSyntax(string text, out IpPrefix value, out PrefixError error)
    {
        _ = IpPrefix.TryParse(text, out value, out error);
        return error switch
        {
            PrefixError.None => null,
            PrefixError.LengthOutOfRange => $"the length of {YamlScalar.Quote(text)} is out of range; it goes from 0 to {(text.Contains(':') ? 128 : 32)}",
            _ => $"{YamlScalar.Quote(text)} is not a prefix; write for instance 198.51.100.0/24 or 2001:db8:1::/64",
        };
    }

    private static string? ParseOnLink(string text, out PortAddress value)
    {
        value = default;
        if (!TrySplit(text, out var address, out var length))
        {
            return $"{YamlScalar.Quote(text)} is not an address with a length; write for instance 203.0.113.17/24 or 2001:db8:f::17/64";
        }

        if (length > address.Bits || length == 0)
        {
            return $"the length of {text} is out of range; it goes from 1 to {address.Bits}";
        }

        value = new(address, IpPrefix.Of(address, (byte)length));
        if (address.IsV4 && length < 31)
        {
            var broadcast = value.Subnet.V4.Address.Value | ~Ipv4Prefix.MaskOf(length);
            if (address.V4.Value == broadcast || address == value.Subnet.Address)
            {
                var kind = address.V4.Value == broadcast ? "broadcast" : "network";
                return $"{address} is the {kind} address of {value.Subnet}; take another address of that network";
            }
        }

        return NotUnicast(address);
    }

    private static bool TrySplit(string text, out IpAddress address, out int length)
    {
        address = default;
        length = 0;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && IpAddress.TryParse(text.AsSpan(0, slash), out address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length);
    }

    private static string? ParseMac(string text, out MacAddress value)
    {
        if (!MacAddress.TryParse(text, out value))
        {
            return $"{YamlScalar.Quote(text)} is not a MAC address; write six octets such as \"02:00:00:00:00:11\"";
        }

        return value.IsMulticast ? $"{value} is a group address (the first octet is odd); an interface's own address is needed here"
            : value.IsZero ? $"{value} is no usable address; an interface's own address is needed here"
            : null;
    }

    private static string? ParseListen(string text, out ListenAddress value)
    {
        value = default;
        var colon = text.LastIndexOf(':');
        var bracketed = colon > 1 && text[0] == '[' && text[colon - 1] == ']';
        if (colon < 0
            || !IpAddress.TryParse(bracketed ? text.AsSpan(1, colon - 2) : text.AsSpan(0, colon), out var address)
            || address.IsV6 != bracketed
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return $"{YamlScalar.Quote(text)} is not an address and a port; write for instance 127.0.0.1:9464 or \"[::1]:9464\"";
        }

        value = new(address, port);
        return null;
    }

    private sealed class LabelValue : ConfigurationValue<Label20>
    {
        private readonly IntegerValue _number = new((int)Label20.Min, (int)Label20.Max, "labels have 20 bits and 0 to 15 are reserved (RFC 7274)");

        public override string Noun => $"an MPLS label from {Label20.Min} to {Label20.Max}";

        public override JsonObject ToSchema() => _number.ToSchema();

        public override JsonNode? ToJson(Label20 value) => (int)value.Value;

        protected override ReadResult ReadCore(YamlNode node, string subject, ReadContext context, out Label20 value)
        {
            var result = _number.Read(node, subject, context, out var number);
            value = new((uint)number);
            return result;
        }
    }
}
