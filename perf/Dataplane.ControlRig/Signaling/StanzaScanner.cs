using System.Globalization;
using System.Text;

namespace Dataplane.ControlRig.Signaling;

/// <summary>What an agent is told, as the rig looks at it.</summary>
internal interface IStanzaCount
{
    /// <summary>A version, of an item that was sent.</summary>
    void Version(uint version);

    /// <summary>A ping to be answered with this id.</summary>
    void Ping(string id);

    /// <summary>An error stanza or a stream error.</summary>
    void Fault(string tag);
}

/// <summary>
/// Reads the octets of a stream tag by tag and counts; looks at nothing else, so that a thousand agents cost less than the gateway that
/// is measured. A tag that is cut by the end of the octets is kept for the next ones.
/// </summary>
internal sealed class StanzaScanner(IStanzaCount count)
{
    private readonly List<byte> _rest = [];
    private string _id = "";

    /// <summary>Items of event messages so far.</summary>
    internal long Items { get; private set; }

    /// <summary>Results of requests so far.</summary>
    internal long Results { get; private set; }

    internal void Read(ReadOnlySpan<byte> octets)
    {
        if (_rest.Count != 0)
        {
            int end = octets.IndexOf((byte)'>');
            _rest.AddRange(end < 0 ? octets : octets[..(end + 1)]);
            if (end < 0)
                return;
            byte[] whole = [.. _rest];
            _rest.Clear();
            Tags(whole);
            octets = octets[(end + 1)..];
        }
        Tags(octets);
    }

    private void Tags(ReadOnlySpan<byte> octets)
    {
        while (true)
        {
            int start = octets.IndexOf((byte)'<');
            if (start < 0)
                return;
            octets = octets[start..];
            int end = octets.IndexOf((byte)'>');
            if (end < 0)
            {
                _rest.AddRange(octets);
                return;
            }
            Tag(octets[..(end + 1)]);
            octets = octets[(end + 1)..];
        }
    }

    private void Tag(ReadOnlySpan<byte> tag)
    {
        if (tag.StartsWith("<item "u8))
        {
            Items++;
        }
        else if (tag.StartsWith("<version "u8))
        {
            if (uint.TryParse(Attribute(tag, " id="u8), CultureInfo.InvariantCulture, out uint version))
                count.Version(version);
        }
        else if (tag.StartsWith("<iq "u8))
        {
            _id = Attribute(tag, " id="u8);
            string type = Attribute(tag, " type="u8);
            if (type == "result")
                Results++;
            else if (type == "error")
                count.Fault(Encoding.UTF8.GetString(tag));
        }
        else if (tag.StartsWith("<ping "u8))
        {
            count.Ping(_id);
        }
        else if (tag.StartsWith("<stream:error"u8) || tag.StartsWith("</stream:stream"u8))
        {
            count.Fault(Encoding.UTF8.GetString(tag));
        }
    }

    private static string Attribute(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name)
    {
        int start = tag.IndexOf(name);
        if (start < 0)
            return "";
        byte quote = tag[start + name.Length];
        tag = tag[(start + name.Length + 1)..];
        return Encoding.UTF8.GetString(tag[..tag.IndexOf(quote)]);
    }
}
