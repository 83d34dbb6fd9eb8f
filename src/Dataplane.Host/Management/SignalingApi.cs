using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Signaling;
using Dataplane.Xmpp;
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
        _ = program.MapGet("/v1/xmpp/sessions", context => ReadAsync(context, static (signaling, _) =>
            new { sessions = signaling.Gateway.Clients.Select(SignalingSessionView.Of).OrderBy(static view => view.Client, StringComparer.Ordinal).ToList() }));
        _ = program.MapGet("/v1/xmpp/subscriptions", context => ReadAsync(context, static (signaling, client) =>
            new { subscriptions = signaling.Gateway.SubscriptionsOf(client).Select(SignalingSubscriptionView.Of).ToList() }, "client"));
        _ = program.MapGet("/v1/xmpp/publications", context => ReadAsync(context, static (signaling, client) =>
            new { publications = signaling.Gateway.PublicationsOf(client).Select(SignalingPublicationView.Of).ToList() }, "client"));
        _ = program.MapGet("/v1/xmpp/end-systems", context => ReadAsync(context, static (signaling, _) => new
        {
            endSystems = signaling.Gateway.Provisioning.Grants.Select(grant => EndSystemView.Of(grant, signaling.IsManaged(grant))).ToList(),
        }));
        _ = program.MapPut("/v1/xmpp/end-systems/{name}", ProvisionAsync);
        _ = program.MapDelete("/v1/xmpp/end-systems/{name}", UnprovisionAsync);
    }

    private static SignalingRuntime SignalingOf(GatewayAccess access) =>
        access.Signaling ?? throw Problem.NotFound("The gateway has no 'xmpp' in its configuration.");

    private async Task ReadAsync<T>(HttpContext context, Func<SignalingRuntime, Jid?, T> read, params string[] parameters)
    {
        var query = new RequestQuery(context, parameters);
        Jid? client = query.Text("client") is not { } text ? null
            : Jid.TryParse(text, out Jid jid) ? jid : throw Problem.BadRequest($"'client': '{text}' is no address of an end-system.");
        GatewayAccess access = gateway();
        await context.Response.WriteAsJsonAsync(await access.Loop.InvokeAsync(() => read(SignalingOf(access), client)), ManagementApi.Json);
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
