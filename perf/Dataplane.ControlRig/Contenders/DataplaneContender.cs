using System.Globalization;
using System.Text;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Contenders;

/// <summary>Ours as a reflector.</summary>
internal sealed class DataplaneContender : Contender
{
    private readonly OurSpeaker _speaker;

    /// <summary>Starts it.</summary>
    /// <param name="network">Where.</param>
    /// <param name="role">What it is to do.</param>
    /// <param name="forwarder">Sections of a forwarder's configuration, which makes it one as well; all its threads that are not pinned then stay on CPU 0.</param>
    internal DataplaneContender(BgpNetwork network, Role role, string? forwarder = null)
    {
        var vrfs = new StringBuilder("vrfs:\n");
        for (int vrf = 0; vrf < role.Vrfs; vrf++)
            vrfs.Append(CultureInfo.InvariantCulture, $"  - {{ name: v{vrf}, import-targets: [\"65000:{1 + vrf}\"], export-targets: [\"65000:{1 + vrf}\"] }}\n");
        Neighbor Of(int number, bool client) => new(number)
        {
            Passive = true,
            ReflectorClient = client,
            HoldTime = 240,
            Families = role.ConstrainedPeers.Contains(number) ? [Family.Vpn4, Family.RouteTarget] : [Family.Vpn4],
        };
        string configuration = OurSpeaker.Configuration(
            Number, [.. role.Clients.Select(n => Of(n, true)), .. role.NonClients.Select(n => Of(n, false))],
            rest: forwarder + vrfs, roles: forwarder is null ? "gateway" : "forwarder, gateway");
        _speaker = new OurSpeaker(network, Number, configuration);
        if (forwarder is not null)
            KeepOffWorkers(ProcessId);
    }

    internal override int ProcessId => _speaker.ProcessId;

    internal Exposition Metrics() => _speaker.Metrics();

    internal override double? CollectorPauseMilliseconds => Metrics().Sum("dotnet_gc_pause_seconds_total") * 1e3;

    /// <summary>How long the worker pinned to a CPU wanted to run and did not, because somebody else of the machine had it; since it was started.</summary>
    /// <exception cref="InvalidOperationException">No thread of the process is pinned to it.</exception>
    internal TimeSpan WorkerRunDelay(int cpu)
    {
        foreach (string task in Directory.GetDirectories($"/proc/{ProcessId}/task"))
        {
            if (AllowedCpus(task) == cpu.ToString(CultureInfo.InvariantCulture))
                return TimeSpan.FromMicroseconds(double.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[1], CultureInfo.InvariantCulture) / 1e3);
        }

        throw new InvalidOperationException($"No worker is pinned to CPU {cpu}.");
    }

    public override void Dispose() => _speaker.Dispose();

    private static string AllowedCpus(string task) =>
        File.ReadLines(Path.Combine(task, "status")).First(static line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();

    /// <summary>Moves the threads that may run anywhere to CPU 0; those they start follow them.</summary>
    private static void KeepOffWorkers(int processId)
    {
        foreach (string task in Directory.GetDirectories($"/proc/{processId}/task"))
        {
            string allowed = AllowedCpus(task);
            if (allowed.Contains('-', StringComparison.Ordinal) || allowed.Contains(',', StringComparison.Ordinal))
                _ = Command.Run(["taskset", "-p", "-c", "0", Path.GetFileName(task)]);
        }
    }
}
