using System.Diagnostics;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.EndSystem;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;

namespace Dataplane.Host.Metrics;

/// <summary>What is wrong with the forwarder and the gateway, if anything. Any thread.</summary>
/// <param name="configuration">Which of them there are.</param>
/// <param name="service">The forwarder.</param>
/// <param name="gateway">The gateway; null when there is none.</param>
/// <param name="signaling">The client side of signaling; null when there is none.</param>
internal sealed class ForwarderHealth(DataplaneConfiguration configuration, ForwarderService service, GatewayService? gateway = null, EndSystemService? signaling = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Null when all workers and the slow path are there, so that packets are forwarded, and BGP is spoken; else the reason.</summary>
    public string? WhyNotReady() => WhyNotForwarding() ?? gateway?.WhyNotReady() ?? signaling?.WhyNotReady();

    /// <summary>Null when, beyond that, every worker's loop and the routing thread turn; else the reason. Takes up to two seconds.</summary>
    public async Task<string?> WhyNotHealthyAsync() => await WhyNotTurningAsync()
        ?? (gateway?.Runtime is { } running && !await running.AnswersAsync(Patience) ? "the routing thread does not turn" : null);

    private string? WhyNotForwarding() => !configuration.IsForwarder ? null
        : service.TryRead<string?>(WhyNotReady, out string? reason) ? reason
        : "the forwarder does not run";

    private async Task<string?> WhyNotTurningAsync()
    {
        long start = Stopwatch.GetTimestamp();
        ulong[] before = ReadLoops();
        while (true)
        {
            if (WhyNotReady() is { } reason)
                return reason;
            ulong[] now = ReadLoops();
            int stuck = -1;
            for (int worker = 0; worker < now.Length; worker++)
                stuck = worker < before.Length && now[worker] == before[worker] ? worker : stuck;
            if (stuck < 0)
                return null;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                return $"worker {stuck} does not turn";
            await Task.Delay(Pause);
        }
    }

    private static string? WhyNotReady(Forwarder forwarder)
    {
        foreach (WorkerHandle worker in forwarder.Workers)
        {
            if (worker.State != WorkerState.Running)
                return $"worker {worker.Index} does not run";
        }
        int port = forwarder.Devices.Ports.Index().FirstOrDefault(static row => !row.Item.IsStarted, (-1, null!)).Index;
        if (port >= 0)
            return $"port {forwarder.Configuration.Ports[port].Name} is not started";
        return forwarder.SlowPath.IsRunning ? null : "the slow path does not run";
    }

    private ulong[] ReadLoops() => service.TryRead(
        static forwarder => forwarder.Workers.Select(static worker => worker.Loops).ToArray(), out var loops) ? loops : [];
}
