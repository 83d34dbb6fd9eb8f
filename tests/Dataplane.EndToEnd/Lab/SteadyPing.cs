namespace Dataplane.EndToEnd.Lab;

/// <summary>Echo requests from a guest, one after the other, while the test does something else.</summary>
public sealed class SteadyPing : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task<(int Sent, string Unanswered)> _pinging;

    public SteadyPing(Guest from, string target) => _pinging = Task.Run(async () =>
    {
        int sent = 0;
        string unanswered = "";
        while (!_end.IsCancellationRequested)
        {
            PingResult result = from.Ping(target, count: 1);
            sent++;
            unanswered += result.Received == 1 ? "" : result.Text;
            await Task.Delay(100);
        }

        return (sent, unanswered);
    });

    /// <summary>Ends it; all of them must have been answered.</summary>
    public void AllAnswered()
    {
        _end.Cancel();
        (int sent, string unanswered) = _pinging.GetAwaiter().GetResult();
        if (sent < 3 || unanswered.Length != 0)
            throw new InvalidOperationException($"of {sent} echo requests some were not answered: {unanswered}");
    }

    public void Dispose()
    {
        _end.Cancel();
        _pinging.Wait();
        _end.Dispose();
    }
}
