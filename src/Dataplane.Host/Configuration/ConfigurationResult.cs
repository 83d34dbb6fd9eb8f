namespace Dataplane.Host.Configuration;

/// <summary>What came of loading a file.</summary>
/// <param name="Configuration">The configuration; null when there is any error.</param>
/// <param name="Diagnostics">All errors and warnings in file order.</param>
internal sealed record ConfigurationResult(DataplaneConfiguration? Configuration, IReadOnlyList<ConfigurationDiagnostic> Diagnostics)
{
    /// <summary>Exit code of a program whose configuration has errors.</summary>
    public const int ErrorExitCode = 2;

    /// <summary>The errors.</summary>
    public IEnumerable<ConfigurationDiagnostic> Errors => Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error);

    /// <summary>The warnings.</summary>
    public IEnumerable<ConfigurationDiagnostic> Warnings => Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Warning);
}
