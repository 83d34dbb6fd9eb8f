using System.Text.Json;
using static Dataplane.Host.Management.Show.Rendering;

namespace Dataplane.Host.Management.Show;

/// <summary>Flow specifications of a VRF as text.</summary>
internal static class FilterRendering
{
    /// <summary><c>show vrf NAME flow-spec</c>; those that are not installed are marked.</summary>
    public static string Rules(JsonElement answer)
    {
        var table = new TextTable("", "Family", "Rule", "Actions", "Redirect", "From", "Packets", "Bytes", "Dropped");
        foreach (JsonElement rule in answer.GetProperty("rules").EnumerateArray())
        {
            table.Add(rule.GetProperty("installed").GetBoolean() ? ">" : "!", Of(rule, "family"), Of(rule, "rule"), List(rule, "actions"),
                Of(rule, "redirectVrf"), Of(rule, "origin"), Of(rule, "packets"), Of(rule, "bytes"), Of(rule, "dropped"));
        }

        return table.ToString();
    }
}
