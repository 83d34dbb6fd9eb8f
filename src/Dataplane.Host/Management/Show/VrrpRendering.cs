using System.Text.Json;

namespace Dataplane.Host.Management.Show;

/// <summary><c>show vrrp</c> as text for people.</summary>
internal static class VrrpRendering
{
    /// <summary>A line for each election.</summary>
    public static string Elections(JsonElement answer)
    {
        var table = new TextTable("Port", "VLAN", "Family", "VRID", "State", "Priority", "Address", "Master", "Times master", "Sent", "Received", "Discarded");
        foreach (JsonElement election in answer.GetProperty("elections").EnumerateArray())
        {
            table.Add(Of(election, "port"), Of(election, "vlan") ?? "-", Of(election, "family"), Of(election, "virtualRouterId"), Of(election, "state"),
                Of(election, "priority"), Of(election, "address"), Of(election, "state") == "master" ? "us" : Of(election, "master") ?? "-",
                Of(election, "becameMaster"), Of(election, "sent"), Of(election, "received"),
                string.Join(", ", election.GetProperty("discarded").EnumerateObject().Select(static reason => $"{reason.Value} {reason.Name}")));
        }

        return table.ToString();
    }

    private static string? Of(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
}
