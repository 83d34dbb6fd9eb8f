using System.Text.Json;
using Dataplane.Host.Management;
using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Attachments;

namespace Dataplane.Host.EndSystem;

/// <summary>Reads what a request says of a virtual interface; a field that is wrong is named.</summary>
internal static class AttachmentBody
{
    private const string Fields = "'vpn', 'port', 'device', 'vlan', 'mac', 'addresses' and 'version'";

    /// <summary>Reads a request's body.</summary>
    /// <param name="id">The interface that the request is about.</param>
    /// <param name="body">A JSON object.</param>
    /// <exception cref="Problem">Something of it is wrong.</exception>
    public static AttachmentRequest Read(string id, ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Problem.BadRequest("the body is a JSON object with " + Fields);
            var request = new AttachmentRequest { Id = id, Vpn = "" };
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!seen.Add(property.Name))
                    throw Problem.BadRequest($"'{property.Name}' is there twice");
                request = property.Value.ValueKind == JsonValueKind.Null ? request : Read(request, property);
            }
            return request.Vpn.Length != 0 ? request : throw Problem.BadRequest("'vpn' is missing: the name of the VPN that the interface belongs to");
        }
        catch (JsonException problem)
        {
            throw Problem.BadRequest($"the body is not JSON: {problem.Message}");
        }
    }

    private static AttachmentRequest Read(AttachmentRequest request, JsonProperty property) => property.Name switch
    {
        "vpn" => request with { Vpn = Text(property) },
        "port" => request with { Port = Text(property) },
        "device" => request with { Device = Text(property) },
        "vlan" => request with { Vlan = property.Value.TryGetInt32Number(out int vlan) ? vlan : throw Wrong(property, "a number from 1 to 4094") },
        "mac" => request with { Mac = MacAddress.TryParse(Text(property), out MacAddress mac) && !mac.IsMulticast && !mac.IsZero ? mac : throw Wrong(property, "a MAC address such as 02:00:00:00:00:11") },
        "addresses" => request with { Addresses = Prefixes(property) },
        "version" => request with { Version = property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetUInt32(out uint version) ? version : throw Wrong(property, "a number of 32 bits") },
        _ => throw Problem.BadRequest($"'{property.Name}' is no field here; there are {Fields}"),
    };

    private static bool TryGetInt32Number(this JsonElement element, out int value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out value);
    }

    private static string Text(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : throw Wrong(property, "a text");

    private static List<IpPrefix> Prefixes(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array)
            throw Wrong(property, "a list of addresses or prefixes");
        var prefixes = new List<IpPrefix>();
        foreach (JsonElement element in property.Value.EnumerateArray())
        {
            string text = element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
            if (!IpPrefix.TryParse(text, out IpPrefix prefix, out PrefixError error))
            {
                throw Problem.BadRequest($"'addresses': '{text}' " + error switch
                {
                    PrefixError.HostBitsSet => "has host bits set",
                    PrefixError.LengthOutOfRange => "has a length out of range",
                    _ => "is no address or prefix such as 198.51.100.25 or 2001:db8::/64",
                });
            }
            prefixes.Add(prefix);
        }
        return prefixes;
    }

    private static Problem Wrong(JsonProperty property, string wanted) => Problem.BadRequest($"'{property.Name}' is {wanted}, not {property.Value.GetRawText()}");
}
