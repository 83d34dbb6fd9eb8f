using Dataplane.Host.Configuration.Rules;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration;

/// <summary>Gives peers and ranges what their groups say, and their secrets.</summary>
internal static class PeerResolution
{
    /// <summary>The same speaker, each peer with all options that count for it and with its secret as a text.</summary>
    /// <param name="bgp">A speaker in which the rules found no error.</param>
    /// <param name="file">The configuration file, which paths are relative to.</param>
    /// <param name="purpose">Secrets are read to run only.</param>
    /// <param name="diagnostics">Takes the error of a file that has become unreadable since the rules looked at it: a session never goes without its secret.</param>
    public static BgpConfiguration Resolve(BgpConfiguration bgp, string file, ConfigurationPurpose purpose, DiagnosticSink diagnostics)
    {
        var groups = bgp.PeerGroups.ToDictionary(static group => group.Name, static group => group.Options, StringComparer.Ordinal);
        return bgp with
        {
            Peers = [.. bgp.Peers.Select(peer => peer with { Options = Options(peer.Options, peer.Group) })],
            DynamicPeers = [.. bgp.DynamicPeers.Select(range => range with { Options = Options(range.Options, range.Group) })],
        };

        PeerOptions Options(PeerOptions own, string? group)
        {
            var options = own.Over(group is null ? null : groups[group]);
            if (options.PasswordFile is not { } secretFile || purpose != ConfigurationPurpose.Run)
            {
                return options;
            }

            var path = Path.Combine(Path.GetDirectoryName(file) ?? "", secretFile);
            if (PeerSecretRules.ReadSecret(path, out var secret) is { } reason)
            {
                diagnostics.Error(SourceLocation.Start, $"{path} {reason}");
            }

            return options with { Password = secret };
        }
    }
}
