using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>
/// No frame may belong to two interfaces (EXT-02, EXT-03; AMB-28): on one port and tag, either one interface without a
/// MAC address, or interfaces with different ones. Local ports have one interface anyway.
/// </summary>
internal static class ClassificationRules
{
    /// <summary>Checks all interfaces.</summary>
    public static void Check(RuleContext context)
    {
        var first = new Dictionary<(string Port, VlanTags Vlan), InterfaceConfiguration>();
        var exact = new Dictionary<(string Port, VlanTags Vlan, MacAddress? Mac), InterfaceConfiguration>();
        var local = context.Configuration.Ports.Where(static p => p.Role == PortRole.Local).Select(static p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var item in context.Configuration.Interfaces)
        {
            if (!context.Source.IsSound(item, InterfaceKeys.Port, InterfaceKeys.Vlan, InterfaceKeys.Mac) || local.Contains(item.Port))
            {
                continue;
            }

            var place = $"port {item.Port}, {item.Vlan}";
            var key = item.Vlan.Count > 0 ? (Values.ConfigurationKey)InterfaceKeys.Vlan : InterfaceKeys.Name;
            if (!exact.TryAdd((item.Port, item.Vlan, item.Mac), item))
            {
                var other = exact[(item.Port, item.Vlan, item.Mac)];
                context.Error(item, key,
                    $"interface '{item.Name}' overlaps '{other.Name}' on line {context.LineOf(other, InterfaceKeys.Name)}: both take {place}{Mac(item)}; "
                    + (item.Mac is null ? "give them different VLANs, or a 'mac' each" : "give them different VLANs or MAC addresses"));
                continue;
            }

            if (first.TryGetValue((item.Port, item.Vlan), out var neighbor))
            {
                if (neighbor.Mac is null || item.Mac is null)
                {
                    var (all, one) = item.Mac is null ? (item, neighbor) : (neighbor, item);
                    context.Error(item, key,
                        $"interface '{item.Name}' overlaps '{neighbor.Name}' on line {context.LineOf(neighbor, InterfaceKeys.Name)}: '{all.Name}' takes every frame of {place}, "
                        + $"'{one.Name}' only those{Mac(one)}; give '{all.Name}' a 'mac' too or another VLAN");
                }
            }
            else
            {
                first.Add((item.Port, item.Vlan), item);
            }
        }
    }

    private static string Mac(InterfaceConfiguration item) => item.Mac is { } mac ? $" from {mac}" : "";
}
