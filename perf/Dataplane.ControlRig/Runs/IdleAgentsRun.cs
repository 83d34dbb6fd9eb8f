using System.Diagnostics;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Measuring;
using Dataplane.ControlRig.Signaling;

namespace Dataplane.ControlRig.Runs;

/// <summary>10,000 agents that do nothing: what each costs in memory, what keeping them alive with pings costs, and how long one event takes to all.</summary>
internal static class IdleAgentsRun
{
    internal const string Name = "agents-10000";
    internal const string Description = "10,000 idle agents over mutual TLS, pinged every 10 s; then one event to all of them";
    private const int Agents = 10_000;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var fleet = new AgentFleet(Agents + 1, vpns: 1);
        ProcessFigures empty = ProcessFigures.Of(fleet.ProcessId);
        var clock = Stopwatch.StartNew();
        fleet.Connect(fleet.Agents, static agent => agent.Subscribe("v0"));
        fleet.Until("all subscriptions", () => fleet.Agents.All(static agent => agent.Results >= 1));
        double connected = clock.Elapsed.TotalSeconds;
        Thread.Sleep(Watched);

        ProcessFigures before = ProcessFigures.Of(fleet.ProcessId);
        Thread.Sleep(Watched);
        ProcessFigures after = ProcessFigures.Of(fleet.ProcessId);
        clock.Restart();
        fleet.Agents[0].Publish("v0", "198.51.100.1/32", 20_000, 1);
        fleet.Until("the event", () => fleet.Agents.All(static agent => agent.Items >= 1));
        return new Figures
        {
            ["KiB per idle agent"] = (after.ResidentBytes - empty.ResidentBytes) / 1024.0 / Agents,
            ["share of a core for pings"] = (after.CpuSeconds - before.CpuSeconds) / Watched.TotalSeconds,
            ["ms for one event to all"] = clock.Elapsed.TotalMilliseconds,
            ["seconds until all are subscribed"] = connected,
        };
    }
}
