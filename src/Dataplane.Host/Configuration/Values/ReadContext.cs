namespace Dataplane.Host.Configuration.Values;

/// <summary>What reading a file fills besides the model.</summary>
/// <param name="Diagnostics">Takes every error.</param>
/// <param name="Source">Takes the positions.</param>
internal sealed record ReadContext(DiagnosticSink Diagnostics, SourceMap Source);

/// <summary>How reading a value went.</summary>
internal enum ReadResult
{
    /// <summary>The value is what was written.</summary>
    Sound,

    /// <summary>An error was reported; the value holds the parts that were sound.</summary>
    Partial,

    /// <summary>An error was reported; there is no value.</summary>
    Unusable,
}
