namespace Dataplane.Host.Configuration;

/// <summary>Whether a finding keeps the program from starting.</summary>
internal enum DiagnosticSeverity
{
    /// <summary>Nothing is started; exit code 2.</summary>
    Error,

    /// <summary>Worth a look; the program starts.</summary>
    Warning,
}

/// <summary>One finding in a configuration file.</summary>
/// <param name="Severity">Whether the program can start nevertheless.</param>
/// <param name="File">The file's name as it was given.</param>
/// <param name="Line">Counts from 1; 0 when the finding concerns the file as a whole.</param>
/// <param name="Column">Counts characters from 1; 0 likewise.</param>
/// <param name="Message">What is wrong and what to do about it, without a full stop.</param>
internal sealed record ConfigurationDiagnostic(DiagnosticSeverity Severity, string File, int Line, int Column, string Message)
{
    /// <summary>The form compilers use, which editors and terminals link: <c>file:line:column: error: message</c>.</summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        return $"{place}: {(Severity == DiagnosticSeverity.Error ? "error" : "warning")}: {Message}";
    }
}
