using System.Diagnostics;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// Waiting for a condition, generously: the bound decides only when to give up. Between two looks it rests for as long as a look takes, 20 ms at least:
/// many start a program, and what is waited for needs the CPU too.
/// </summary>
public static class Wait
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(20);

    public static void Until(string what, Func<bool> condition, TimeSpan? patience = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        for (TimeSpan asked = clock.Elapsed; !condition(); asked = clock.Elapsed)
        {
            TimeSpan took = clock.Elapsed - asked;
            if (clock.Elapsed > (patience ?? Command.Patience))
            {
                throw new TimeoutException($"waited {clock.Elapsed.TotalSeconds:F0} s in vain for {what}");
            }

            Thread.Sleep(took > s_rest ? took : s_rest);
        }
    }
}
