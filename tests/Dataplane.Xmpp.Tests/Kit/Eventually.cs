namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>Waits for what has to come; the bound is for a machine that is busy.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static async Task IsTrue(Func<bool> condition, Func<string>? otherwise = null)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - start < Bound.TotalMilliseconds, otherwise?.Invoke() ?? "it did not come");
            await Task.Delay(5);
        }
    }
}
