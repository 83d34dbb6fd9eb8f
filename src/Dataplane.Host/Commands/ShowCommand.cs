using System.CommandLine;
using System.Text.Json;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Management.Show;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane show</c> and <c>dataplane clear</c>: a running gateway asked over its management API.</summary>
internal static class ShowCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Examples:
          dataplane show bgp summary
          dataplane show bgp routes vpn-ipv4 --rt 65000:1 --limit 20
          dataplane show bgp route vpn-ipv4 65000:1:10.1.0.0/24    why which path won
          dataplane show bgp trace 10.0.0.1                        messages as they come; Ctrl-C ends it
          dataplane show vrf blue                                  prefix, next hop, label, known via
          dataplane show vrf blue flow-spec                        rules in the forwarder, in their order, and what they did
          dataplane show xmpp sessions                             end-systems: sessions, subscriptions, publications
          dataplane show vrrp                                      who serves which access port, and how the elections went
          dataplane show xmpp publications --client 02aa10c0ffee@dc1.example.net

        --json prints the answer of the management API as it came.
        """;

    /// <summary>What <c>clear --help</c> adds.</summary>
    public const string ClearDetails = """
        Examples:
          dataplane clear bgp 10.0.0.1 reset --text "new card"
          dataplane clear bgp 10.0.0.1 disable --text "maintenance"
          dataplane clear bgp 10.0.0.1 refresh --direction in
        """;

    private const string FlowSpec = "flow-spec";

    private static readonly string[] RouteFilters = ["vrf", "rd", "rt", "prefix", "neighbor", "limit", "cursor"];
    private static readonly string[] Pages = ["limit", "cursor"];
    private static readonly string[] VrfFilters = ["family", "prefix", "limit", "cursor"];

    /// <summary>Describes <c>show</c>.</summary>
    public static Command Create()
    {
        var bgp = new Command("bgp", "Neighbors and routes of the BGP speaker.")
        {
            Simple("summary", "Every neighbor in a line.", "/v1/bgp/summary", Rendering.Summary),
            Neighbors(), Routes(), Route(),
            Simple("rt-constraint", "Who wants which route targets.", "/v1/bgp/rt-constraint", Rendering.Memberships),
            Simple("policies", "Policies and how often each of their terms applied.", "/v1/policies", Rendering.Policies),
            Trace(),
        };
        var xmpp = new Command("xmpp", "End-systems of the XMPP server.")
        {
            EndSystems("sessions", "Every end-system in a line.", SignalingRendering.Sessions, Pages),
            EndSystems("subscriptions", "Who is subscribed to which VPN.", SignalingRendering.Subscriptions, ["client", .. Pages]),
            EndSystems("publications", "Who published what.", SignalingRendering.Publications, ["client", .. Pages]),
            EndSystems("end-systems", "What is provisioned.", SignalingRendering.EndSystems, Pages),
        };
        return new Command("show", "Shows what a running gateway knows.")
        {
            bgp, Vrf(), xmpp,
            Simple("vrrp", "Elections of the forwarder that serves an access port.", "/v1/vrrp", VrrpRendering.Elections),
        };
    }

    /// <summary>Describes <c>clear</c>.</summary>
    public static Command CreateClear()
    {
        Argument<string> address = new("address") { Description = "The neighbor." };
        Argument<string> operation = new("operation") { Description = "enable, disable, reset or refresh.", DefaultValueFactory = static _ => "reset" };
        Option<string?> text = new("--text") { Description = "What the neighbor's operator is told (RFC 9003)." };
        Option<string?> direction = new("--direction") { Description = "Of a refresh: in or out." };
        Option<string?> family = new("--family") { Description = "Of a refresh: only this family." };
        var bgp = new Command("bgp", "Acts on the session with a neighbor.") { address, operation, text, direction, family };
        AddCommon(bgp, out Option<string> socket, out Option<bool> json);
        bgp.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, async (client, stop) =>
        {
            var query = Query(("text", parsed.GetValue(text)), ("direction", parsed.GetValue(direction)), ("family", parsed.GetValue(family)));
            return await client.PostAsync($"/v1/bgp/neighbors/{Escape(parsed.GetRequiredValue(address))}/{Escape(parsed.GetRequiredValue(operation))}{query}", stop);
        }, Rendering.Neighbors, cancellation));
        return new Command("clear", "Enables, disables, resets or refreshes sessions of a running gateway.") { bgp };
    }

    private static Command Simple(string name, string description, string path, Func<JsonElement, string> render)
    {
        var command = new Command(name, description);
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) =>
            ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) => client.GetAsync(path, stop), render, cancellation));
        return command;
    }

    private static Command Neighbors()
    {
        Argument<string?> address = new("address") { Description = "Only this one.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("neighbors", "Everything about the neighbors, or one of them.") { address };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) => client.GetAsync(
            parsed.GetValue(address) is { } one ? $"/v1/bgp/neighbors/{Escape(one)}" : "/v1/bgp/neighbors", stop), Rendering.Neighbors, cancellation));
        return command;
    }

    private static Command Routes()
    {
        Argument<string> family = new("family") { Description = "vpn-ipv4, ipv6-unicast, …" };
        var command = new Command("routes", "The routes of a family.") { family };
        List<Option<string?>> filters = AddFilters(command, RouteFilters);
        Option<bool> advertised = new("--advertised") { Description = "What --neighbor was sent." };
        Option<bool> received = new("--received") { Description = "As received, before policy." };
        command.Options.Add(advertised);
        command.Options.Add(received);
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) =>
        {
            (string, string?)[] values =
            [
                .. filters.Select(filter => (filter.Name.TrimStart('-'), parsed.GetValue(filter))),
                ("advertised", parsed.GetValue(advertised) ? "true" : null), ("received", parsed.GetValue(received) ? "true" : null),
            ];
            return client.GetAsync($"/v1/bgp/routes/{Escape(parsed.GetRequiredValue(family))}{Query(values)}", stop);
        }, Rendering.Routes, cancellation));
        return command;
    }

    private static Command Route()
    {
        Argument<string> family = new("family") { Description = "The family." };
        Argument<string> nlri = new("nlri") { Description = "10.0.0.0/24, 65000:1:10.0.0.0/24, …" };
        var command = new Command("route", "One route, with the decision explained.") { family, nlri };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) => client.GetAsync(
            $"/v1/bgp/routes/{Escape(parsed.GetRequiredValue(family))}/{Escape(parsed.GetRequiredValue(nlri))}/explain", stop), Rendering.Explained, cancellation));
        return command;
    }

    private static Command EndSystems(string name, string description, Func<JsonElement, string> render, string[] names)
    {
        var command = new Command(name, description);
        List<Option<string?>> filters = AddFilters(command, names);
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) =>
            client.GetAsync($"/v1/xmpp/{name}{Query([.. filters.Select(filter => (filter.Name.TrimStart('-'), parsed.GetValue(filter)))])}", stop), render, cancellation));
        return command;
    }

    private static Command Vrf()
    {
        Argument<string?> name = new("name") { Description = "The routes of this one.", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> what = new("what") { Description = "Its routes, or its flow specifications in the forwarder.", Arity = ArgumentArity.ZeroOrOne };
        _ = what.AcceptOnlyFromAmong("routes", FlowSpec);
        var command = new Command("vrf", "The VRFs, or the routes or flow specifications of one.") { name, what };
        List<Option<string?>> filters = AddFilters(command, VrfFilters);
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) =>
        {
            if (parsed.GetValue(what) == FlowSpec)
                return client.GetAsync($"/v1/vrfs/{Escape(parsed.GetValue(name)!)}/{FlowSpec}", stop);
            var query = Query([.. filters.Select(filter => (filter.Name.TrimStart('-'), parsed.GetValue(filter)))]);
            return client.GetAsync(parsed.GetValue(name) is { } one ? $"/v1/vrfs/{Escape(one)}/routes{query}" : "/v1/vrfs", stop);
        }, parsed.GetValue(name) is null ? Rendering.Vrfs : parsed.GetValue(what) == FlowSpec ? FilterRendering.Rules : Rendering.VrfRoutes, cancellation));
        return command;
    }

    private static Command Trace()
    {
        Argument<string> address = new("address") { Description = "The neighbor." };
        var command = new Command("trace", "The messages of a neighbor, as they come.") { address };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var signals = new StopSignals();
            try
            {
                using var client = new ManagementClient(parsed.GetRequiredValue(socket));
                await foreach (var line in client.StreamAsync($"/v1/bgp/neighbors/{Escape(parsed.GetRequiredValue(address))}/trace", signals.Token))
                {
                    parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json) ? line : Rendering.Trace(line));
                }

                return ExitCode.Success;
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Success;
            }
            catch (Exception problem) when (problem is GatewayException or IOException or HttpRequestException)
            {
                Failure.Report(parsed.InvocationConfiguration.Error, problem);
                return ExitCode.Failure;
            }
        });
        return command;
    }

    private static void AddCommon(Command command, out Option<string> socket, out Option<bool> json)
    {
        socket = new("--socket") { Description = "The gateway's management socket.", DefaultValueFactory = static _ => ManagementConfiguration.DefaultSocket };
        json = new("--json") { Description = "The answer as it came." };
        command.Options.Add(socket);
        command.Options.Add(json);
    }

    private static List<Option<string?>> AddFilters(Command command, string[] names)
    {
        List<Option<string?>> filters = [.. names.Select(static name => new Option<string?>("--" + name) { Description = DescriptionOf(name) })];
        filters.ForEach(command.Options.Add);
        return filters;
    }

    private static string DescriptionOf(string filter) => filter switch
    {
        "client" => "Only this end-system: local@domain.",
        "limit" => "Most entries of an answer, 1 to 1000; 100 unless told.",
        "cursor" => "Where to go on: what an answer that has more told.",
        _ => $"Only this {filter}.",
    };

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new List<string>();
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null)
                text.Add($"{name}={Escape(value)}");
        }

        return text.Count == 0 ? "" : "?" + string.Join('&', text);
    }
}
