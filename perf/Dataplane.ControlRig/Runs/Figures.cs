namespace Dataplane.ControlRig.Runs;

/// <summary>What one measurement found: names with units, values. The first is the one that is compared.</summary>
internal sealed class Figures : Dictionary<string, double>
{
    internal Figures()
        : base(StringComparer.Ordinal)
    {
    }
}
