using Dataplane.Host.Management;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.EndSystem.Interfaces;
using Dataplane.Xmpp.ExternalForwarder;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.EndSystem;

/// <summary>
/// The agent's part of the management API, for libvirt hooks, CNI plugins and shells: virtual interfaces are attached, changed, detached and listed.
/// README.md of the management API describes it.
/// </summary>
internal sealed class AgentApi(EndSystemService service, ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger("agent");

    private EndSystemRuntime Runtime => service.Runtime ?? throw new Problem(503, "Not ready", "The agent does not run.");

    /// <summary>Maps the resources.</summary>
    public void Map(WebApplication program)
    {
        program.MapGet("/v1/agent", context => AnswerAsync(context, static runtime => new
        {
            servers = runtime.Client.Servers.Select(server => ServerView.Of(runtime.Client, server)).ToList(),
            attachments = runtime.Agent?.Table.All.Count ?? 0,
            vpns = runtime.Client.Routes.Vpns.Order(StringComparer.Ordinal).ToList(),
            routes = runtime.Client.Routes.Count,
            swept = runtime.Client.Routes.Swept,
            repairs = runtime.Interfaces?.RepairCount ?? 0,
            hosts = runtime.Hosts?.Hosts.Select(host => ViewOf(runtime, host)).ToList() ?? [],
        }));
        program.MapGet("/v1/agent/attachments", context => AnswerAsync(context, static runtime => new
        {
            attachments = AgentOf(runtime).Table.All.OrderBy(static attachment => attachment.Id, StringComparer.Ordinal)
                .Select(attachment => AttachmentView.Of(runtime, attachment)).ToList(),
        }));
        program.MapGet("/v1/agent/attachments/{id}", context => AnswerAsync(context, runtime => AttachmentView.Of(runtime, Find(runtime, Id(context)))));
        program.MapPut("/v1/agent/attachments/{id}", AttachAsync);
        program.MapDelete("/v1/agent/attachments/{id}", DetachAsync);
        program.MapGet("/v1/agent/vpns/{name}/routes", RoutesAsync);
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static EndSystemAgent AgentOf(EndSystemRuntime runtime) => runtime.Agent ?? throw Problem.NotFound("This process is no agent: the configuration's 'roles' lack it.");

    private static Attachment Find(EndSystemRuntime runtime, string id) =>
        AgentOf(runtime).Table.Find(id) ?? throw Problem.NotFound($"There is no interface '{id}'.");

    private static Task WriteAsync<T>(HttpContext context, T answer) => context.Response.WriteAsJsonAsync(answer, ManagementApi.Json);

    private static HostView ViewOf(EndSystemRuntime runtime, TaggedHost host) => new(
        host.SystemId, host.Channel is not null,
        [.. host.Interfaces.OrderBy(static bound => bound.Vlan).Select(bound =>
        {
            BoundInterface described = host.Describe(bound);
            return new HostInterfaceView(bound.Vpn, bound.Vlan, runtime.Interfaces?.LabelOf(described.Key)?.Value,
                [.. described.Addresses.Select(static address => address.Prefix.ToString())]);
        })]);

    private async Task AnswerAsync<T>(HttpContext context, Func<EndSystemRuntime, T> read)
    {
        _ = new RequestQuery(context);
        EndSystemRuntime runtime = Runtime;
        await WriteAsync(context, await runtime.Loop.InvokeAsync(() => read(runtime)));
    }

    private async Task AttachAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        AttachmentRequest request = AttachmentBody.Read(Id(context), body.GetBuffer().AsMemory(0, (int)body.Length));
        EndSystemRuntime runtime = Runtime;
        var answer = new TaskCompletionSource<AttachmentView>(TaskCreationOptions.RunContinuationsAsynchronously);
        await runtime.Loop.InvokeAsync(() => AgentOf(runtime).Attach(request, (attached, problem) =>
        {
            if (problem is not null)
                answer.SetException(problem.IsConflict ? Problem.Conflict(problem.ToString()) : Problem.BadRequest(problem.ToString()));
            else
                answer.SetResult(AttachmentView.Of(runtime, attached!));
        }));
        AttachmentView view = await answer.Task.WaitAsync(context.RequestAborted);
        _log.LogInformation("attached {Interface} to {Vpn} on {Port}{Vlan}: {Addresses}, version {Version}", view.Id, view.Vpn, view.Port ?? "an external forwarder",
            view.Vlan is { } vlan ? $", VLAN {vlan}" : "", view.Addresses.Count == 0 ? "no addresses" : string.Join(", ", view.Addresses.Select(static address => address.Prefix)), view.Version);
        await WriteAsync(context, view);
    }

    private async Task DetachAsync(HttpContext context)
    {
        var query = new RequestQuery(context, "moved");
        bool isMoved = query.Text("moved") switch
        {
            null or "false" => false,
            "true" => true,
            { } other => throw Problem.BadRequest($"'moved': '{other}' is neither true nor false."),
        };
        EndSystemRuntime runtime = Runtime;
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AttachmentView view = await runtime.Loop.InvokeAsync(() =>
        {
            AttachmentView before = AttachmentView.Of(runtime, Find(runtime, Id(context)));
            _ = runtime.Agent!.Detach(before.Id, isMoved, kept.SetResult);
            return before;
        });
        await kept.Task.WaitAsync(context.RequestAborted);
        _log.LogInformation("detached {Interface} from {Vpn}{Moved}", view.Id, view.Vpn, isMoved ? ", its workload goes on elsewhere" : "");
        await WriteAsync(context, view);
    }

    private Task RoutesAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        return AnswerAsync(context, runtime => runtime.Client.Routes.Vpns.Contains(name)
            ? new
            {
                vpn = name,
                routes = runtime.Client.Routes.RoutesOf(name).OrderBy(static route => route.Prefix.ToString(), StringComparer.Ordinal)
                .Select(route => HostRouteView.Of(runtime, route)).ToList()
            }
            : throw Problem.NotFound($"There is no VPN '{name}' here: nothing is attached to it."));
    }
}
