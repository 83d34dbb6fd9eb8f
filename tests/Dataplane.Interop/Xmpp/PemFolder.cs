using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Interop.Xmpp;

/// <summary>A folder of the shared test authority and a certificate in PEM, for programs that read files.</summary>
internal sealed class PemFolder : IDisposable
{
    public PemFolder(string name, TlsCredentials credentials)
    {
        System.IO.File.WriteAllText(In("ca.crt"), TestAuthority.Shared.Certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(In($"{name}.crt"), credentials.Certificate.ExportCertificatePem());
        using System.Security.Cryptography.ECDsa key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions
            .GetECDsaPrivateKey(credentials.Certificate)!;
        System.IO.File.WriteAllText(In($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    public string Path { get; } = System.IO.Directory.CreateTempSubdirectory("dataplane-xmpp-").FullName;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => System.IO.Directory.Delete(Path, recursive: true);
}
