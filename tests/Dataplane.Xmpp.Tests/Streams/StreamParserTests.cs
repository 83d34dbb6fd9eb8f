using System.Text;
using System.Xml.Linq;
using Dataplane.Xmpp.Streams;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Xmpp.Tests.Streams;

/// <summary>What a stream is read as must not depend on how its octets arrive, and must be what an XML reader makes of the whole.</summary>
public sealed class StreamParserTests
{
    private const string Header = "<?xml version='1.0' encoding='utf-8'?>\n<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='a.example'>";
    private const string End = "</stream:stream>";

    private static readonly string[] Names = ["iq", "message", "a", "b-c", "\u00e9l\u00e9ment", "_x.1"];

    private static readonly string[] Texts =
    [
        "", " ", "text", "&lt;&amp;&gt;&quot;&apos;", "&#x20AC;&#65;", "\u20ac \U0001F600", "]] >", "\r\n\t", "a > b", "/>", "'\"",
    ];

    private static readonly Gen<string> Attribute =
        from name in Gen.Elements("id", "other", "type", "xml:lang")
        from quote in Gen.Elements('\'', '"')
        from value in Gen.Elements("", "1", "a > b", "&lt;", "&#39;&quot;", "\u20ac", "/>", "?>", "]]>")
        from space in Gen.Elements(" ", "\n", "  ")
        select $"{space}{name}{(space == "\n" ? " = " : "=")}{quote}{value}{quote}";

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements(Texts),
        from content in Gen.Elements("", "]", "]]", "<a>&b;</a>", "]]]", "<!-- -->", "<?x?>", "text")
        select $"<![CDATA[{content}]]>");

    [Fact]
    public void ReadsTheSameHoweverTheOctetsArrive() => Prop.ForAll(
        Arb.From(Gen.Sized(static size =>
            from elements in Gen.ListOf(Element(Math.Min(size, 4)), 6)
            from spaces in Gen.ListOf(Gen.Elements("", " ", "\n\n"), 6)
            from cuts in Gen.ListOf(Gen.Choose(1, 60), 40)
            select (Elements: (IReadOnlyList<string>)[.. elements], Spaces: (IReadOnlyList<string>)[.. spaces], Cuts: (IReadOnlyList<int>)[.. cuts]))),
        static input =>
        {
            string text = Header + string.Concat(input.Elements.Zip(input.Spaces, static (element, space) => element + space)) + End;
            byte[] octets = Encoding.UTF8.GetBytes(text);
            List<StreamItem> whole = Read(octets, [octets.Length]), pieces = Read(octets, input.Cuts), single = Read(octets, [1]);
            XElement[] expected = [.. XElement.Parse(text[(text.IndexOf("?>", StringComparison.Ordinal) + 2)..], LoadOptions.PreserveWhitespace).Elements()];
            Assert.Equal(StreamItemKind.Header, whole[0].Kind);
            Assert.Equal(StreamItemKind.End, whole[^1].Kind);
            Assert.Equal(expected.Length, whole.Count - 2);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.True(XNode.DeepEquals(expected[i], whole[i + 1].Element));
                Assert.True(XNode.DeepEquals(expected[i], pieces[i + 1].Element));
                Assert.True(XNode.DeepEquals(expected[i], single[i + 1].Element));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AFaultIsTheSameHoweverTheOctetsArrive() => Prop.ForAll(
        Arb.From(
            from body in Element(3)
            from at in Gen.Choose(0, 200)
            from octet in Gen.Elements<byte>((byte)'<', (byte)'>', (byte)'&', (byte)'\'', (byte)'/', (byte)'!', (byte)'?', 0, 0xFF, (byte)'x', (byte)' ')
            from cuts in Gen.ListOf(Gen.Choose(1, 30), 20)
            select (Body: body, At: at, Octet: octet, Cuts: (IReadOnlyList<int>)[.. cuts])),
        static input =>
        {
            byte[] octets = Encoding.UTF8.GetBytes(Header + input.Body + "<message/>");
            octets[Header.Length + (input.At % (octets.Length - Header.Length))] = input.Octet;
            List<StreamItem> whole = Read(octets, [octets.Length]), pieces = Read(octets, input.Cuts);
            Assert.Equal(whole.Select(static item => (item.Kind, item.Fault)), pieces.Select(static item => (item.Kind, item.Fault)));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("<stream:ping xmlns='urn:xmpp:ping'/>")]
    [InlineData("<iq><stream:ping xmlns='urn:xmpp:ping' stream:a='b'><c/></stream:ping></iq>")]
    [InlineData("<iq><x xmlns:stream='urn:other'><stream:y/><z xmlns='http://etherx.jabber.org/streams'/></x><stream:ping xmlns='a'/></iq>")]
    [InlineData("<stream:iq xmlns:stream='urn:other' xmlns='a'><z xmlns='http://etherx.jabber.org/streams'/></stream:iq>")]
    [InlineData("<message><stream:x xmlns:stream='jabber:client'><y xmlns:stream='http://etherx.jabber.org/streams' stream:a='b'/></stream:x></message>")]
    public void WhatHasAPrefixOfTheStreamCanBeWrittenWithoutIt(string text)
    {
        XElement read = Read(Encoding.UTF8.GetBytes(Header + text + End), [4096])[1].Element!;
        XElement again = XElement.Parse(read.ToString(SaveOptions.DisableFormatting), LoadOptions.PreserveWhitespace);
        Assert.Equal(read.DescendantsAndSelf().Select(static element => element.Name), again.DescendantsAndSelf().Select(static element => element.Name));
        XElement within = XElement.Parse(Header[(Header.IndexOf("?>", StringComparison.Ordinal) + 2)..] + text + End).Elements().Single();
        Assert.Equal(within.DescendantsAndSelf().Select(static element => element.Name), again.DescendantsAndSelf().Select(static element => element.Name));
    }

    [Fact]
    public void HoldsNothingWhenNothingWaits()
    {
        using var parser = new StreamParser(new());
        parser.Feed(Encoding.UTF8.GetBytes(Header + "<message/>  \n"));
        Assert.Equal(StreamItemKind.Header, parser.Read().Kind);
        Assert.Equal(StreamItemKind.Element, parser.Read().Kind);
        Assert.Equal(StreamItemKind.None, parser.Read().Kind);
        Assert.Equal(0, parser.UnreadOctets);
        parser.Feed("<mess"u8);
        Assert.Equal(StreamItemKind.None, parser.Read().Kind);
        Assert.Equal(5, parser.UnreadOctets);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void TheBoundOfAStanzaIsExact(int octets, bool isAllowed)
    {
        using var parser = new StreamParser(new() { StanzaOctets = 100 });
        parser.AllowStanzas();
        parser.Feed("<s:stream xmlns='a' xmlns:s='b'>"u8);
        Assert.Equal(StreamItemKind.Header, parser.Read().Kind);
        parser.Feed(Encoding.UTF8.GetBytes($"<message>{new string('x', octets - 19)}</message>"));
        StreamItem item = parser.Read();
        Assert.Equal(isAllowed ? StreamItemKind.Element : StreamItemKind.Fault, item.Kind);
        Assert.Equal(isAllowed ? default : StreamErrorCondition.PolicyViolation, item.Fault.Condition);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void TheBoundOfDepthIsExact(int depth, bool isAllowed)
    {
        using var parser = new StreamParser(new() { Depth = 4 });
        parser.Feed("<s:stream xmlns='a' xmlns:s='b'>"u8);
        _ = parser.Read();
        parser.Feed(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", depth - 1)) + "<a/>" + string.Concat(Enumerable.Repeat("</a>", depth - 1))));
        Assert.Equal(isAllowed ? StreamItemKind.Element : StreamItemKind.Fault, parser.Read().Kind);
    }

    private static Gen<string> Element(int depth) =>
        from name in Gen.Elements(Names)
        from attributes in Gen.ListOf(Attribute, 2)
        from isEmpty in Gen.Elements(true, false)
        from children in Gen.ListOf(depth <= 0 ? Text : Gen.OneOf(Text, Element(depth - 1)), 2)
        let tag = name + string.Concat(attributes.DistinctBy(static attribute => attribute.Trim()[..1]))
        select isEmpty ? $"<{tag}/>" : $"<{tag}>{string.Concat(children)}</{name} >";

    private static List<StreamItem> Read(byte[] octets, IReadOnlyList<int> cuts)
    {
        using var parser = new StreamParser(new());
        parser.AllowStanzas();
        var items = new List<StreamItem>();
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            int count = Math.Min(cuts[cut % cuts.Count], octets.Length - at);
            parser.Feed(octets.AsSpan(at, count));
            at += count;
            StreamItem item;
            while ((item = parser.Read()).Kind != StreamItemKind.None)
            {
                items.Add(item);
                if (item.Kind == StreamItemKind.Fault)
                {
                    return items;
                }
            }
        }

        return items;
    }
}
