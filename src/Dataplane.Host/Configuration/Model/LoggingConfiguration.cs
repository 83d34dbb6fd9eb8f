using Microsoft.Extensions.Logging;

namespace Dataplane.Host.Configuration;

/// <summary>The log on standard error.</summary>
internal sealed record LoggingConfiguration
{
    /// <summary>The least severe level that is written.</summary>
    public required LogLevel Level { get; init; }
}
