using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Gateway;
using Dataplane.Host.Policies;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane policy</c>.</summary>
internal static class PolicyCommand
{
    /// <summary>What <c>--help</c> of <c>policy test</c> adds.</summary>
    public const string TestDetails = """
        A route is its prefix and what it has, as KEY=VALUE[,VALUE]:
          rd, rt, as-path, next-hop, origin, local-pref, med, communities, extended-communities,
          large-communities, version, family; and where it comes from and goes to: source (local, ibgp,
          ebgp, xmpp), from-peer, peer, peer-as
        A file has one route a line, or is a JSON array of objects with these keys.

        Exit codes:
          0  every route is accepted
          1  at least one is rejected
          2  command line, configuration or a route is wrong; nothing was tried

        Examples:
          dataplane policy test --config gateway.yaml --policy from-wan \
              --route "198.51.100.0/24 rt=65000:1 as-path=65010,64512 source=ebgp"
          dataplane policy test --config gateway.yaml --policy to-wan --routes routes.txt --json
        """;

    private static readonly JsonSerializerOptions Plain = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Describes the command.</summary>
    /// <param name="test">Its subcommand.</param>
    public static Command Create(out Command test)
    {
        Option<string> configuration = ConfigurationArgument.Create();
        var policy = new Option<string>("--policy", "-p") { Description = "The policy.", HelpName = "NAME", Required = true };
        var routes = new Option<string[]>("--route", "-r")
        {
            Description = "A route to try; any number of times.",
            HelpName = "ROUTE",
        };
        var files = new Option<string[]>("--routes") { Description = "A file of routes; any number of times.", HelpName = "FILE" };
        var family = new Option<string?>("--family", "-f")
        {
            Description = "The family of routes that say none. Default: vpn-ipv4 or vpn-ipv6.",
            HelpName = "FAMILY",
        };
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        test = new Command("test", "Sends routes through a policy and tells what becomes of them; starts nothing.")
        {
            configuration, policy, routes, files, family, json,
        };
        test.SetAction(parsed => Test(
            new Request(
                parsed.GetRequiredValue(configuration), parsed.GetRequiredValue(policy), parsed.GetValue(routes) ?? [],
                parsed.GetValue(files) ?? [], parsed.GetValue(family), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return new Command("policy", "Tries policies.") { test };
    }

    private static int Test(Request request, TextWriter output, TextWriter errors)
    {
        if (ConfigurationArgument.Load(request.File, ConfigurationPurpose.Replay, errors) is not { } configuration)
            return ExitCode.Usage;
        PolicySet policies = PolicyReader.Read(configuration);
        if (policies.Find(request.Policy) is not { } policy)
        {
            IEnumerable<string> names = policies.Policies.Select(static known => known.Name);
            string advice = Spelling.Nearest(request.Policy, names) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", names)}";
            errors.WriteLine($"dataplane: error: {request.File} has no policy '{request.Policy}'; {advice}");
            return ExitCode.Usage;
        }
        List<TestRoute> routes = [];
        try
        {
            TestRouteDefaults defaults = Defaults(configuration, request.Family);
            routes.AddRange(request.Routes.Select(text => TestRouteReader.ReadText(text, defaults)));
            routes.AddRange(request.Files.SelectMany(file => TestRouteReader.ReadFile(file, File.ReadAllText(file), defaults)));
        }
        catch (Exception problem) when (problem is TestRouteException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(problem.Message.Contains(": error: ", StringComparison.Ordinal) ? problem.Message : $"dataplane: error: {problem.Message}");
            return ExitCode.Usage;
        }
        if (routes.Count == 0)
        {
            errors.WriteLine("dataplane: error: there is no route to try; give one with --route or some with --routes");
            return ExitCode.Usage;
        }
        PolicyTrial[] trials = [.. routes.Select(route => PolicyTrial.Run(policies, policy, route))];
        if (request.Json)
            output.WriteLine(new JsonArray([.. trials.Select(ToJson)]).ToJsonString(Plain));
        else
            Array.ForEach(trials, trial => trial.Write(output));
        return trials.All(static trial => trial.IsAccepted) ? ExitCode.Success : ExitCode.Failure;
    }

    private static TestRouteDefaults Defaults(DataplaneConfiguration configuration, string? family)
    {
        RouteFamily? given = family is null ? null
            : RouteFamilies.TryParse(family, out RouteFamily known) ? known
            : throw new TestRouteException($"there is no family '{family}'; there are {string.Join(", ", RouteFamilies.All.Take(4).Select(static one => one.Name))}");
        InfrastructureConfiguration own = configuration.Infrastructure;
        IpAddress local = own.Address is { } v4 ? v4 : own.Address6 is { } v6 ? v6 : configuration.Bgp?.RouterId ?? default;
        return new TestRouteDefaults(given, configuration.Bgp?.As ?? default, local, configuration.Bgp?.VersionCommunity ?? VersionCommunity.MacMobility);
    }

    private static JsonNode ToJson(PolicyTrial trial) => new JsonObject
    {
        ["family"] = trial.Route.Family.Name,
        ["rd"] = trial.Route.Family.HasRouteDistinguisher ? trial.Route.Nlri.Distinguisher.ToString() : null,
        ["prefix"] = trial.Route.Nlri.Prefix(trial.Route.Family).ToString(),
        ["accepted"] = trial.IsAccepted,
        ["policy"] = trial.Policy,
        ["term"] = trial.Term,
        ["next-hop"] = trial.NextHop.ToString().ToLowerInvariant(),
        ["changes"] = new JsonArray([.. trial.Changes.Select(static change => (JsonNode)new JsonObject
        {
            ["attribute"] = change.Name, ["before"] = change.Before, ["after"] = change.After,
        })]),
    };

    private sealed record Request(string File, string Policy, string[] Routes, string[] Files, string? Family, bool Json);
}
