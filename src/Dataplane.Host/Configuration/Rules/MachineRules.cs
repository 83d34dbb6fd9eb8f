using Dataplane.Host.Configuration.Keys;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>What <c>eal</c> and <c>workers</c> ask of the machine. Not checked for replay, which pins nothing.</summary>
internal static class MachineRules
{
    /// <summary>Checks cores.</summary>
    public static void Check(RuleContext context)
    {
        if (context.Purpose == ConfigurationPurpose.Replay)
        {
            return;
        }

        var (eal, workers) = (context.Configuration.Eal, context.Configuration.Workers);
        var count = context.Kernel.ProcessorCount;
        for (var i = 0; i < workers.Cores.Count; i++)
        {
            if (workers.Cores[i] >= count && context.Source.IsGiven(workers, WorkersKeys.Cores))
            {
                context.Warning(context.Source.AtItem(workers.Cores, i), NoSuchCore(workers.Cores[i], count));
            }
        }

        if (eal.MainCore >= count)
        {
            context.Warning(eal, EalKeys.MainCore, NoSuchCore(eal.MainCore, count));
        }

        if (count > 1
            && context.Source.IsSound(eal, EalKeys.MainCore)
            && context.Source.IsSound(workers, WorkersKeys.Cores)
            && workers.Cores.Contains(eal.MainCore))
        {
            var message = $"core {eal.MainCore} is both 'eal.main-core' and a worker's; the main thread will take time from that worker, give it a core of its own";
            if (context.Source.IsGiven(eal, EalKeys.MainCore))
            {
                context.Warning(eal, EalKeys.MainCore, message);
            }
            else
            {
                context.Warning(workers, WorkersKeys.Cores, message);
            }
        }
    }

    private static string NoSuchCore(int core, int count) =>
        $"this machine has no core {core}; it has {(count == 1 ? "core 0 only" : $"cores 0 to {count - 1}")}";
}
