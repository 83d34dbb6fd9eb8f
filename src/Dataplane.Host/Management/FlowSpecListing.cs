using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary>The order in which flow specifications are listed: that in which they are applied (RFC 8955 §5.1), those of one distinguisher together.</summary>
internal static class FlowSpecListing
{
    /// <summary>The destinations of a table in order. Any thread; reads the table in slices, and sorts on the caller's.</summary>
    public static async Task<DestinationId[]> ReadAsync(GatewayAccess gateway, FamilyTable table, CancellationToken cancellation)
    {
        var rules = new List<(ulong Distinguisher, byte[] Octets, DestinationId Id)>();
        var at = 0;
        while (await gateway.Loop.InvokeAsync(Look))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        AddressFamily family = table.Family.AddressFamily;
        rules.Sort((one, other) => one.Distinguisher != other.Distinguisher
            ? one.Distinguisher.CompareTo(other.Distinguisher)
            : FlowSpecOrder.Compare(one.Octets, other.Octets, family));
        return [.. rules.Select(static rule => rule.Id)];

        bool Look()
        {
            for (var end = Math.Min(at + LoopSlices.Rows, table.DestinationCapacity); at < end; at++)
            {
                if (table.Exists(new(at)))
                {
                    Nlri nlri = table.NlriOf(new(at));
                    rules.Add((nlri.Distinguisher.Value, gateway.Routes.FlowSpecs.Octets((uint)nlri.Low).ToArray(), new(at)));
                }
            }

            return at < table.DestinationCapacity;
        }
    }
}
