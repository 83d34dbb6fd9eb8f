using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dataplane.Xmpp.Security;

namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>A certification authority that lives as long as a test, and the certificates that it signs.</summary>
internal sealed class TestAuthority
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority(string name = "test authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>The one that the tests of this assembly share; keys are slow to make.</summary>
    public static TestAuthority Shared { get; } = new();

    public X509Certificate2 Certificate { get; }

    public TlsCredentials Server(params string[] dnsNames) => Credentials(Issue("server", names =>
    {
        foreach (string name in dnsNames)
        {
            names.AddDnsName(name);
        }
    }));

    public TlsCredentials Client(string jid, params string[] addresses) => Credentials(Issue(jid, names =>
    {
        names.AddXmppAddress(jid);
        foreach (string address in addresses)
        {
            names.AddIpAddress(IPAddress.Parse(address));
        }
    }));

    public TlsCredentials Credentials(X509Certificate2 certificate) => new(certificate, [Certificate]);

    /// <summary>Signs a certificate for both uses.</summary>
    public X509Certificate2 Issue(string commonName, Action<AlternativeNames> name, bool isExpired = false, bool isForServersOnly = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            isForServersOnly ? [ServerAuthentication] : [ServerAuthentication, ClientAuthentication], false));
        var names = new AlternativeNames();
        name(names);
        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7F;
        DateTimeOffset end = isExpired ? DateTimeOffset.UtcNow.AddHours(-1) : DateTimeOffset.UtcNow.AddDays(10);
        using X509Certificate2 signed = request.Create(Certificate, DateTimeOffset.UtcNow.AddHours(-20), end, serial);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Alternative names of a subject, those of XMPP included.</summary>
    internal sealed class AlternativeNames
    {
        private readonly AsnWriter _names = new(AsnEncodingRules.DER);

        public AlternativeNames() => _ = _names.PushSequence();

        public void AddDnsName(string name) =>
            _names.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));

        public void AddIpAddress(IPAddress address) =>
            _names.WriteOctetString(address.GetAddressBytes(), new Asn1Tag(TagClass.ContextSpecific, 7));

        public void AddXmppAddress(string jid) => AddOther("1.3.6.1.5.5.7.8.5", jid);

        public void AddOther(string type, string value)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
            using (_names.PushSequence(tag))
            {
                _names.WriteObjectIdentifier(type);
                using (_names.PushSequence(tag))
                {
                    _names.WriteCharacterString(UniversalTagNumber.UTF8String, value);
                }
            }
        }

        public X509Extension Build()
        {
            _names.PopSequence();
            return new("2.5.29.17", _names.Encode(), critical: false);
        }
    }
}
