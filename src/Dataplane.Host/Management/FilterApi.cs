using Dataplane.Forwarding.Control;
using Dataplane.Host.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>A flow specification of a VRF in the forwarder: <c>/v1/vrfs/{name}/flow-spec</c>.</summary>
internal sealed record FilterView
{
    public required string Family { get; init; }
    public required string Rule { get; init; }
    public required IReadOnlyList<string> Actions { get; init; }
    public required string Origin { get; init; }
    public required string? RedirectVrf { get; init; }
    public required bool Installed { get; init; }
    public required ulong Packets { get; init; }
    public required ulong Bytes { get; init; }
    public required ulong Dropped { get; init; }
}

/// <summary>The forwarder's part of the management API: flow specifications of VRFs as packets meet them, with what they did (SIG-20).</summary>
internal sealed class FilterApi(ForwarderService forwarder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Maps the resources.</summary>
    public void Map(WebApplication program) => program.MapGet("/v1/vrfs/{name}/flow-spec", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        var name = (string)context.Request.RouteValues["name"]!;
        if (!forwarder.TryRead(running => running.SlowPath.InvokeAsync(() => Read(running.Tables, name)), out Task<List<FilterView>?>? reading) || reading is null)
        {
            throw Problem.NotFound("This process is no forwarder, or it does not run; a gateway tells its rules at …/routes?family=vpn-ipv4-flowspec.");
        }

        List<FilterView>? filters;
        try
        {
            filters = await reading.WaitAsync(Patience, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            throw new Problem(503, "Not ready", "The forwarder does not answer.");
        }

        await context.Response.WriteAsJsonAsync(
            new { vrf = name, rules = filters ?? throw Problem.NotFound($"There is no VRF '{name}'.") }, ManagementApi.Json);
    }

    // Thread that writes the datapath.
    private static List<FilterView>? Read(ForwardingTables tables, string name)
    {
        if (tables.FindVrf(name) is not { } vrf)
        {
            return null;
        }

        var views = new List<FilterView>();
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.Ipv4, AddressFamily.Ipv6])
        {
            Dictionary<string, FilterReading> readings = tables.Datapath.ReadFilters(vrf, family).ToDictionary(static reading => reading.Rule.Name);
            foreach (InstalledFilter filter in tables.Filters.Read(vrf, family))
            {
                FilterReading reading = filter.IsInstalled ? readings.GetValueOrDefault(filter.Filter.Name) : default;
                views.Add(new()
                {
                    Family = family == AddressFamily.Ipv6 ? "ipv6" : "ipv4",
                    Rule = filter.Filter.Name,
                    Actions = [.. filter.Filter.Actions.Select(static action => action.ToString())],
                    Origin = filter.Origin == FilterOrigin.Configured ? "configuration" : "signaled",
                    RedirectVrf = filter.Filter.RedirectVrf,
                    Installed = filter.IsInstalled,
                    Packets = reading.Count.Packets,
                    Bytes = reading.Count.Bytes,
                    Dropped = reading.Count.Dropped,
                });
            }
        }

        return views;
    }
}
