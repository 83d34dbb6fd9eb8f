using System.Reflection;

namespace Dataplane.Host.Metrics;

/// <summary>What was built, from what.</summary>
/// <param name="Number">Version, for example 0.1.0.</param>
/// <param name="Commit">Commit of the sources in full; empty when they were not in a repository.</param>
internal sealed record ProgramVersion(string Number, string Commit)
{
    /// <summary>The version of this program.</summary>
    public static ProgramVersion Current { get; } = Parse(
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");

    /// <summary>Splits what the build wrote: <c>0.1.0+commit</c>.</summary>
    internal static ProgramVersion Parse(string informational)
    {
        int plus = informational.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? new ProgramVersion(informational, "") : new ProgramVersion(informational[..plus], informational[(plus + 1)..]);
    }
}
