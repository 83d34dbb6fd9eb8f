using System.Text;
using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Tests.PubSub;

/// <summary>Requests: the documented shapes are read and written, variants are read, everything else is refused by name.</summary>
public sealed class RequestTests
{
    private const string Client = "02aa10c0ffee@dc1.example.net";
    private const string Server = "sg.dc1.example.net";

    private static readonly VpnEntry Sample = new()
    {
        Prefix = IpPrefix.Parse("198.51.100.25/32"),
        NextHops = [new(IpAddress.Parse("203.0.113.17"), new Label20(52013))],
        Version = 7,
    };

    /// <summary>Section 3 of the requirements, octet by octet: what we write is what is documented.</summary>
    [Fact]
    [Trait("Requirement", "XMP-09")]
    [Trait("Requirement", "XMP-10")]
    public void TheDocumentedShapesAreWritten()
    {
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='s-41'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscribe node='blue-web' jid='02aa10c0ffee@dc1.example.net'/>
              </pubsub>
            </iq>
            """,
            Written("s-41", new SubscribeRequest("blue-web", Client)));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='s-42'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <subscribe node='blue-web' jid='02aa10c0ffee@dc1.example.net'/>
                <options>
                  <x xmlns='jabber:x:data' type='submit'><field var='vpn#vlan_id'><value>317</value></field></x>
                </options>
              </pubsub>
            </iq>
            """,
            Written("s-42", new SubscribeRequest("blue-web", Client) { Vlan = 317 }));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='p-7'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='02aa10c0ffee:198.51.100.25/32'>
                  <item>
                    <entry xmlns='http://ietf.org/protocol/bgpvpn'>
                      <nlri af='1'>198.51.100.25/32</nlri>
                      <next-hop af='1'>203.0.113.17</next-hop>
                      <version id='7'/>
                      <label>52013</label>
                    </entry>
                  </item>
                </publish>
              </pubsub>
            </iq>
            """,
            Written("p-7", new PublishRequest("02aa10c0ffee:198.51.100.25/32", [new(null, Sample)])));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='p-8'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <collection node='blue-web'><associate node='02aa10c0ffee:198.51.100.25/32'/></collection>
              </pubsub>
            </iq>
            """,
            Written("p-8", new AssociateRequest("blue-web", "02aa10c0ffee:198.51.100.25/32")));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='w-1'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
                <collection node='blue-web'><dissociate node='02aa10c0ffee:198.51.100.25/32'/></collection>
              </pubsub>
            </iq>
            """,
            Written("w-1", new DissociateRequest("blue-web", "02aa10c0ffee:198.51.100.25/32")));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='w-2'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
                <delete node='02aa10c0ffee:198.51.100.25/32'/>
              </pubsub>
            </iq>
            """,
            Written("w-2", new DeleteRequest("02aa10c0ffee:198.51.100.25/32")));
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='u-1'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <unsubscribe node='blue-web' jid='02aa10c0ffee@dc1.example.net'/>
              </pubsub>
            </iq>
            """,
            Written("u-1", new UnsubscribeRequest("blue-web", Client)));
    }

    /// <summary>Section 3.10.</summary>
    [Fact]
    [Trait("Requirement", "XMP-10")]
    public void TheLaterDraftsShapeIsWritten()
    {
        VpnEntry entry = Sample with
        {
            NextHops = [Sample.NextHops[0] with { Encapsulations = TunnelEncapsulations.Gre }],
            LocalPreference = 100,
        };
        Same(
            """
            <iq type='set' from='02aa10c0ffee@dc1.example.net' to='sg.dc1.example.net' id='p6-1'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='blue-web'>
                  <item id='203.0.113.17:4:198.51.100.25/32'>
                    <entry xmlns='urn:ietf:params:xml:ns:bgp:l3vpn:unicast'>
                      <nlri><af>1</af><safi>1</safi><address>198.51.100.25/32</address></nlri>
                      <next-hops>
                        <next-hop>
                          <af>1</af><address>203.0.113.17</address><label>52013</label>
                          <tunnel-encapsulation-list><tunnel-encapsulation>gre</tunnel-encapsulation></tunnel-encapsulation-list>
                        </next-hop>
                      </next-hops>
                      <sequence-number>7</sequence-number>
                      <local-preference>100</local-preference>
                    </entry>
                  </item>
                </publish>
              </pubsub>
            </iq>
            """,
            Written("p6-1", new PublishRequest("blue-web", [new("203.0.113.17:4:198.51.100.25/32", entry)]), WireProfile.EndSystem06));
    }

    /// <summary>Whatever can be said is read as it was written, in both profiles.</summary>
    [Theory]
    [InlineData(WireProfile.Esv05)]
    [InlineData(WireProfile.EndSystem06)]
    [Trait("Requirement", "XMP-10")]
    public void WhatIsWrittenIsRead(WireProfile profile)
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            PubSubRequest request = Requests.Any(random, profile);
            XElement iq = XElement.Parse($"<s xmlns='jabber:client'>{Written("1", request, profile)}</s>").Elements().Single();
            PubSubRequest? read = RequestReader.Read(iq.Elements().Single(), isSet: true, VpnName.DefaultLength, out PubSubFault? fault);
            Assert.Null(fault);
            Assert.Equal(Requests.Text(request), Requests.Text(read!));
        }
    }

    /// <summary>Variants that others send (AMB-02, 07, 08, 14, 22).</summary>
    [Theory]
    [InlineData("<version>9</version>", 9u)]
    [InlineData("<sequence-number> 9 </sequence-number>", 9u)]
    [InlineData("<version id='4294967295'/>", uint.MaxValue)]
    [InlineData("", 0u)]
    [Trait("Requirement", "SIG-08")]
    public void VersionsAreReadInEverySpelling(string text, uint version)
    {
        VpnEntry entry = Entry($"<nlri>198.51.100.25</nlri><next-hop af='1'> 203.0.113.17\n</next-hop>{text}<label>16</label>")!;
        Assert.Equal(version, entry.Version);
        Assert.Equal("198.51.100.25/32", entry.Prefix.ToString());
    }

    /// <summary>Both namespaces, both spellings.</summary>
    [Theory]
    [InlineData("pubsub", "associate", true)]
    [InlineData("pubsub#owner", "associate", true)]
    [InlineData("pubsub", "dissociate", false)]
    [InlineData("pubsub#owner", "disassociate", false)]
    [Trait("Requirement", "XMP-09")]
    public void CollectionsAreReadInBothNamespaces(string space, string operation, bool isAssociation)
    {
        PubSubRequest? request = Read($"<pubsub xmlns='http://jabber.org/protocol/{space}'><collection node='v'><{operation} node='l'/></collection></pubsub>", out _);
        Assert.Equal(isAssociation ? new AssociateRequest("v", "l") : new DissociateRequest("v", "l"), request);
    }

    /// <summary>What a subscribe may carry, with the form's hidden type too.</summary>
    [Fact]
    [Trait("Requirement", "XMP-08")]
    public void OptionsAreRead()
    {
        PubSubRequest? request = Read(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='v'/><options><x xmlns='jabber:x:data' type='submit'>"
            + "<field var='FORM_TYPE' type='hidden'><value>vpn</value></field><field var='vpn#vlan_id'><value> 317 </value></field></x>"
            + "<instance-id>4</instance-id><settled xmlns='urn:dataplane:bgpvpn:0'/></options></pubsub>", out _);
        Assert.Equal(new SubscribeRequest("v", null) { Vlan = 317, InstanceId = 4, WantsSettled = true }, request);
    }

    /// <summary>Values that are not what they have to be are refused, never taken for something else (AMB-01, 16, 22).</summary>
    [Theory]
    [InlineData("<nlri af='1'>198.51.100.25/24</nlri><next-hop>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<nlri af='2'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<nlri af='3'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32'</nlri><next-hop>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113</next-hop><label>16</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop af='2'>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>15</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>1048576</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>-1</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>0x10</label>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>16</label><version id='4294967296'/>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><next-hop>203.0.113.17</next-hop><label>16</label><version id='-1'/>")]
    [InlineData("<nlri af='1'>198.51.100.25/32</nlri><nlri af='1'>198.51.100.26/32</nlri><next-hop>203.0.113.17</next-hop><label>16</label>")]
    [InlineData("<next-hop>203.0.113.17</next-hop><label>16</label>")]
    [Trait("Requirement", "XMP-10")]
    [Trait("Requirement", "AMB-01")]
    public void WrongEntriesAreRefused(string content)
    {
        Assert.Null(Entry(content, out PubSubFault? fault));
        Assert.Equal((StanzaErrorCondition.BadRequest, "invalid-payload"), (fault!.Condition, fault.Specific));
    }

    /// <summary>Requests that are not what they have to be are refused by the name that XEP-0060 gives.</summary>
    [Theory]
    [InlineData("<subscribe jid='a@b'/>", StanzaErrorCondition.BadRequest, "nodeid-required")]
    [InlineData("<subscribe node=''/>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<subscribe node='bl ue'/>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<subscribe node='bl&#xFC;'/>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<subscribe node='12345678901234567890123456789012345678901234567890123456789012345'/>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<subscribe node='v'/><options><x xmlns='jabber:x:data'><field var='vpn#vlan_id'><value>4095</value></field></x></options>", StanzaErrorCondition.BadRequest, "invalid-options")]
    [InlineData("<publish node='l'/>", StanzaErrorCondition.BadRequest, "item-required")]
    [InlineData("<publish node='l'><item/></publish>", StanzaErrorCondition.BadRequest, "payload-required")]
    [InlineData("<publish node='l'><item><x xmlns='other'/></item></publish>", StanzaErrorCondition.BadRequest, "invalid-payload")]
    [InlineData("<collection node='v'/>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<collection node='v'><associate node='a'/><associate node='b'/></collection>", StanzaErrorCondition.BadRequest, null)]
    [InlineData("<retract node='v'/>", StanzaErrorCondition.BadRequest, "item-required")]
    [InlineData("<create node='v'/>", StanzaErrorCondition.FeatureNotImplemented, "unsupported")]
    [InlineData("<items node='v'/>", StanzaErrorCondition.FeatureNotImplemented, "unsupported")]
    [InlineData("", StanzaErrorCondition.BadRequest, null)]
    [Trait("Requirement", "XMP-04")]
    [Trait("Requirement", "XMP-15")]
    public void WrongRequestsAreRefusedByName(string content, StanzaErrorCondition condition, string? specific)
    {
        Assert.Null(Read($"<pubsub xmlns='http://jabber.org/protocol/pubsub'>{content}</pubsub>", out PubSubFault? fault));
        Assert.Equal((condition, specific), (fault!.Condition, fault.Specific));
    }

    /// <summary>1 and 64 characters are a name.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [Trait("Requirement", "XMP-04")]
    public void NamesHaveUpTo64Characters(int length, bool isName) => Assert.Equal(isName, VpnName.IsValid(new string('~', length)));

    /// <summary>Characters of markup in names stay what they are; characters that XML lacks go.</summary>
    [Fact]
    [Trait("Requirement", "XMP-17")]
    public void NamesAreEscaped()
    {
        var text = new StanzaText().Text("<a&'b\"\u0001\uD83D\uDE00\uD83D>\n").ToArray();
        Assert.Equal("<a&'b\"\U0001F600>\n", (string?)XElement.Parse($"<x y='{Encoding.UTF8.GetString(text)}'/>").Attribute("y"));
    }

    private static string Written(string id, PubSubRequest request, WireProfile profile = WireProfile.Esv05)
    {
        var text = new StanzaText();
        RequestWriter.Write(text, profile, Client, Server, id, request);
        return Encoding.UTF8.GetString(text.Written);
    }

    private static void Same(string expected, string written) => Assert.Equal(
        XElement.Parse(expected).ToString(SaveOptions.DisableFormatting), XElement.Parse(written).ToString(SaveOptions.DisableFormatting));

    private static PubSubRequest? Read(string payload, out PubSubFault? fault) =>
        RequestReader.Read(XElement.Parse(payload), isSet: true, VpnName.DefaultLength, out fault);

    private static VpnEntry? Entry(string content) => Entry(content, out _);

    private static VpnEntry? Entry(string content, out PubSubFault? fault) =>
        EntryReader.Read(XElement.Parse($"<entry xmlns='http://ietf.org/protocol/bgpvpn'>{content}</entry>"), out fault);
}
