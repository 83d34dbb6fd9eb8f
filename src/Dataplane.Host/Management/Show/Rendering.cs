using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dataplane.Host.Management.Show;

/// <summary>Answers of the management API as text for people.</summary>
internal static class Rendering
{
    /// <summary><c>show bgp summary</c>.</summary>
    public static string Summary(JsonElement answer)
    {
        var text = new StringBuilder();
        _ = text.Append(CultureInfo.InvariantCulture, $"AS {Of(answer, "as")}, identifier {Of(answer, "routerId")}, {Of(answer, "attributeSets")} attribute sets, {Of(answer, "memoryBytes")} bytes\n\n");
        var table = new TextTable("Neighbor", "AS", "State", "Up/Down", "MsgRcvd", "MsgSent", "Received", "Accepted", "Advertised", "Description");
        foreach (JsonElement neighbor in answer.GetProperty("neighbors").EnumerateArray())
        {
            table.Add(Of(neighbor, "address"), Of(neighbor, "as"), Of(neighbor, "state"), Duration(neighbor.GetProperty("secondsInState").GetDouble()),
                Of(neighbor, "messagesReceived"), Of(neighbor, "messagesSent"), Of(neighbor, "routesReceived"), Of(neighbor, "routesAccepted"),
                Of(neighbor, "routesAdvertised"), Of(neighbor, "description"));
        }

        return text.Append(table).ToString();
    }

    /// <summary><c>show bgp neighbors</c>.</summary>
    public static string Neighbors(JsonElement answer)
    {
        JsonElement[] neighbors = answer.TryGetProperty("neighbors", out JsonElement all) ? [.. all.EnumerateArray()] : [answer];
        return string.Join("\n", neighbors.Select(Neighbor));
    }

    /// <summary><c>show bgp routes</c>.</summary>
    public static string Routes(JsonElement answer)
    {
        var table = new TextTable("", "Route", "Neighbor", "Next hop", "Label", "LocPrf", "MED", "AS path", "Route targets");
        foreach (JsonElement route in answer.GetProperty("routes").EnumerateArray())
        {
            var name = Of(route, "nlri");
            foreach (JsonElement path in route.GetProperty("paths").EnumerateArray())
            {
                JsonElement attributes = path.GetProperty("attributes");
                var mark = path.GetProperty("best").GetBoolean() ? ">" : path.GetProperty("accepted").GetBoolean() ? " " : "x";
                table.Add(mark == " " ? " " : mark, name, Of(path, "neighbor") ?? Of(path, "learnedBy"), Of(attributes, "nextHop"), Of(path, "label"), Of(attributes, "localPref"),
                    Of(attributes, "med"), Of(attributes, "asPath"), List(attributes, "routeTargets") ?? List(attributes, "actions"));
                name = "";
            }
        }

        return table + More(answer);
    }

    /// <summary><c>show bgp route</c>: the decision explained.</summary>
    public static string Explained(JsonElement answer)
    {
        var text = new StringBuilder();
        _ = text.Append(CultureInfo.InvariantCulture, $"{Of(answer, "family")} {Of(answer, "nlri")}\n");
        foreach (JsonElement path in answer.GetProperty("paths").EnumerateArray())
        {
            JsonElement attributes = path.GetProperty("attributes");
            var rank = Of(path, "rank") is { } number ? $"rank {number}" : "not used";
            _ = text.Append(CultureInfo.InvariantCulture, $"\n{(path.GetProperty("best").GetBoolean() ? "> " : "  ")}{rank}, from {Of(path, "source")} ({Of(path, "learnedBy")}): {Of(path, "explanation")}\n");
            foreach (JsonProperty attribute in attributes.EnumerateObject())
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"    {attribute.Name}: {Flat(attribute.Value)}\n");
            }

            _ = Of(path, "label") is { } label ? text.Append(CultureInfo.InvariantCulture, $"    label: {label}\n") : text;
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nimported into: {List(answer, "importedInto") ?? "-"}\nadvertised to: {List(answer, "advertisedTo") ?? "-"}\n").ToString();
    }

    /// <summary><c>show bgp rt-constraint</c>.</summary>
    public static string Memberships(JsonElement answer)
    {
        var wanted = new TextTable("Route target", "VRFs");
        foreach (JsonElement target in answer.GetProperty("wanted").EnumerateArray())
        {
            wanted.Add(Of(target, "routeTarget"), Of(target, "vrfs"));
        }

        var asked = new TextTable("Neighbor", "Negotiated", "End-of-RIB", "Count", "Memberships");
        foreach (JsonElement neighbor in answer.GetProperty("neighbors").EnumerateArray())
        {
            asked.Add(Of(neighbor, "address"), Of(neighbor, "negotiated"), Of(neighbor, "endOfRibReceived"), Of(neighbor, "count"), List(neighbor, "memberships"));
        }

        return $"Wanted here\n{wanted}\nAsked for by neighbors\n{asked}";
    }

    /// <summary><c>show bgp policies</c>.</summary>
    public static string Policies(JsonElement answer)
    {
        var table = new TextTable("Policy", "Term", "Applied");
        foreach (JsonElement policy in answer.GetProperty("policies").EnumerateArray())
        {
            foreach (JsonElement term in policy.GetProperty("terms").EnumerateArray())
            {
                table.Add(Of(policy, "name"), Of(term, "name"), Of(term, "routes"));
            }
        }

        return table.ToString();
    }

    /// <summary><c>show vrf</c>.</summary>
    public static string Vrfs(JsonElement answer)
    {
        var table = new TextTable("VRF", "RD", "Import", "Export", "Members", "Local", "IPv4", "IPv6");
        foreach (JsonElement vrf in answer.GetProperty("vrfs").EnumerateArray())
        {
            JsonElement routes = vrf.GetProperty("routes");
            table.Add(Of(vrf, "name"), Of(vrf, "distinguisher"), List(vrf, "importTargets"), List(vrf, "exportTargets"), Of(vrf, "members"),
                Of(vrf, "localRoutes"), Of(routes, "vpn-ipv4"), Of(routes, "vpn-ipv6"));
        }

        return table.ToString();
    }

    /// <summary><c>show vrf NAME</c>: prefix, next hop, label, how learned (SIG-24).</summary>
    public static string VrfRoutes(JsonElement answer)
    {
        var table = new TextTable("", "Prefix", "Next hop", "Label", "Known via", "Source");
        foreach (JsonElement route in answer.GetProperty("routes").EnumerateArray())
        {
            var name = Of(route, "prefix");
            foreach (JsonElement hop in route.GetProperty("nextHops").EnumerateArray())
            {
                table.Add(hop.GetProperty("best").GetBoolean() ? ">" : hop.GetProperty("used").GetBoolean() ? "=" : " ", name,
                    Of(hop, "address"), Of(hop, "label"), Of(hop, "knownVia"), Of(hop, "source"));
                name = "";
            }
        }

        return table + More(answer);
    }

    /// <summary>One line of a trace.</summary>
    public static string Trace(string line)
    {
        using var document = JsonDocument.Parse(line);
        JsonElement seen = document.RootElement;
        var missed = Of(seen, "missed") is { } count ? $" ({count} events missed before)" : "";
        return $"{Of(seen, "time")} {Of(seen, "neighbor")} {Of(seen, "event")} {Of(seen, "type")} {Of(seen, "text")}{missed}";
    }

    private static string Neighbor(JsonElement neighbor)
    {
        var text = new StringBuilder();
        _ = text.Append(CultureInfo.InvariantCulture, $"{Of(neighbor, "address")}  AS {Of(neighbor, "as")}  {Of(neighbor, "state")}  {Of(neighbor, "description")}\n");
        _ = text.Append(CultureInfo.InvariantCulture, $"  since {Of(neighbor, "since")}, {Of(neighbor, "sessionsEstablished")} sessions, {Of(neighbor, "sessionsDropped")} ended\n");
        _ = Of(neighbor, "lastSessionEnd") is { } end ? text.Append(CultureInfo.InvariantCulture, $"  last session ended: {end}\n") : text;
        _ = Of(neighbor, "lastError") is { } error ? text.Append(CultureInfo.InvariantCulture, $"  last error: {error}\n") : text;
        if (neighbor.TryGetProperty("session", out JsonElement session))
        {
            foreach (JsonProperty property in session.EnumerateObject())
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"  {property.Name}: {Flat(property.Value)}\n");
            }
        }

        var table = new TextTable("  Family", "Up", "Received", "Accepted", "Advertised", "EoR in", "EoR out", "Stale", "Disabled");
        foreach (JsonElement family in neighbor.GetProperty("families").EnumerateArray())
        {
            table.Add("  " + Of(family, "family"), Of(family, "up"), Of(family, "received"), Of(family, "accepted"), Of(family, "advertised"),
                Of(family, "endOfRibReceived"), Of(family, "endOfRibSent"), Of(family, "stale"), Of(family, "disabled"));
        }

        return text.Append(table).ToString();
    }

    /// <summary>How to ask for what an answer was too short for.</summary>
    internal static string More(JsonElement answer) => Of(answer, "cursor") is { } cursor ? $"\nmore: --cursor {cursor}\n" : "";

    internal static string? List(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement list) && list.GetArrayLength() > 0 ? Flat(list) : null;

    internal static string? Of(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? Flat(value) : null;

    private static string? Flat(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array => string.Join(" ", value.EnumerateArray().Select(Flat)),
        JsonValueKind.Object => string.Join(" ", value.EnumerateObject().Select(property => $"{property.Name}={Flat(property.Value)}")),
        _ => value.GetRawText(),
    };

    internal static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return time.Days > 0 ? $"{time.Days}d{time.Hours:00}h{time.Minutes:00}m" : time.ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture);
    }
}
