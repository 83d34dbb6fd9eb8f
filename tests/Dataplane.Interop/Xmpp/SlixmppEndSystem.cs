using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Xmpp;

/// <summary>slixmpp as an end-system, in a process of its own: <c>end_system.py</c>. What happens to it is kept in order.</summary>
internal sealed class SlixmppEndSystem : IDisposable
{
    private readonly Process _process;
    private readonly List<JsonNode> _events = [];
    private readonly List<string> _errors = [];
    private int _id;

    /// <summary>Connects to a server.</summary>
    /// <param name="space">Where it runs.</param>
    /// <param name="certificates">The authority.</param>
    /// <param name="host">The server's address.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="jid">Who it is.</param>
    /// <param name="certificate">Name of its certificate.</param>
    /// <param name="server">The server's name.</param>
    /// <param name="isDirectTls">Whether it begins with TLS.</param>
    /// <param name="tellsStanzas">Whether every stanza that comes is among <see cref="Stanzas"/>.</param>
    public SlixmppEndSystem(
        NetworkNamespace space, LabCertificates certificates, string host, int port, string jid, string certificate, string server, bool isDirectTls = false, bool tellsStanzas = false)
    {
        string script = Path.Combine(Testbed.Repository, "tests", "Dataplane.Interop", "Xmpp", "end_system.py");
        string[] words =
        [
            "/usr/bin/python3", script, host, $"{port}", jid, certificates.Authority, certificates.CertificateOf(certificate), certificates.KeyOf(certificate),
            server, .. isDirectTls ? new[] { "--direct-tls" } : [], .. tellsStanzas ? new[] { "--stanzas" } : [],
        ];
        _process = new Process { StartInfo = new("ip", ["netns", "exec", space.Name, .. words]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true } };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_events)
                _errors.Add(line.Data ?? "");
        };
        _ = _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Jid = jid;
    }

    public string Jid { get; }

    /// <summary>Everything that happened so far.</summary>
    public JsonNode[] Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    /// <summary>Every stanza that came, where it tells them.</summary>
    public string[] Stanzas => [.. Events.Where(static told => (string?)told["event"] == "stanza").Select(static told => (string)told["xml"]!)];

    /// <summary>The routes of a VPN as the events left them: prefix, next hops with labels, version.</summary>
    public string[] RoutesOf(string vpn)
    {
        Dictionary<string, string> routes = [];
        foreach (JsonNode told in Events)
        {
            switch ((string?)told["event"])
            {
                case "route" when (string?)told["node"] == vpn:
                    routes[(string)told["token"]!] = $"{told["prefix"]} via {string.Join(',', told["nextHops"]!.AsArray())} v{told["version"]}";
                    break;
                case "disassociate" or "retract" when (string?)told["node"] == vpn:
                    _ = routes.Remove((string)told["token"]!);
                    break;
                case "delete" when (string?)told["node"] == vpn:
                    routes.Clear();
                    break;
                case "delete":
                    _ = routes.Remove((string)told["node"]!);
                    break;
            }
        }

        return [.. routes.Values.Order(StringComparer.Ordinal)];
    }

    public SlixmppEndSystem UntilStarted()
    {
        Until("start its session", told => (string?)told["event"] == "started");
        return this;
    }

    /// <summary>Waits for an event.</summary>
    public JsonNode Until(string what, Func<JsonNode, bool> condition)
    {
        JsonNode? found = null;
        Until(what, () => (found = Events.FirstOrDefault(condition)) is not null);
        return found!;
    }

    /// <summary>Waits for the routes of a VPN to be these.</summary>
    public void UntilRoutes(string vpn, params string[] routes) =>
        Until($"have {(routes.Length == 0 ? "no routes" : string.Join(" and ", routes))} in {vpn}", () => RoutesOf(vpn).SequenceEqual(routes.Order(StringComparer.Ordinal)));

    /// <summary>Asks for something.</summary>
    /// <returns>Null when it is done, else the condition of the error.</returns>
    public string? Ask(string op, params (string Key, JsonNode Value)[] values)
    {
        int id = ++_id;
        var request = new JsonObject { ["op"] = op, ["id"] = id };
        foreach ((string key, JsonNode value) in values)
            request[key] = value;
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();
        JsonNode answer = Until($"be answered ({op})", told => (int?)told["id"] == id);
        return (string?)answer["condition"];
    }

    /// <summary>Publishes an address and puts it into a VPN, as the older draft has it.</summary>
    public string? Publish(string vpn, string prefix, string nextHop, int label, long version)
    {
        string leaf = $"{Jid.Split('@')[0]}:{vpn}:{prefix}";
        return Ask("publish", ("leaf", leaf), ("prefix", prefix), ("nextHop", nextHop), ("label", label), ("version", version))
            ?? Ask("associate", ("vpn", vpn), ("leaf", leaf));
    }

    /// <summary>Publishes an address as an item of its VPN, as the later draft has it.</summary>
    public string? Publish06(string vpn, string prefix, string nextHop, int label, long version) =>
        Ask("publish06", ("vpn", vpn), ("item", prefix), ("prefix", prefix), ("nextHop", nextHop), ("label", label), ("version", version));

    /// <summary>Ends without a word.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    /// <summary>Closes the stream in order.</summary>
    public void Close()
    {
        _process.StandardInput.Close();
        Until("be gone", () => _process.HasExited || Events.Any(static told => (string?)told["event"] == "disconnected"));
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Until(string what, Func<bool> condition)
    {
        try
        {
            Wait.Until($"{Jid} to {what}", condition);
        }
        catch (TimeoutException late)
        {
            lock (_events)
                throw new TimeoutException($"{late.Message}; it said:\n{string.Join('\n', _events.TakeLast(40).Select(static told => told.ToJsonString()))}\n{string.Join('\n', _errors.TakeLast(20))}");
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        try
        {
            JsonNode told = JsonNode.Parse(line)!;
            lock (_events)
                _events.Add(told);
        }
        catch (JsonException)
        {
            lock (_events)
                _errors.Add(line);
        }
    }
}
