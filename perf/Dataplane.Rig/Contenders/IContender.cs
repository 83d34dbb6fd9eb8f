namespace Dataplane.Rig.Contenders;

/// <summary>Something whose speed is measured, window by window.</summary>
internal interface IContender
{
    /// <summary>Its column in the table.</summary>
    string Name { get; }

    /// <summary>Measures for some seconds, after a warm-up.</summary>
    Window Measure(double seconds);
}

/// <summary>One measurement.</summary>
/// <param name="Rate">Packets per second; where lookups are timed, nanoseconds of one.</param>
/// <param name="Waited">Share of the time in which a polling thread was ready to run and had no CPU.</param>
/// <param name="More">What else was measured meanwhile, by name.</param>
internal readonly record struct Window(double Rate, double Waited, IReadOnlyDictionary<string, double>? More = null);
