using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Dataplane.Net;

namespace Dataplane.Xmpp.PubSub;

/// <summary>Writes stanzas as UTF-8 octets, without an XML writer's cost: names are literals, values are escaped. One thread at a time.</summary>
public sealed class StanzaText
{
    private readonly ArrayBufferWriter<byte> _octets = new(1024);

    /// <summary>What has been written; valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _octets.WrittenSpan;

    /// <summary>Octets that have been written.</summary>
    public int Length => _octets.WrittenCount;

    /// <summary>Forgets what has been written.</summary>
    public void Clear() => _octets.ResetWrittenCount();

    /// <summary>What has been written, in memory of its own.</summary>
    public byte[] ToArray() => _octets.WrittenSpan.ToArray();

    /// <summary>Writes octets as they are.</summary>
    public StanzaText Raw(ReadOnlySpan<byte> octets)
    {
        _octets.Write(octets);
        return this;
    }

    /// <summary>Writes a text that came from elsewhere: characters of markup are escaped, those that XML does not have are left out.</summary>
    public StanzaText Text(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var plain = 0;
            while (plain < text.Length && text[plain] is >= ' ' and not ('<' or '>' or '&' or '\'' or '"') and < '\uD800')
            {
                plain++;
            }

            if (plain != 0)
            {
                Span<byte> room = _octets.GetSpan(Encoding.UTF8.GetMaxByteCount(plain));
                _octets.Advance(Encoding.UTF8.GetBytes(text[..plain], room));
                text = text[plain..];
                continue;
            }

            var taken = 1;
            switch (text[0])
            {
                case '<':
                    Raw("&lt;"u8);
                    break;
                case '>':
                    Raw("&gt;"u8);
                    break;
                case '&':
                    Raw("&amp;"u8);
                    break;
                case '\'':
                    Raw("&apos;"u8);
                    break;
                case '"':
                    Raw("&quot;"u8);
                    break;
                case '\t' or '\n' or '\r':
                    Raw("&#"u8).Number(text[0]).Raw(";"u8);
                    break;
                case >= '\uD800' when Rune.DecodeFromUtf16(text, out Rune rune, out taken) == OperationStatus.Done && rune.Value is not (0xFFFE or 0xFFFF):
                    _octets.Advance(rune.EncodeToUtf8(_octets.GetSpan(4)));
                    break;
            }

            text = text[taken..];
        }

        return this;
    }

    /// <summary>Writes a number in decimal.</summary>
    public StanzaText Number(uint value)
    {
        _ = Utf8Formatter.TryFormat(value, _octets.GetSpan(10), out var written);
        _octets.Advance(written);
        return this;
    }

    /// <summary>Writes an address.</summary>
    public StanzaText Address(IpAddress address)
    {
        if (address.IsV6)
        {
            return Text(address.ToString());
        }

        var value = address.V4.Value;
        return Number(value >> 24).Raw("."u8).Number(value >> 16 & 0xFF).Raw("."u8).Number(value >> 8 & 0xFF).Raw("."u8).Number(value & 0xFF);
    }

    /// <summary>Writes a prefix with its length.</summary>
    public StanzaText Prefix(IpPrefix prefix) => Address(prefix.Address).Raw("/"u8).Number(prefix.Length);
}
