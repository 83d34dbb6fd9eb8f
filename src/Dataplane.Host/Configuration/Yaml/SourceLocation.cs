namespace Dataplane.Host.Configuration.Yaml;

/// <summary>A place in the configuration file.</summary>
/// <param name="Line">Counts from 1; 0 when a diagnostic concerns the file as a whole.</param>
/// <param name="Column">Counts characters from 1; 0 likewise.</param>
internal readonly record struct SourceLocation(int Line, int Column)
{
    /// <summary>The start of the file.</summary>
    public static SourceLocation Start => new(1, 1);
}
