using System.Text.Json;
using System.Text.Json.Serialization;
using Dataplane.Bgp.Speaker;
using Dataplane.Net;
using Dataplane.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Management;

/// <summary>The management API, version 1: README.md beside this file describes it. No request ends the program.</summary>
internal sealed class ManagementApi(Func<GatewayAccess?> gateway, BgpTrace trace, ILogger log)
{
    /// <summary>How answers are written: camel case, what is not there left out.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private GatewayAccess Gateway => gateway() ?? throw new Problem(503, "Not ready", "The gateway does not run.");

    /// <summary>Maps the resources.</summary>
    public void Map(WebApplication program)
    {
        program.Use(GuardAsync);
        Get(program, "/v1/bgp/summary", SummaryAsync);
        Get(program, "/v1/bgp/neighbors", NeighborsAsync);
        Get(program, "/v1/bgp/neighbors/{address}", NeighborAsync);
        Get(program, "/v1/bgp/rt-constraint", async context =>
        {
            _ = new RequestQuery(context);
            await WriteAsync(context, await RouteTargetConstraintView.ReadAsync(Gateway, context.RequestAborted));
        });
        Get(program, "/v1/bgp/bmp", context => PlainAsync(context, static access => new { stations = BmpStationView.Of(access) }));
        Get(program, "/v1/bgp/routes/{family}", RoutesAsync);
        Get(program, "/v1/bgp/routes/{family}/{**rest}", ExplainAsync);
        Get(program, "/v1/policies", context => PlainAsync(context, static access => new { policies = PolicyView.Of(access) }));
        Get(program, "/v1/vrfs", VrfsAsync);
        Get(program, "/v1/vrfs/{name}", VrfAsync);
        Get(program, "/v1/vrfs/{name}/routes", async context =>
            await WriteAsync(context, await new VrfRouteQuery(Gateway, Word(context, "name"), context).RunAsync(context.RequestAborted)));
        program.MapGet("/v1/bgp/neighbors/{address}/trace", TraceAsync);
        program.MapPost("/v1/bgp/neighbors/{address}/{operation}", OperateAsync);
        program.MapPost("/v1/bgp/neighbors/{address}/trace/{state}", SetTraceAsync);
        new SignalingApi(() => Gateway, log).Map(program);
        program.MapFallback(context => throw Problem.NotFound($"There is no {context.Request.Method} {context.Request.Path}."));
    }

    private static void Get(WebApplication program, string pattern, RequestDelegate answer) => program.MapGet(pattern, answer);

    private static string Word(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static Task WriteAsync<T>(HttpContext context, T answer) => context.Response.WriteAsJsonAsync(answer, Json);

    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        Problem problem;
        try
        {
            await next(context);
            if (context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed || context.Response.HasStarted)
            {
                return;
            }

            problem = new(405, "Method not allowed", $"{context.Request.Method} is no method of {context.Request.Path}.");
        }
        catch (Problem told)
        {
            problem = told;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException bad)
        {
            problem = new(bad.StatusCode, "Bad request", bad.Message);
        }
        catch (OperationCanceledException)
        {
            problem = new(503, "Not ready", "The gateway stops.");
        }
        catch (Exception defect)
        {
            log.LogError(defect, "a defect while answering {Method} {Path}", context.Request.Method, context.Request.Path);
            problem = new(500, "Internal error", "A defect of the program; the log has more.");
        }

        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = problem.Status;
            await context.Response.WriteAsJsonAsync(
                new { type = "about:blank", title = problem.Title, status = problem.Status, detail = problem.Message }, Json, "application/problem+json");
        }
    }

    private async Task PlainAsync<T>(HttpContext context, Func<GatewayAccess, T> read)
    {
        _ = new RequestQuery(context);
        GatewayAccess access = Gateway;
        await WriteAsync(context, await access.Loop.InvokeAsync(() => read(access)));
    }

    private async Task SummaryAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        GatewayAccess access = Gateway;
        List<PeerSnapshot> peers = await LoopSlices.ReadPeersAsync(access, context.RequestAborted);
        await WriteAsync(context, await access.Loop.InvokeAsync(() => SummaryView.Of(access)) with
        {
            Neighbors = [.. peers.Select(peer => NeighborSummaryView.Of(peer, access.Loop.Time.GetUtcNow()))],
        });
    }

    private async Task NeighborsAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        List<PeerSnapshot> peers = await LoopSlices.ReadPeersAsync(Gateway, context.RequestAborted);
        await WriteAsync(context, new { neighbors = peers.ConvertAll(NeighborView.Of) });
    }

    private Task NeighborAsync(HttpContext context)
    {
        IpAddress address = RequestQuery.AddressOf(Word(context, "address"));
        return PlainAsync(context, access => NeighborView.Of(PeerOf(access, address)));
    }

    private async Task RoutesAsync(HttpContext context)
    {
        RouteFamily family = RequestQuery.FamilyOf(Word(context, "family"));
        await WriteAsync(context, await new RouteQuery(Gateway, family, context).RunAsync(context.RequestAborted));
    }

    private Task ExplainAsync(HttpContext context)
    {
        const string Suffix = "/explain";
        RouteFamily family = RequestQuery.FamilyOf(Word(context, "family"));
        var rest = Uri.UnescapeDataString(Word(context, "rest"));
        return rest.EndsWith(Suffix, StringComparison.Ordinal)
            ? PlainAsync(context, access => Explanation.Of(access, family, rest[..^Suffix.Length]))
            : throw Problem.NotFound($"There is no GET {context.Request.Path}; a route is explained at …/routes/{family.Name}/NLRI{Suffix}.");
    }

    private async Task VrfsAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        await WriteAsync(context, new { vrfs = await LoopSlices.ReadVrfsAsync(Gateway, context.RequestAborted) });
    }

    private Task VrfAsync(HttpContext context)
    {
        var name = Word(context, "name");
        return PlainAsync(context, access => access.Routes.Vrfs is { } vrfs && vrfs.TryFind(name, out VrfIndex index)
            ? VrfView.Of(vrfs, vrfs[index])
            : throw Problem.NotFound($"There is no VRF '{name}'."));
    }

    private async Task OperateAsync(HttpContext context)
    {
        GatewayAccess access = Gateway;
        IpAddress address = RequestQuery.AddressOf(Word(context, "address"));
        var operation = Word(context, "operation");
        RequestQuery query = operation == "refresh" ? new(context, "family", "direction") : new(context, "text");
        var text = query.Text("text");
        if (text is not null && System.Text.Encoding.UTF8.GetByteCount(text) > byte.MaxValue)
        {
            throw Problem.BadRequest("'text' is longer than 255 octets (RFC 9003).");
        }

        Action action = operation switch
        {
            "enable" => () => access.Speaker.Enable(address),
            "disable" => () => access.Speaker.Disable(address, text),
            "reset" => () => access.Speaker.Reset(address, text),
            "refresh" => Refresh(access, address, query),
            _ => throw Problem.NotFound($"'{operation}' is no operation; there are enable, disable, reset, refresh, trace/on and trace/off."),
        };
        NeighborView after = await access.Loop.InvokeAsync(() =>
        {
            _ = PeerOf(access, address);
            action();
            return NeighborView.Of(PeerOf(access, address));
        });
        log.LogInformation("operator: {Operation} {Peer}{Text}", operation, address, text is null ? "" : $" \"{text}\"");
        await WriteAsync(context, after);
    }

    private static Action Refresh(GatewayAccess access, IpAddress address, RequestQuery query)
    {
        var direction = query.Text("direction") ?? "in";
        if (direction is not ("in" or "out"))
        {
            throw Problem.BadRequest($"'direction': '{direction}' is neither in nor out.");
        }

        RouteFamily? only = query.Text("family") is { } name ? RequestQuery.FamilyOf(name) : null;
        return () =>
        {
            var any = false;
            foreach (PeerFamilySnapshot family in PeerOf(access, address).Families.Where(family => family.IsUp && (only is null || family.Family == only)))
            {
                any |= direction == "in" ? access.Speaker.RefreshIn(address, family.Family) : access.Speaker.RefreshOut(address, family.Family);
            }

            if (!any)
            {
                throw Problem.Conflict($"{address} cannot be refreshed: its session is not established, or lacks the family or route refresh.");
            }
        };
    }

    private async Task SetTraceAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        GatewayAccess access = Gateway;
        IpAddress address = RequestQuery.AddressOf(Word(context, "address"));
        var state = Word(context, "state");
        if (state is not ("on" or "off"))
        {
            throw Problem.NotFound($"'{state}' is neither on nor off.");
        }

        await access.Loop.InvokeAsync(() =>
        {
            _ = PeerOf(access, address);
            trace.SetLogged(address, state == "on");
        });
        await WriteAsync(context, new { address = address.ToString(), trace = state });
    }

    private async Task TraceAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        GatewayAccess access = Gateway;
        IpAddress address = RequestQuery.AddressOf(Word(context, "address"));
        using BgpTrace.Subscription subscription = await access.Loop.InvokeAsync(() =>
        {
            _ = PeerOf(access, address);
            return trace.Subscribe(access.Loop, address);
        });
        context.Response.ContentType = "application/x-ndjson";
        // At once, and not with the first message: who asked knows then that it misses nothing from here on.
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (TraceEvent seen in subscription.Events.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(JsonSerializer.Serialize(TraceEventView.Of(seen), Json) + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static PeerSnapshot PeerOf(GatewayAccess access, IpAddress address) =>
        access.Speaker.Snapshot(address) ?? throw Problem.NotFound($"There is no neighbor {address}.");
}
