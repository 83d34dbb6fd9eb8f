using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Dataplane.Net;

namespace Dataplane.Xmpp.Security;

/// <summary>The alternative names of a certificate (RFC 5280 §4.2.1.6) that XMPP uses: addresses, DNS names, IP addresses.</summary>
internal static class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary><c>id-on-xmppAddr</c> (RFC 6120 §13.7.1.4).</summary>
    private const string XmppAddress = "1.3.6.1.5.5.7.8.5";

    private static readonly Asn1Tag OtherName = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag IpAddressName = new(TagClass.ContextSpecific, 7);

    /// <summary>Reads them. Names that are malformed prove nothing and are left out; an extension that is malformed has no names.</summary>
    public static PeerIdentity Read(X509Certificate2 certificate, IPEndPoint remote)
    {
        var jids = new List<Jid>();
        var dnsNames = new List<string>();
        var addresses = new List<IpAddress>();
        foreach (X509Extension extension in certificate.Extensions.Where(static extension => extension.Oid?.Value == SubjectAlternativeName))
        {
            try
            {
                Read(extension.RawData, jids, dnsNames, addresses);
            }
            catch (AsnContentException)
            {
                jids.Clear();
                dnsNames.Clear();
                addresses.Clear();
            }
        }

        return new(remote, isPlaintext: false, jids.ToArray(), dnsNames.ToArray(), addresses.ToArray(), certificate.Subject);
    }

    private static void Read(byte[] extension, List<Jid> jids, List<string> dnsNames, List<IpAddress> addresses)
    {
        AsnReader names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            if (tag == OtherName)
            {
                AsnReader other = names.ReadSequence(OtherName);
                if (other.ReadObjectIdentifier() == XmppAddress)
                {
                    AsnReader value = other.ReadSequence(OtherName);
                    if (Jid.TryParse(value.ReadCharacterString(UniversalTagNumber.UTF8String), out Jid jid) && jid.IsBare)
                    {
                        jids.Add(jid);
                    }
                }
            }
            else if (tag == DnsName)
            {
                dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsName).ToLowerInvariant());
            }
            else if (tag == IpAddressName)
            {
                byte[] octets = names.ReadOctetString(IpAddressName);
                if (octets.Length is 4 or 16)
                {
                    addresses.Add(IpAddress.From(new IPAddress(octets)).Unmapped);
                }
            }
            else
            {
                _ = names.ReadEncodedValue();
            }
        }
    }
}
