using System.Text;

namespace Dataplane.Fuzz.Xmpp;

/// <summary>Changes streams: octets, and pieces of markup put in, taken out, said twice, or taken from another stream.</summary>
internal sealed class XmppMutator(Random random)
{
    private static readonly byte[][] Pieces = [.. new[]
    {
        "<", ">", "/>", "</", "&", ";", "'", "\"", "<!--", "-->", "<?", "?>", "<?xml version='1.0'?>", "<!DOCTYPE", "<![CDATA[", "]]>", "]]", "&lt;", "&#0;", "&#x41;",
        "&lol;", " ", "\n", "\0", "\uFEFF", "\uFFFF", "\u20AC", "<iq ", "<message>", "</message>", "<presence/>", "</stream:stream>", "<stream:error>", " xmlns='jabber:client'",
        " xmlns:x='y'", " id='1'", " type='get'", " type='set'", " type='error'", " to='a@b'", " from='x@dc1.example.net'", " from='@'", "=", "<a>", "<a/>", "</a>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='x@dc1.example.net'>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "<iq type='get' id='q'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        new string('x', 500), new string('<', 20), string.Concat(Enumerable.Repeat("<a>", 10)), "\uD83D\uDE00",
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>A changed copy.</summary>
    public byte[] Mutate(byte[] stream, byte[] other)
    {
        var octets = new List<byte>(stream);
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(octets.Count + 1);
            switch (random.Next(7))
            {
                case 0 when at < octets.Count:
                    octets[at] = (byte)random.Next(256);
                    break;
                case 1 when at < octets.Count:
                    octets[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    octets.RemoveRange(at, Math.Min(random.Next(1, 40), octets.Count - at));
                    break;
                case 3:
                    byte[] again = [.. octets.Skip(at).Take(random.Next(1, 200))];
                    octets.InsertRange(random.Next(octets.Count + 1), again);
                    break;
                case 4:
                    octets.InsertRange(at, other.Skip(random.Next(other.Length)).Take(random.Next(1, 300)));
                    break;
                case 5 when random.Next(8) == 0:
                    octets.RemoveRange(at, octets.Count - at);
                    break;
                default:
                    octets.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. octets];
    }
}
