using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dataplane.Xmpp.Security;

/// <summary>
/// Our own certificate with its key, and the authorities whose certificates we accept. Roots of the system are not used, nothing is fetched from
/// the network, revocation is by taking an authority out or by short lives (no CRL is looked at). Immutable; any thread.
/// </summary>
public sealed class TlsCredentials
{
    /// <summary>The name of XMPP between client and server in ALPN (XEP-0368).</summary>
    public static readonly SslApplicationProtocol ApplicationProtocol = new("xmpp-client");

    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Credentials.</summary>
    /// <param name="certificate">Our certificate, with its private key.</param>
    /// <param name="authorities">The authorities that the other side's certificate must come from, directly or through <paramref name="intermediates"/>.</param>
    /// <param name="intermediates">What we send along with our certificate; null: nothing.</param>
    /// <exception cref="ArgumentException">There is no key, or no authority.</exception>
    public TlsCredentials(
        X509Certificate2 certificate, X509Certificate2Collection authorities, X509Certificate2Collection? intermediates = null)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("The certificate is without its private key.", nameof(certificate));
        }

        if (authorities.Count == 0)
        {
            throw new ArgumentException("There is no certification authority to trust.", nameof(authorities));
        }

        Certificate = certificate;
        _authorities = authorities;
        _context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }

    /// <summary>Our certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Reads them from files in PEM.</summary>
    /// <param name="certificateFile">Our certificate; what follows it in the file are intermediate ones.</param>
    /// <param name="keyFile">Its private key, not encrypted.</param>
    /// <param name="authoritiesFile">The authorities.</param>
    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static TlsCredentials FromFiles(string certificateFile, string keyFile, string authoritiesFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(authoritiesFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        chain.RemoveAt(0);
        try
        {
            return new(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), authorities, chain);
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException(exception.Message, exception);
        }
    }

    /// <summary>How we serve TLS: the client has to show a certificate.</summary>
    /// <param name="isDirect">Whether TLS comes first, where the protocol is named by ALPN.</param>
    internal SslServerAuthenticationOptions ForServer(bool isDirect) => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = static (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        ApplicationProtocols = isDirect ? [ApplicationProtocol] : null,
    };

    /// <summary>How we ask for TLS: the server has to prove its name.</summary>
    /// <param name="domain">The server's name.</param>
    /// <param name="isDirect">Whether TLS comes first, where the protocol is named by ALPN.</param>
    internal SslClientAuthenticationOptions ForClient(string domain, bool isDirect) => new()
    {
        TargetHost = domain,
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        AllowRenegotiation = false,
        AllowTlsResume = false,
        ApplicationProtocols = isDirect ? [ApplicationProtocol] : null,
    };

    // One for each connection: what the other side sends along is added to it.
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }
}
