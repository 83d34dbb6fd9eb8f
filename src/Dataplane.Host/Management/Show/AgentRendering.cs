using System.Text;
using System.Text.Json;

namespace Dataplane.Host.Management.Show;

/// <summary>Answers of the agent as text for people.</summary>
internal static class AgentRendering
{
    /// <summary><c>agent list</c> and <c>agent attach</c>: a line for each address.</summary>
    public static string Attachments(IEnumerable<JsonElement> attachments)
    {
        var table = new TextTable("Interface", "VPN", "Port", "VLAN", "Label", "Version", "Address", "Published to", "State");
        foreach (JsonElement attachment in attachments)
        {
            JsonElement[] addresses = [.. attachment.GetProperty("addresses").EnumerateArray()];
            foreach (JsonElement? address in addresses.Length == 0 ? [null] : addresses.Select(static address => (JsonElement?)address))
            {
                table.Add(Of(attachment, "id"), Of(attachment, "vpn"), Of(attachment, "port"), Of(attachment, "vlan"), Of(attachment, "label"),
                    Of(attachment, "version"), address is { } one ? Of(one, "prefix") : null,
                    address is { } two ? string.Join(", ", two.GetProperty("publishedTo").EnumerateArray().Select(static name => name.GetString())) : null,
                    address is { } three ? Of(three, "elsewhere") ?? Of(three, "refused") : null);
            }
        }

        return table.ToString();
    }

    /// <summary><c>agent routes</c>: prefix, host address or <c>localhost</c>, label (AGT-08).</summary>
    public static string Routes(JsonElement answer)
    {
        var table = new TextTable("Prefix", "Forwarder", "Label", "Version", "");
        foreach (JsonElement route in answer.GetProperty("routes").EnumerateArray())
        {
            foreach (JsonElement hop in route.GetProperty("nextHops").EnumerateArray())
            {
                table.Add(Of(route, "prefix"), Of(hop, "address"), Of(hop, "label"), Of(route, "version"), route.GetProperty("stale").GetBoolean() ? "stale" : "");
            }
        }

        return table.ToString();
    }

    /// <summary><c>agent status</c>.</summary>
    public static string Status(JsonElement answer)
    {
        var table = new TextTable("Server", "Session", "Routes from it", "Since", "Subscriptions", "Publications", "Waiting", "Refused");
        foreach (JsonElement server in answer.GetProperty("servers").EnumerateArray())
        {
            table.Add(Of(server, "name"), server.GetProperty("isUp").GetBoolean() ? "up" : "down", server.GetProperty("isRouteSource").GetBoolean() ? "yes" : "no",
                Of(server, "since"), Of(server, "subscriptions"), Of(server, "publications"), Of(server, "pending"), Of(server, "refusals"));
        }

        var text = new StringBuilder();
        _ = text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"{Of(answer, "attachments")} interfaces, {Of(answer, "routes")} routes, {Of(answer, "repairs")} repairs\n\n").Append(table);
        JsonElement[] hosts = [.. answer.GetProperty("hosts").EnumerateArray()];
        if (hosts.Length != 0)
        {
            var interfaces = new TextTable("Host", "Session", "VLAN", "VPN", "Label", "Addresses");
            foreach (JsonElement host in hosts)
            {
                foreach (JsonElement bound in host.GetProperty("interfaces").EnumerateArray())
                {
                    interfaces.Add(Of(host, "systemId"), host.GetProperty("isUp").GetBoolean() ? "up" : "down", Of(bound, "vlan"), Of(bound, "vpn"), Of(bound, "label"),
                        string.Join(", ", bound.GetProperty("addresses").EnumerateArray().Select(static address => address.GetString())));
                }
            }

            _ = text.Append('\n').Append(interfaces);
        }

        return text.ToString();
    }

    private static string? Of(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;
}
