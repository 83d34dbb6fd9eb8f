using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dataplane.EndToEnd.Lab;

/// <summary>A certification authority of the laboratory, and what it signs: for domains, end-systems and their infrastructure addresses.</summary>
public sealed class LabCertificates
{
    private readonly string _directory;
    private readonly X509Certificate2 _authority;

    /// <summary>Makes an authority; its certificate is in <c>ca.crt</c>.</summary>
    public LabCertificates(string directory)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lab authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
    }

    public string Authority => Path.Combine(_directory, "ca.crt");

    public string CertificateOf(string name) => Path.Combine(_directory, name + ".crt");

    public string KeyOf(string name) => Path.Combine(_directory, name + ".key");

    /// <summary>A server's certificate.</summary>
    public void AddServer(string domain) => Add(domain, $"CN={domain}", static (names, domain) => names.AddDnsName(domain), domain);

    /// <summary>An end-system's certificate: its address, and the infrastructure addresses that it proves.</summary>
    public void AddEndSystem(string name, string jid, params string[] addresses) => AddForwarder(name, jid, serverName: null, addresses);

    /// <summary>The certificate of an external forwarder: also a server, of the name that its hosts know it by.</summary>
    public void AddForwarder(string name, string jid, string? serverName, params string[] addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (serverName is not null)
            names.AddDnsName(serverName);
        foreach (string address in addresses)
            names.AddIpAddress(IPAddress.Parse(address));
        byte[] others = names.Build().RawData;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // otherName [0] { id-on-xmppAddr, [0] UTF8String } (RFC 6120 §13.7.1.4)
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                writer.WriteObjectIdentifier("1.3.6.1.5.5.7.8.5");
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, jid);
            }

            if (addresses.Length != 0 || serverName is not null)
            {
                var reader = new AsnReader(others, AsnEncodingRules.DER).ReadSequence();
                while (reader.HasData)
                    writer.WriteEncodedValue(reader.ReadEncodedValue().Span);
            }
        }

        Sign(name, $"CN={name}", new X509Extension("2.5.29.17", writer.Encode(), critical: false));
    }

    private void Add(string name, string subject, Action<SubjectAlternativeNameBuilder, string> fill, string argument)
    {
        var names = new SubjectAlternativeNameBuilder();
        fill(names, argument);
        Sign(name, subject, names.Build());
    }

    private void Sign(string name, string subject, X509Extension alternativeNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(alternativeNames);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using X509Certificate2 signed = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(CertificateOf(name), signed.ExportCertificatePem());
        File.WriteAllText(KeyOf(name), key.ExportPkcs8PrivateKeyPem());
    }
}
