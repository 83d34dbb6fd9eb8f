using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration;

/// <summary>Collects the findings in one file.</summary>
/// <param name="file">The file's name as it was given.</param>
internal sealed class DiagnosticSink(string file)
{
    private readonly List<ConfigurationDiagnostic> _diagnostics = [];

    /// <summary>Whether an error has been reported.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Reports what keeps the program from starting.</summary>
    public void Error(SourceLocation location, string message)
    {
        HasErrors = true;
        _diagnostics.Add(new(DiagnosticSeverity.Error, file, location.Line, location.Column, message));
    }

    /// <summary>Reports what is worth a look.</summary>
    public void Warning(SourceLocation location, string message) =>
        _diagnostics.Add(new(DiagnosticSeverity.Warning, file, location.Line, location.Column, message));

    /// <summary>The findings in file order.</summary>
    public IReadOnlyList<ConfigurationDiagnostic> ToList() =>
        [.. _diagnostics.OrderBy(static d => d.Line).ThenBy(static d => d.Column)];
}
