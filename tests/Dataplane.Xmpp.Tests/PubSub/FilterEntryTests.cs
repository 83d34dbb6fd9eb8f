using System.Text;
using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.PubSub;

public sealed class FilterEntryTests
{
    [Theory]
    [InlineData("dst 10.40.0.0/24; src 192.0.2.0/25; proto =17; dport =53 >=1024&<=2047; fragment !isf", AddressFamily.Ipv4)]
    [InlineData("port !=80; icmp-type true; icmp-code false; tcp-flags syn&!=ack 0x800; length >1500; dscp <8", AddressFamily.Ipv4)]
    [InlineData("dst ::1234:0/112/96; src 2001:db8::/32; sport >100; flow-label =77", AddressFamily.Ipv6)]
    public void WhatIsWrittenIsRead(string text, AddressFamily family)
    {
        VrfFilter filter = new(
            FlowSpecRule.Parse(text, family), [Action("rate:9600"), Action("mark:46"), Action("redirect:65000:5"), Action("action:sample+continue")])
        {
            RedirectVrf = "red&co",
        };
        XElement entry = Written(filter);
        Assert.Equal($"http://ietf.org/protocol/bgpvpn/{(family == AddressFamily.Ipv6 ? "ip6" : "ip4")}-flow-spec", entry.Name.NamespaceName);
        VrfFilter? read = FilterEntryReader.Read(entry, out PubSubFault? fault);
        Assert.Null(fault);
        Assert.Equal(filter, read);
    }

    [Theory]
    [InlineData("<match/>", "a flow specification has components")]
    [InlineData("<match><dst>10.0.0.1/8</dst></match>", "'10.0.0.1/8' is no IPv4 prefix")]
    [InlineData("<match><proto><term op='='>6</term></proto><proto><term op='='>7</term></proto></match>", "proto is no component, or is there twice")]
    [InlineData("<match><colour/></match>", "colour is no component, or is there twice")]
    [InlineData("<match><proto/></match>", "proto has no terms")]
    [InlineData("<match><proto><term op='~'>6</term></proto></match>", "a term of proto has an operator and a number")]
    [InlineData("<match><proto><term op='='>six</term></proto></match>", "a term of proto has an operator and a number")]
    [InlineData("<match><dscp><term op='='>100000</term></dscp></match>", "Not a flow specification: ValueLength. (Parameter 'components')")]
    [InlineData("<match><flow-label><term op='='>1</term></flow-label></match>", "Not a flow specification: UnknownComponent. (Parameter 'components')")]
    public void WhatIsNoRuleIsRefused(string content, string reason)
    {
        var entry = XElement.Parse($"<entry xmlns='http://ietf.org/protocol/bgpvpn/ip4-flow-spec'>{content}</entry>");
        Assert.Null(FilterEntryReader.Read(entry, out PubSubFault? fault));
        Assert.Equal(reason, fault!.Text);
    }

    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void NobodyPublishesRules()
    {
        var payload = XElement.Parse(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='blue/ip4-flow-spec'><item>"
            + "<entry xmlns='http://ietf.org/protocol/bgpvpn/ip4-flow-spec'><match><proto><term op='='>6</term></proto></match></entry></item></publish></pubsub>");
        Assert.Null(RequestReader.Read(payload, isSet: true, VpnName.DefaultLength, out PubSubFault? fault));
        Assert.Equal(StanzaErrorCondition.Forbidden, fault!.Condition);
    }

    [Theory]
    [InlineData("blue/ip4-flow-spec", "blue", true)]
    [InlineData("blue/ip6-flow-spec", "blue", true)]
    [InlineData("/ip4-flow-spec", "/ip4-flow-spec", false)]
    [InlineData("blue", "blue", false)]
    public void ACollectionIsNamedAfterItsVpn(string node, string vpn, bool isRules)
    {
        Assert.Equal(isRules, FlowSpecNode.TryParse(node, out var parsed, out AddressFamily family));
        Assert.Equal(vpn, parsed);
        Assert.True(!isRules || FlowSpecNode.Of(vpn, family) == node);
    }

    private static FlowSpecAction Action(string text) => FlowSpecAction.TryParse(text, out FlowSpecAction action) ? action : throw new FormatException(text);

    private static XElement Written(VrfFilter filter)
    {
        var text = new StanzaText();
        FilterEntryWriter.Write(text, filter);
        return XElement.Parse(Encoding.UTF8.GetString(text.Written));
    }
}
