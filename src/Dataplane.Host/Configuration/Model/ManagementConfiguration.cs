namespace Dataplane.Host.Configuration;

/// <summary>The local management API.</summary>
internal sealed record ManagementConfiguration
{
    /// <summary>Where it is served unless the file says otherwise.</summary>
    public const string DefaultSocket = "/run/dataplane/management.sock";

    /// <summary>The path of the unix socket.</summary>
    public required string Socket { get; init; }

    /// <summary>The group that may use it besides the user the program runs as; null for none.</summary>
    public required string? Group { get; init; }
}
