using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>The HTTP endpoint of /metrics, /healthz and /readyz.</summary>
internal sealed record MetricsConfiguration
{
    /// <summary>Where it listens; a loopback address unless <see cref="AllowRemote"/>.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>Whether other machines may read it, without any authentication.</summary>
    public required bool AllowRemote { get; init; }

    /// <summary>Whether each client of a gateway has series of its own.</summary>
    public required bool PerClient { get; init; }
}

/// <summary>An address and a TCP port to listen on.</summary>
/// <param name="Address">The address; unspecified for all of its family.</param>
/// <param name="Port">The TCP port; 0 for any free one.</param>
internal readonly record struct ListenAddress(IpAddress Address, ushort Port)
{
    /// <summary><c>127.0.0.1:9464</c> or <c>[::1]:9464</c>.</summary>
    public override string ToString() => Address.IsV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
