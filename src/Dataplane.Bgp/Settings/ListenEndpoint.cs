using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>An address and port where connections are accepted.</summary>
/// <param name="Address">A local address; unspecified (0.0.0.0 or ::) for all of its family.</param>
/// <param name="Port">The TCP port.</param>
public readonly record struct ListenEndpoint(IpAddress Address, ushort Port = SpeakerSettings.WellKnownPort)
{
    /// <summary>Written as <c>10.0.0.1:179</c> or <c>[2001:db8::1]:179</c>.</summary>
    public override string ToString() => Address.IsV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
