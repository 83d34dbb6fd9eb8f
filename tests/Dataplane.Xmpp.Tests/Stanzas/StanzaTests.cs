using System.Text;
using System.Xml.Linq;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.Stanzas;

/// <summary>Stanzas and their errors, RFC 6120 §8.</summary>
public sealed class StanzaTests
{
    [Theory]
    [InlineData("<iq type='get' id='1'><a xmlns='x'/></iq>", null)]
    [InlineData("<iq type='set' id='1'><a xmlns='x'/></iq>", null)]
    [InlineData("<iq type='result' id='1'/>", null)]
    [InlineData("<iq type='error' id='1'><a xmlns='x'/><error/></iq>", null)]
    [InlineData("<message/>", null)]
    [InlineData("<presence/>", null)]
    [InlineData("<iq type='get' id='1'/>", StanzaFault.BadIq)]
    [InlineData("<iq type='set' id='1'><a xmlns='x'/><b xmlns='x'/></iq>", StanzaFault.BadIq)]
    [InlineData("<iq type='result' id='1'><a xmlns='x'/><b xmlns='x'/></iq>", StanzaFault.BadIq)]
    [InlineData("<iq type='get'><a xmlns='x'/></iq>", StanzaFault.BadIq)]
    [InlineData("<iq id='1'><a xmlns='x'/></iq>", StanzaFault.BadIq)]
    [InlineData("<iq type='put' id='1'><a xmlns='x'/></iq>", StanzaFault.BadIq)]
    [InlineData("<iq type='get' id='1' to='a@'><a xmlns='x'/></iq>", StanzaFault.BadTo)]
    [InlineData("<iq type='get' id='1' from='@b'><a xmlns='x'/></iq>", StanzaFault.BadFrom)]
    [InlineData("<route/>", StanzaFault.UnknownKind)]
    [InlineData("<iq xmlns='jabber:server' type='get' id='1'><a xmlns='x'/></iq>", StanzaFault.UnknownKind)]
    [Trait("Requirement", "XMP-15")]
    public void SaysWhatIsWrong(string text, StanzaFault? fault)
    {
        Assert.Equal(fault, Stanza.TryRead(Element(text), out Stanza? stanza));
        Assert.Equal(fault is StanzaFault.UnknownKind or StanzaFault.BadFrom, stanza is null);
    }

    [Fact]
    [Trait("Requirement", "XMP-15")]
    public void AnswersWithTheSameIdTheOtherWayRound()
    {
        Stanza request = Read("<iq type='set' id='p&lt;7' from='a@b/c' to='sg.b'><x xmlns='urn:x'/></iq>");
        Stanza result = Read(Text(Iq.Result(request, new(XName.Get("y", "urn:y")))));
        Assert.Equal(("result", "p<7", "sg.b", "a@b/c"), (result.Type, result.Id, result.From.ToString(), result.To.ToString()));
        Assert.True(result.IsResponse && !result.IsRequest);
        Assert.Equal(XName.Get("y", "urn:y"), result.Payload!.Name);
    }

    [Fact]
    public void DoesNotRepeatTheNamespaceOfTheStream()
    {
        Stanza request = Read("<iq type='get' id='1'><x xmlns='urn:x'/></iq>");
        Assert.Equal("<iq type=\"result\" id=\"1\" />", Text(Iq.Result(request)));
    }

    [Fact]
    public void EveryConditionIsReadAsItIsWritten()
    {
        Stanza request = Read("<iq type='get' id='1'><x xmlns='urn:x'/></iq>");
        var own = new XElement(XName.Get("closed-node", "http://jabber.org/protocol/pubsub#errors"));
        foreach (StanzaErrorCondition condition in Enum.GetValues<StanzaErrorCondition>())
        {
            StanzaError error = Read(Text(Iq.Error(request, condition, "because", own))).Error!;
            Assert.Equal((condition, StanzaError.UsualType(condition), "because"), (error.Condition, error.Type, error.Text));
            Assert.Equal(own.Name, error.ApplicationSpecific!.Name);
        }

        Assert.Equal("item-not-found", StanzaError.NameOf(StanzaErrorCondition.ItemNotFound));
    }

    [Fact]
    public void AnErrorThatIsNotUnderstoodIsAnUndefinedCondition()
    {
        StanzaError error = Read("<iq type='error' id='1'><error type='odd'><strange xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").Error!;
        Assert.Equal((StanzaErrorCondition.UndefinedCondition, StanzaErrorType.Cancel), (error.Condition, error.Type));
        Assert.Equal(StanzaErrorCondition.UndefinedCondition, Read("<message type='error'/>").Error!.Condition);
    }

    private static XElement Element(string text) => XElement.Parse($"<s xmlns='jabber:client'>{text}</s>").Elements().Single();

    private static string Text(ReadOnlyMemory<byte> octets) => Encoding.UTF8.GetString(octets.Span);

    private static Stanza Read(string text)
    {
        Assert.Null(Stanza.TryRead(Element(text), out Stanza? stanza));
        return stanza!;
    }
}
