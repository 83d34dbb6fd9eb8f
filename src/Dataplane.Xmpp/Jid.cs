using System.Buffers;

namespace Dataplane.Xmpp;

/// <summary>
/// An XMPP address, <c>local@domain/resource</c> (RFC 7622): always a domain, the other parts where they are. Normalised when parsed: local part and
/// domain in lower case, a dot at the end of the domain dropped, so that equal addresses are equal values. Local part and domain are ASCII; other
/// characters would need the tables of PRECIS, and neither system-ids nor host names have them. The default value is no address.
/// </summary>
public readonly record struct Jid
{
    /// <summary>Octets of a part at most (RFC 7622 §3.1).</summary>
    public const int LongestPart = 1023;

    // RFC 7622 §3.3.1 excludes these from local parts; what is not printable ASCII is excluded here.
    private static readonly SearchValues<char> LocalCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789!#$%()*+,-.;=?[\\]^_`{|}~ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> DomainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._ABCDEFGHIJKLMNOPQRSTUVWXYZ[]:");

    private Jid(string? local, string domain, string? resource)
    {
        Local = local;
        Domain = domain;
        Resource = resource;
    }

    /// <summary>The part before the <c>@</c>, of an end-system its system-id; null: there is none.</summary>
    public string? Local { get; }

    /// <summary>The domain, which every address has.</summary>
    public string Domain { get; }

    /// <summary>The part after the slash, case preserved; null: there is none.</summary>
    public string? Resource { get; }

    /// <summary>The same without the resource.</summary>
    public Jid Bare => Resource is null ? this : new(Local, Domain, null);

    /// <summary>Whether there is no resource.</summary>
    public bool IsBare => Resource is null;

    /// <summary>Whether this is no address: the default value.</summary>
    public bool IsNone => Domain is null;

    /// <summary>The same with another resource.</summary>
    /// <exception cref="FormatException">It is not a resource.</exception>
    public Jid WithResource(string resource) =>
        IsResource(resource) ? new(Local, Domain, resource) : throw new FormatException($"'{resource}' is not a resource of an XMPP address.");

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Jid Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Jid jid) ? jid : throw new FormatException($"'{text}' is not an XMPP address.");

    /// <summary>Parses an address.</summary>
    /// <returns>False when it is none; then <paramref name="jid"/> is the default value.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Jid jid)
    {
        jid = default;
        string? resource = null;
        int slash = text.IndexOf('/');
        if (slash >= 0)
        {
            ReadOnlySpan<char> part = text[(slash + 1)..];
            if (!IsResource(part))
            {
                return false;
            }

            resource = part.ToString();
            text = text[..slash];
        }

        string? local = null;
        int at = text.IndexOf('@');
        if (at >= 0)
        {
            ReadOnlySpan<char> part = text[..at];
            if (part.IsEmpty || part.Length > LongestPart || part.ContainsAnyExcept(LocalCharacters))
            {
                return false;
            }

            local = Lower(part);
            text = text[(at + 1)..];
        }

        text = text is [.., '.'] ? text[..^1] : text;
        if (text.IsEmpty || text.Length > LongestPart || text.ContainsAnyExcept(DomainCharacters))
        {
            return false;
        }

        jid = new(local, Lower(text), resource);
        return true;
    }

    /// <summary>Whether this is an address without a resource that is equal to <paramref name="other"/> without its own.</summary>
    public bool IsBareOf(Jid other) => Resource is null && this == other.Bare;

    /// <summary>Written as it is parsed.</summary>
    public override string ToString() => (Local, Resource) switch
    {
        (null, null) => Domain ?? "",
        (null, _) => $"{Domain}/{Resource}",
        (_, null) => $"{Local}@{Domain}",
        _ => $"{Local}@{Domain}/{Resource}",
    };

    private static string Lower(ReadOnlySpan<char> part) => string.Create(part.Length, part, static (into, from) => from.ToLowerInvariant(into));

    private static bool IsResource(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.Length > LongestPart || System.Text.Encoding.UTF8.GetByteCount(part) > LongestPart)
        {
            return false;
        }

        foreach (char character in part)
        {
            if (char.IsControl(character))
            {
                return false;
            }
        }

        return true;
    }
}
