using System.Text;
using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Tests.PubSub;

/// <summary>Events: the documented shapes, both ways.</summary>
public sealed class EventTests
{
    private const string Token = "5d0c7f7e9b1a4c0f8a63c1f24e77b950";

    /// <summary>Sections 3.5 and 3.6.</summary>
    [Fact]
    [Trait("Requirement", "XMP-11")]
    [Trait("Requirement", "XMP-13")]
    public void TheDocumentedShapesAreWritten()
    {
        var text = new StanzaText();
        EventWriter.BeginItems(text, "blue-web");
        EventWriter.WriteItem(text, WireProfile.Esv05, Token, new()
        {
            Prefix = IpPrefix.Parse("198.51.100.40/32"),
            NextHops = [new(IpAddress.Parse("203.0.113.44"), new Label20(61200))],
            Version = 3,
        });
        EventWriter.EndItems(text);
        Same(
            """
            <event xmlns='http://jabber.org/protocol/pubsub#event'>
              <items node='blue-web'>
                <item id='5d0c7f7e9b1a4c0f8a63c1f24e77b950'>
                  <entry xmlns='http://ietf.org/protocol/bgpvpn'>
                    <nlri af='1'>198.51.100.40/32</nlri>
                    <next-hop af='1'>203.0.113.44</next-hop>
                    <version id='3'/>
                    <label>61200</label>
                  </entry>
                </item>
              </items>
            </event>
            """, text);
        text.Clear();
        EventWriter.WriteDisassociate(text, "blue-web", Token);
        Same(
            $"<event xmlns='http://jabber.org/protocol/pubsub#event'><collection node='blue-web'><disassociate node='{Token}'/></collection></event>", text);
        text.Clear();
        EventWriter.WriteDelete(text, Token);
        Same($"<event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='{Token}'/></event>", text);
    }

    /// <summary>Several next hops take the list form in the documented namespace, and come back.</summary>
    [Theory]
    [InlineData(WireProfile.Esv05)]
    [InlineData(WireProfile.EndSystem06)]
    [Trait("Requirement", "SIG-10")]
    public void WhatIsWrittenIsRead(WireProfile profile)
    {
        var random = new Random(6);
        for (var i = 0; i < 1000; i++)
        {
            VpnEntry entry = Requests.Entry(random, profile);
            var text = new StanzaText();
            EventWriter.BeginItems(text, "v");
            EventWriter.WriteItem(text, profile, Token, entry);
            EventWriter.WriteRetract(text, "other");
            EventWriter.EndItems(text);
            var events = new List<PubSubEvent>();
            Assert.True(EventReader.Read(XElement.Parse($"<message>{Encoding.UTF8.GetString(text.Written)}</message>"), events));
            Assert.Collection(
                events,
                first => Assert.Equal(Requests.Text(new RouteChangedEvent("v", Token, entry)), Requests.Text(first)),
                second => Assert.Equal(new RouteRetractedEvent("v", "other"), second));
        }
    }

    /// <summary>A spoilt item spoils no other one.</summary>
    [Fact]
    [Trait("Requirement", "XMP-11")]
    public void OneWrongItemIsLeftOut()
    {
        var events = new List<PubSubEvent>();
        var faults = new List<PubSubFault>();
        Assert.True(EventReader.Read(
            XElement.Parse(
                "<message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='v'>"
                + "<item id='a'><entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>198.51.100.40/31x</nlri></entry></item>"
                + "<item id='b'><entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='1'>198.51.100.40/32</nlri></entry></item></items></event>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><collection node='v'><dissociate node='c'/></collection></event>"
                + "<settled xmlns='urn:dataplane:bgpvpn:0' node='v'/></message>"),
            events, faults));
        Assert.Collection(
            events,
            first => Assert.Equal("b", Assert.IsType<RouteChangedEvent>(first).Token),
            second => Assert.Equal(new RouteDisassociatedEvent("v", "c"), second),
            third => Assert.Equal(new SettledEvent("v"), third));
        _ = Assert.Single(faults);
        Assert.False(EventReader.Read(XElement.Parse("<message xmlns='jabber:client'><body>x</body></message>"), events));
    }

    private static void Same(string expected, StanzaText written) => Assert.Equal(
        XElement.Parse(expected).ToString(SaveOptions.DisableFormatting),
        XElement.Parse(Encoding.UTF8.GetString(written.Written)).ToString(SaveOptions.DisableFormatting));
}
