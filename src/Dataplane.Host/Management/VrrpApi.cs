using Dataplane.Host.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>Elections in the management API: README.md beside this file describes it.</summary>
internal sealed class VrrpApi(ForwarderService forwarder)
{
    /// <summary>Maps the resource.</summary>
    public void Map(WebApplication program) => program.MapGet("/v1/vrrp", context =>
    {
        _ = new RequestQuery(context);
        return forwarder.TryRead(
            static running => running.SlowPath.Service.Processor.Elections.All.Select(election => VrrpView.Of(running.Configuration, election)).ToList(),
            out List<VrrpView>? elections)
            ? context.Response.WriteAsJsonAsync(new { elections }, ManagementApi.Json)
            : throw new Problem(503, "Not ready", "The forwarder does not run.");
    });
}
