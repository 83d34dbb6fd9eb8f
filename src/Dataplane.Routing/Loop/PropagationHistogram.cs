namespace Dataplane.Routing.Loop;

/// <summary>
/// How often a change took how long to get somewhere: classes with the ends 1, 2 and 5 of each decade from 0.1 ms to 500 s. One writer; a reader on
/// another thread may miss what is counted at that moment.
/// </summary>
public sealed class PropagationHistogram
{
    private static readonly double[] Ends =
    [
        .. from decade in Enumerable.Range(-4, 7)
           from step in new[] { 1, 2, 5 }
           select step * Math.Pow(10, decade),
    ];

    private readonly ulong[] _counts = new ulong[Ends.Length + 1];
    private double _sum;

    /// <summary>The upper ends of all classes but the last, which has none; seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [.. Ends.Select(static end => Math.Round(end, 4))];

    /// <summary>One for each of some causes, by their numbers from 0.</summary>
    public static PropagationHistogram[] OfEach<TCause>()
        where TCause : struct, Enum => [.. Enum.GetValues<TCause>().Select(static _ => new PropagationHistogram())];

    /// <summary>Counts a duration.</summary>
    public void Add(TimeSpan duration)
    {
        var seconds = Math.Max(duration.TotalSeconds, 0);
        var index = 0;
        while (index < Bounds.Count && seconds > Bounds[index])
        {
            index++;
        }

        Volatile.Write(ref _counts[index], _counts[index] + 1);
        _sum += seconds;
    }

    /// <summary>What was counted so far.</summary>
    public DurationCounts Read() => new([.. _counts], _sum);
}
