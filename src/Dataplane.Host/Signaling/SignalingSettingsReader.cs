using System.Security.Cryptography;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Server;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Host.Signaling;

/// <summary>What a configuration says of the XMPP side, to the server and to the gateway behind it.</summary>
internal static class SignalingSettingsReader
{
    private const string KeyFile = "xmpp-token-key";
    private const int KeyOctets = 32;

    /// <summary>For the gateway.</summary>
    public static SignalingGatewaySettings Gateway(XmppConfiguration xmpp, byte[]? tokenKey = null) => new()
    {
        Profile = xmpp.Profile,
        StaleTime = xmpp.StaleTime,
        PendingTime = xmpp.PendingTime,
        StallTime = xmpp.StallTime,
        SettleTime = xmpp.SettleTime,
        StaleLocalPreference = xmpp.StaleLocalPreference,
        MaxNameLength = xmpp.MaxNameLength,
        AllowAnyName = xmpp.AllowAnyName,
        MaxSubscriptions = xmpp.MaxSubscriptions,
        MaxPublications = xmpp.MaxPublications,
        TokenKey = tokenKey,
    };

    /// <summary>For the server.</summary>
    /// <exception cref="GatewayException">A certificate or key cannot be used.</exception>
    public static XmppServerSettings Server(XmppConfiguration xmpp) => new()
    {
        Name = xmpp.Name,
        ClientDomains = xmpp.Domains,
        Endpoints = [.. xmpp.Listen.Select(static listen => new XmppListenEndpoint(listen.Address, (ushort)listen.Port, listen.DirectTls))],
        Tls = Tls(xmpp),
        AllowPlaintext = xmpp.AllowPlaintext,
        RequireCertifiedSource = xmpp.RequireCertifiedSource,
        Features = [.. ServiceDiscovery.PubSubFeatures, PubSubNamespace.Extension.NamespaceName],
        Session = new SessionSettings { PingInterval = xmpp.PingInterval, PingMisses = xmpp.PingMisses },
        MaximumSessions = xmpp.MaxSessions,
    };

    /// <summary>The certificates, read now; null where there are none to be.</summary>
    /// <exception cref="GatewayException">One of them cannot be used.</exception>
    public static TlsCredentials? Tls(XmppConfiguration xmpp)
    {
        if (xmpp is not { Certificate: { } certificate, Key: { } key, Authorities: { } authorities })
            return null;
        try
        {
            return TlsCredentials.FromFiles(certificate, key, authorities);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new GatewayException($"the certificates of 'xmpp' cannot be used: {problem.Message}", problem);
        }
    }

    /// <summary>The key of tokens, kept in the state directory so that they stay the same when the program starts again; null without.</summary>
    /// <exception cref="GatewayException">It cannot be kept.</exception>
    public static byte[]? TokenKey(string? directory)
    {
        if (directory is null)
            return null;
        var path = Path.Combine(directory, KeyFile);
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path) is { Length: KeyOctets } kept)
                return kept;
            byte[] made = RandomNumberGenerator.GetBytes(KeyOctets);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var file = new FileStream(path, options);
            file.Write(made);
            return made;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"the key of tokens cannot be kept in {path}: {problem.Message}", problem);
        }
    }
}
