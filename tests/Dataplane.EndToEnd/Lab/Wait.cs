using System.Diagnostics;

namespace Dataplane.EndToEnd.Lab;

/// <summary>Waiting for a condition, generously: the bound decides only when to give up.</summary>
public static class Wait
{
    public static void Until(string what, Func<bool> condition, TimeSpan? patience = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > (patience ?? Command.Patience))
            {
                throw new TimeoutException($"waited {clock.Elapsed.TotalSeconds:F0} s in vain for {what}");
            }

            Thread.Sleep(20);
        }
    }
}
