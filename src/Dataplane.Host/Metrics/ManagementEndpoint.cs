using Dataplane.Host.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dataplane.Host.Metrics;

/// <summary>
/// The HTTP endpoint: <c>/metrics</c>, <c>/healthz</c> (is everything alive) and <c>/readyz</c> (are packets forwarded).
/// It only reads, has no authentication, and listens on a loopback address unless the configuration allows more.
/// </summary>
internal static class ManagementEndpoint
{
    private const int MostConnections = 64;

    /// <summary>Registers what it needs.</summary>
    public static void AddTo(WebApplicationBuilder builder, MetricsConfiguration configuration)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = MostConnections;
            server.Limits.MaxRequestBodySize = 0;
            server.Listen(configuration.Listen.Address.ToSystem(), configuration.Listen.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ForwarderMetrics>();
        builder.Services.AddSingleton<ForwarderHealth>();
    }

    /// <summary>Maps the pages.</summary>
    public static void Map(WebApplication program)
    {
        var metrics = program.Services.GetRequiredService<ForwarderMetrics>();
        var health = program.Services.GetRequiredService<ForwarderHealth>();
        program.MapGet("/metrics", context =>
        {
            context.Response.ContentType = PrometheusText.ContentType;
            return context.Response.WriteAsync(metrics.Collect());
        });
        program.MapGet("/healthz", async context => await AnswerAsync(context, await health.WhyNotHealthyAsync()));
        program.MapGet("/readyz", context => AnswerAsync(context, health.WhyNotReady()));
    }

    private static Task AnswerAsync(HttpContext context, string? problem)
    {
        context.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync((problem ?? "ok") + "\n");
    }
}
