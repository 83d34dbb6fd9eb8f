using System.CommandLine;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration;
using Dataplane.Host.Management.Show;

namespace Dataplane.Host.Commands;

/// <summary><c>dataplane agent</c>: virtual interfaces of a running agent.</summary>
internal static class AgentCommand
{
    /// <summary>What <c>--help</c> adds.</summary>
    public const string Details = """
        Examples:
          dataplane agent attach vm7 --vpn blue-web --port tap0
                                                 before the workload runs: its VPN's routes come
          dataplane agent attach vm7 --vpn blue-web --port tap0 --address 198.51.100.25 --version 8
                                                 now it runs; saying it again changes what differs
          dataplane agent attach vm9 --vpn blue-web --address 198.51.100.26
                                                 behind an external forwarder: prints the VLAN to use
          dataplane agent detach vm7 --moved     its workload goes on elsewhere: packets follow
          dataplane agent list
          dataplane agent routes blue-web        prefix, forwarder or localhost, label
          dataplane agent status                 sessions with gateways

        The same over the socket, for hooks and plugins:
          curl --unix-socket /run/dataplane/management.sock -X PUT http://localhost/v1/agent/attachments/vm7 \
               -d '{"vpn":"blue-web","port":"tap0","addresses":["198.51.100.25"],"version":8}'
        """;

    /// <summary>Describes it.</summary>
    public static Command Create() => new("agent", "Attaches virtual interfaces to VPNs, and detaches them, on a running agent.")
    {
        Attach(), Detach(), List(), Routes(), Status(),
    };

    private static Command Attach()
    {
        Argument<string> id = new("id") { Description = "Name of the interface, unique on this host." };
        Option<string> vpn = new("--vpn") { Description = "The VPN it belongs to.", Required = true };
        Option<string?> port = new("--port") { Description = "Port of the forwarder that it is on." };
        Option<string?> device = new("--device") { Description = "In place of a port: the device of one that comes and goes with it, such as net_tap3,iface=tap3 or net_vhost3,iface=/run/vm3.sock." };
        Option<int?> vlan = new("--vlan") { Description = "Its VLAN." };
        Option<string?> mac = new("--mac") { Description = "Its MAC: on an access port the only source of its frames. Local ports do not look at it." };
        Option<string[]> addresses = new("--address") { Description = "An address of it; may be repeated.", AllowMultipleArgumentsPerToken = true };
        Option<uint?> version = new("--version") { Description = "Instance number of the workload, never less than before. Default: one more than known." };
        var command = new Command("attach", "Attaches an interface, or changes it.") { id, vpn, port, device, vlan, mac, addresses, version };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) =>
        {
            var body = new JsonObject { ["vpn"] = parsed.GetRequiredValue(vpn) };
            Set("port", parsed.GetValue(port));
            Set("device", parsed.GetValue(device));
            Set("vlan", parsed.GetValue(vlan));
            Set("mac", parsed.GetValue(mac));
            Set("version", parsed.GetValue(version));
            body["addresses"] = new JsonArray([.. (parsed.GetValue(addresses) ?? []).Select(static address => JsonValue.Create(address))]);
            return client.PutAsync($"/v1/agent/attachments/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", body, stop);

            void Set<T>(string name, T value)
            {
                if (value is not null)
                    body[name] = JsonValue.Create(value);
            }
        }, static answer => AgentRendering.Attachments([answer]), cancellation));
        return command;
    }

    private static Command Detach()
    {
        Argument<string> id = new("id") { Description = "The interface." };
        Option<bool> moved = new("--moved") { Description = "Its workload goes on elsewhere: packets that still come are sent after it." };
        var command = new Command("detach", "Detaches an interface: its addresses are withdrawn at once.") { id, moved };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) => client.DeleteAsync(
            $"/v1/agent/attachments/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}{(parsed.GetValue(moved) ? "?moved=true" : "")}", stop),
            static _ => "", cancellation));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "The interfaces that are attached.");
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, static (client, stop) => client.GetAsync("/v1/agent/attachments", stop),
            static answer => AgentRendering.Attachments(answer.GetProperty("attachments").EnumerateArray()), cancellation));
        return command;
    }

    private static Command Routes()
    {
        Argument<string> vpn = new("vpn") { Description = "The VPN." };
        var command = new Command("routes", "The routes of a VPN as gateways told them.") { vpn };
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, (client, stop) =>
            client.GetAsync($"/v1/agent/vpns/{Uri.EscapeDataString(parsed.GetRequiredValue(vpn))}/routes", stop), AgentRendering.Routes, cancellation));
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "The servers and what they know.");
        AddCommon(command, out Option<string> socket, out Option<bool> json);
        command.SetAction((parsed, cancellation) => ManagementQuestion.RunAsync(parsed, socket, json, static (client, stop) => client.GetAsync("/v1/agent", stop), AgentRendering.Status, cancellation));
        return command;
    }

    private static void AddCommon(Command command, out Option<string> socket, out Option<bool> json)
    {
        socket = new("--socket") { Description = "The agent's management socket.", DefaultValueFactory = static _ => ManagementConfiguration.DefaultSocket };
        json = new("--json") { Description = "The answer as it came." };
        command.Options.Add(socket);
        command.Options.Add(json);
    }
}
