using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Signaling;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Management;

/// <summary>The part of the management API about end-systems: sessions, subscriptions, publications, and provisioning (SIG-11, MGT-08).</summary>
internal sealed class SignalingApi(Func<GatewayAccess> gateway, ILogger log)
{
    /// <summary>Maps the resources.</summary>
    public void Map(WebApplication program)
    {
        _ = program.MapGet("/v1/xmpp/sessions", SessionsAsync);
        _ = program.MapGet("/v1/xmpp/subscriptions", SubscriptionsAsync);
        _ = program.MapGet("/v1/xmpp/publications", PublicationsAsync);
        _ = program.MapGet("/v1/xmpp/end-systems", EndSystemsAsync);
        _ = program.MapPut("/v1/xmpp/end-systems/{name}", ProvisionAsync);
        _ = program.MapDelete("/v1/xmpp/end-systems/{name}", UnprovisionAsync);
    }

    private static SignalingRuntime SignalingOf(GatewayAccess access) =>
        access.Signaling ?? throw Problem.NotFound("The gateway has no 'xmpp' in its configuration.");

    private async Task SessionsAsync(HttpContext context)
    {
        var listing = new SignalingListing<PublisherId, SignalingSessionView>(gateway(), context)
        {
            ItemsOf = static (_, client) => [client],
            NumberOf = static _ => 0,
            ViewOf = static (signaling, client) => signaling.ClientOf(client) is { } view ? SignalingSessionView.Of(view) : null,
        };
        (IReadOnlyList<SignalingSessionView> sessions, string? cursor) = await listing.RunAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new { sessions, cursor }, ManagementApi.Json);
    }

    private async Task SubscriptionsAsync(HttpContext context)
    {
        var listing = new SignalingListing<SubscriptionHandle, SignalingSubscriptionView>(gateway(), context, "client")
        {
            ItemsOf = static (signaling, client) => signaling.SubscriptionsOf(client),
            NumberOf = static handle => handle.Number,
            ViewOf = static (signaling, handle) => signaling.ViewOf(handle) is { } view ? SignalingSubscriptionView.Of(view) : null,
        };
        (IReadOnlyList<SignalingSubscriptionView> subscriptions, string? cursor) = await listing.RunAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new { subscriptions, cursor }, ManagementApi.Json);
    }

    private async Task PublicationsAsync(HttpContext context)
    {
        var listing = new SignalingListing<PublicationHandle, SignalingPublicationView>(gateway(), context, "client")
        {
            ItemsOf = static (signaling, client) => signaling.PublicationsOf(client),
            NumberOf = static handle => handle.Number,
            ViewOf = static (signaling, handle) => signaling.ViewOf(handle) is { } view ? SignalingPublicationView.Of(view) : null,
        };
        (IReadOnlyList<SignalingPublicationView> publications, string? cursor) = await listing.RunAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new { publications, cursor }, ManagementApi.Json);
    }

    // What is provisioned never changes, another one takes its place: only it and the names of what is management's are fetched from the routing thread.
    private async Task EndSystemsAsync(HttpContext context)
    {
        var query = new RequestQuery(context, "limit", "cursor");
        (int limit, int first) = (query.Limit(), query.Cursor());
        GatewayAccess access = gateway();
        (IReadOnlyList<EndSystemGrant> grants, HashSet<string> managed) = await access.Loop.InvokeAsync(() =>
            (SignalingOf(access).Gateway.Provisioning.Grants, SignalingOf(access).ManagedNames.ToHashSet(StringComparer.Ordinal)));
        await context.Response.WriteAsJsonAsync(
            new
            {
                endSystems = grants.Skip(first).Take(limit).Select(grant => EndSystemView.Of(grant, managed.Contains(grant.Pattern))).ToList(),
                cursor = first + limit < grants.Count ? $"{first + limit}" : null,
            },
            ManagementApi.Json);
    }

    private async Task ProvisionAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        var name = (string)context.Request.RouteValues["name"]!;
        JsonObject entry;
        try
        {
            entry = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject
                ?? throw Problem.BadRequest("An entry is an object with the keys of 'end-systems' in the configuration.");
        }
        catch (JsonException problem)
        {
            throw Problem.BadRequest($"The body is not JSON: {problem.Message}");
        }

        if (entry["name"] is { } named && named.ToString() != name)
        {
            throw Problem.BadRequest($"The entry is named '{named}', not '{name}'.");
        }

        entry["name"] = name;
        if (ManagedEndSystems.Read(entry, out IReadOnlyList<Configuration.ConfigurationDiagnostic> findings) is not { } grant)
        {
            throw Problem.BadRequest(string.Join(" ", findings.Select(static finding => finding.Message + ".")));
        }

        GatewayAccess access = gateway();
        EndSystemView view = await access.Loop.InvokeAsync(() => Keeping(() =>
        {
            SignalingOf(access).Provision(grant, entry);
            return EndSystemView.Of(grant, isManaged: true);
        }));
        log.LogInformation("operator: end-system {Name} provisioned", name);
        await context.Response.WriteAsJsonAsync(view, ManagementApi.Json);
    }

    private async Task UnprovisionAsync(HttpContext context)
    {
        _ = new RequestQuery(context);
        var name = (string)context.Request.RouteValues["name"]!;
        GatewayAccess access = gateway();
        if (!await access.Loop.InvokeAsync(() => Keeping(() => SignalingOf(access).Unprovision(name))))
        {
            throw Problem.NotFound($"Management has provisioned nothing for '{name}'.");
        }

        log.LogInformation("operator: end-system {Name} not provisioned by management any more", name);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static T Keeping<T>(Func<T> change)
    {
        try
        {
            return change();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new Problem(500, "Cannot be kept", $"The state directory does not take it: {problem.Message}");
        }
    }
}
