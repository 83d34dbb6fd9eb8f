using System.Diagnostics;
using System.Globalization;
using Dataplane.ControlRig.Contenders;
using Dataplane.ControlRig.Measuring;
using Dataplane.ControlRig.Signaling;

namespace Dataplane.ControlRig.Runs;

/// <summary>
/// A gateway has just started and all its agents come back at the same moment: 1,000, each in 10 of 100 VPNs with two addresses in each of
/// these, 20,000 routes. Each is told the 200 routes of each of its VPNs: 2,000,000 items. The time is from the first connection
/// to the last item.
/// </summary>
internal static class AgentsColdStartRun
{
    internal const string Name = "agents-cold-start";
    internal const string Description = "1,000 agents over mutual TLS return to a gateway that has just started: 100 VPNs, 20,000 routes, 2,000,000 items told";
    private const int Agents = 1000;
    private const int Vpns = 100;
    private const int VpnsOfAgent = 10;
    private const int AddressesPerVpn = 2;
    private const long Items = (long)Agents * VpnsOfAgent * (Agents * VpnsOfAgent * AddressesPerVpn / Vpns);

    internal static Figures Measure(ContenderKind kind)
    {
        _ = kind;
        using var fleet = new AgentFleet(Agents, Vpns);
        ProcessFigures before = ProcessFigures.Of(fleet.ProcessId);
        double pauses = fleet.Metrics().Sum("dotnet_gc_pause_seconds_total");
        var number = fleet.Agents.Select(static (agent, i) => (agent, i)).ToDictionary(static pair => pair.agent, static pair => pair.i);
        var clock = Stopwatch.StartNew();
        fleet.Connect(fleet.Agents, agent => Join(agent, number[agent]));
        double connected = clock.Elapsed.TotalSeconds;
        fleet.Until("all items", () => fleet.Agents.Sum(static agent => agent.Items) >= Items);
        double converged = clock.Elapsed.TotalSeconds;
        ProcessFigures after = ProcessFigures.Of(fleet.ProcessId);
        return new Figures
        {
            ["seconds"] = converged,
            ["seconds until all are connected"] = connected,
            ["CPU seconds"] = after.CpuSeconds - before.CpuSeconds,
            ["peak MiB"] = after.PeakBytes / 1024.0 / 1024,
            ["collector's pauses, ms"] = (fleet.Metrics().Sum("dotnet_gc_pause_seconds_total") - pauses) * 1e3,
        };
    }

    // Agent i is in VPNs i, i + 10, i + 20, … modulo 100, so that all VPNs have as many members.
    private static void Join(Agent agent, int number)
    {
        for (int i = 0; i < VpnsOfAgent; i++)
        {
            int vpn = (number + (i * (Vpns / VpnsOfAgent))) % Vpns;
            string name = "v" + vpn.ToString(CultureInfo.InvariantCulture);
            agent.Subscribe(name);
            for (int address = 0; address < AddressesPerVpn; address++)
            {
                string prefix = $"10.{128 + address}.{number >> 8}.{number & 0xFF}/32";
                agent.Publish(name, prefix, (uint)(10_000 + (vpn * AddressesPerVpn) + address), 1);
            }
        }
    }
}
