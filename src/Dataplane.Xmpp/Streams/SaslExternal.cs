using System.Text;

namespace Dataplane.Xmpp.Streams;

/// <summary>The mechanism EXTERNAL (RFC 4422 appendix A): TLS proved who the peer is, the response only names whom it wants to act as.</summary>
internal static class SaslExternal
{
    /// <summary>The mechanism's name.</summary>
    public const string Name = "EXTERNAL";

    private static readonly string[] FailureNames = [.. Enum.GetNames<SaslFailure>().Select(ElementNames.FromPascalCase)];

    /// <summary>A failure.</summary>
    public static string FailureText(SaslFailure failure) => $"<failure xmlns='{Namespaces.Sasl}'><{FailureNames[(int)failure]}/></failure>";

    /// <summary>What stands for an identity in a response: base64, or <c>=</c> for none.</summary>
    public static string Encode(Jid? identity) => identity is { } jid ? Convert.ToBase64String(Encoding.UTF8.GetBytes(jid.ToString())) : "=";

    /// <summary>Decodes a response.</summary>
    /// <param name="text">Base64, or <c>=</c>, or nothing.</param>
    /// <param name="identity">Whom the peer wants to act as; empty: whom it proved to be.</param>
    /// <returns>False: it is not base64 of UTF-8.</returns>
    public static bool TryDecode(string text, out string identity)
    {
        identity = "";
        if (text is "" or "=")
        {
            return true;
        }

        byte[] octets = new byte[text.Length];
        if (text.Any(char.IsWhiteSpace) || !Convert.TryFromBase64String(text, octets, out int count)
            || !System.Text.Unicode.Utf8.IsValid(octets.AsSpan(0, count)))
        {
            return false;
        }

        identity = Encoding.UTF8.GetString(octets, 0, count);
        return true;
    }
}
