using System.Buffers.Binary;
using System.Globalization;
using System.Xml.Linq;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Signaled;

/// <summary>Hosts that only tag, of either draft, behind a switch that knows nothing; what is between the sites knows nothing either.</summary>
public sealed class SwitchedSiteTests(SwitchedSite site) : IClassFixture<SwitchedSite>
{
    private const int EtherTypeIpv4 = 0x0800;
    private const int EtherTypeArp = 0x0806;
    private const int EtherTypeVlan = 0x8100;
    private const int Icmp = 1;
    private const int Udp = 17;

    /// <summary>
    /// Both hosts use VLAN 317 and one address, in VPNs of their own, and reach others in another site and back. Between the sites is IPv6 alone: next hops are
    /// of that family, and packets cross it in GRE with a label.
    /// </summary>
    [Theory]
    [InlineData("end-system-06")]
    [InlineData("esv05")]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "ARC-19")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "EXT-03")]
    [Trait("Requirement", "EXT-05")]
    [Trait("Requirement", "EXT-08")]
    [Trait("Requirement", "XMP-08")]
    [Trait("Requirement", "XMP-14")]
    public void HostsOfEitherDraftReachAnotherSiteInTheirVlan(string draft)
    {
        (Guest tagged, Guest remote) = draft == "esv05" ? (site.Blue2, site.BlueB) : (site.Red1, site.RedB);
        using var receiver = new PacketSocket(remote.Space, "eth0");
        Reaches(tagged, remote.Address4);
        Reaches(remote, tagged.Address4);
        Assert.NotNull(receiver.Receive(frame => Frame.EtherType(frame) == EtherTypeIpv4 && frame[26..30].SequenceEqual(Frame.Ip(tagged.Address4))));
        string[] subscribed = draft == "esv05" ? site.Client2.Stanzas : site.Client1.Stanzas;
        Assert.Contains(subscribed, static stanza => stanza.Contains("subid=\"vlan-317\"", StringComparison.Ordinal));

        // It withdraws the address, in its draft's way, and publishes it again.
        string prefix = tagged.Address4 + "/32";
        string vpn = draft == "esv05" ? "blue" : "red";
        Assert.Null(draft == "esv05"
            ? site.Client2.Ask("dissociate", ("vpn", vpn), ("leaf", $"{SwitchedSite.System2}:{vpn}:{prefix}"))
            : site.Client1.Ask("retract", ("vpn", vpn), ("item", prefix)));
        site.Until("the withdrawal", () => !site.AgentB.Routes(vpn).Any(route => route.StartsWith(prefix + ' ', StringComparison.Ordinal)));
        Assert.Equal(0, remote.PingInVain(tagged.Address4));
        Assert.Null(draft == "esv05" ? site.Client2.Publish(vpn, prefix, "192.0.2.99", 16, 5) : site.Client1.Publish06(vpn, prefix, "192.0.2.99", 16, 5));
        site.Until("the address again", () => site.AgentB.Routes(vpn).Contains($"{prefix} {SwitchedSite.ForwarderT}"));
        Reaches(remote, tagged.Address4);
    }

    [Fact]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "XMP-09")]
    public void NextHopsAndTunnelsAreOfTheUnderlaysFamily()
    {
        Reaches(site.Red1, site.RedB.Address4);
        List<string[]> frames = [];
        site.Until("packets in the underlay", () => (frames = site.Underlay.Decode($"ipv6.src == {SwitchedSite.ForwarderT} && ipv6.dst == {SwitchedSite.ForwarderB} && icmp.type == 8", "frame.protocols", "_ws.malformed")).Count >= 3);
        Assert.All(frames, static frame =>
        {
            Assert.StartsWith("eth:ethertype:ipv6:gre:mpls:ip:icmp", frame[0], StringComparison.Ordinal);
            Assert.Equal("", frame[1]);
        });
        XElement[] published = [.. site.Tap.Requests.Descendants().Where(static element => element.Name.LocalName == "next-hop")];
        Assert.NotEmpty(published);
        Assert.All(published, static hop => Assert.Equal(("2", SwitchedSite.ForwarderT), (hop.Attribute("af")?.Value, hop.Value)));
    }

    /// <summary>Every stanza that the hosts got, and every request that the gateway got from their forwarder.</summary>
    [Fact]
    [Trait("Requirement", "EXT-06")]
    [Trait("Requirement", "EXT-07")]
    public void RoutesAreNotSentDownAndVlansNotUp()
    {
        Reaches(site.Red1, site.RedB.Address4);
        foreach (string[] told in new[] { site.Client1.Stanzas, site.Client2.Stanzas })
        {
            // The stream's own elements, which are not stanzas, have a prefix of the stream.
            XElement[] stanzas = [.. told.Where(static text => !text.StartsWith("<stream:", StringComparison.Ordinal)).Select(XElement.Parse)];
            Assert.True(stanzas.Count(static stanza => stanza.Name.LocalName == "iq" && stanza.Attribute("type")?.Value == "result") >= 3);
            Assert.DoesNotContain(stanzas, static stanza => stanza.Name.LocalName == "message");
            Assert.DoesNotContain(stanzas.DescendantsAndSelf(), static element => element.Name.LocalName is "event" or "entry" or "nlri" or "next-hop");
            Assert.DoesNotContain(told, static stanza => stanza.Contains(SwitchedSite.ForwarderB, StringComparison.Ordinal) || stanza.Contains("10.1.0.22", StringComparison.Ordinal));
        }

        XElement[] requests = site.Tap.Requests;
        Assert.Equal(["blue", "red"], requests.Descendants("{http://jabber.org/protocol/pubsub}subscribe").Select(static subscribe => subscribe.Attribute("node")!.Value)
            .Where(static node => !node.Contains('/', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(requests.Descendants(), static element => element.Name.LocalName == "nlri" && element.Value == "10.1.0.31/32");
        Assert.DoesNotContain(requests.Descendants(), static element => element.Name.LocalName is "x" or "field" or "vlan"
            || element.Attributes().Any(static attribute => attribute.Value.Contains("vlan", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(requests.Descendants(), static element => !element.HasElements && element.Value is "317" or "318");
    }

    /// <summary>Both hosts use VLAN 317. What one sends to all is seen by the forwarder, which drops it, and not by the other host.</summary>
    [Fact]
    [Trait("Requirement", "EXT-04")]
    public void WhatAHostSendsToAllReachesItsForwarderOnly()
    {
        string from = SwitchedSite.MacOf(SwitchedSite.System1);
        using var host1 = new PacketSocket(site.Host1, "nic");
        using var host2 = new PacketSocket(site.Host2, "nic");
        using var forwarder = new PacketSocket(site.T, "access");
        using var remote = new PacketSocket(site.RedB.Space, "eth0");
        byte[] Mark(int number) => [0xca, 0xfe, 0xb0, (byte)number, .. new byte[28]];
        byte[] Datagram(string destination, int number) => Frame.Ipv4("10.1.0.31", destination, Udp, [0x30, 0x39, 0x30, 0x39, 0, 40, 0, 0, .. Mark(number)]);
        byte[] Tagged(string destination, int etherType, byte[] payload) => Frame.Ethernet(destination, from, EtherTypeVlan, Frame.Tagged(317, etherType, payload));
        bool HasMark(byte[] frame) => frame.AsSpan().IndexOf(Mark(0).AsSpan(0, 3)) >= 0;
        byte[][] sent =
        [
            Tagged(Frame.Broadcast, EtherTypeIpv4, Datagram("255.255.255.255", 1)),
            Tagged(Frame.Broadcast, EtherTypeIpv4, Datagram("10.1.0.255", 2)),
            Tagged("01:00:5e:01:02:03", EtherTypeIpv4, Datagram("239.1.2.3", 3)),
            Tagged("33:33:00:00:00:01", 0x86DD, [0x60, 0, 0, 0, 0, 32, 59, 64, .. Frame.Ip("fd00:10:1::31"), .. Frame.Ip("ff02::1"), .. Mark(4)]),
            Tagged(Frame.Broadcast, EtherTypeArp, [.. Frame.Arp(1, from, "10.1.0.31", "00:00:00:00:00:00", "10.1.0.99"), .. Mark(5)]),
        ];
        double before = Taken();
        foreach (byte[] frame in sent)
        {
            host1.Send(frame);
            Assert.NotNull(forwarder.Receive(seen => HasMark(seen) && seen.AsSpan(0, 12).SequenceEqual(frame.AsSpan(0, 12))));
        }

        // Each was dropped, or answered to who asked.
        site.Until($"the forwarder to be done with them; {Taken() - before}", () => Taken() >= before + sent.Length);

        // What comes last at the other host, and in the other site, is what somebody sent there alone.
        forwarder.Send(Frame.Ethernet(SwitchedSite.MacOf(SwitchedSite.System2), Frame.VirtualMac4, EtherTypeVlan, Frame.Tagged(317, EtherTypeIpv4, Frame.Ipv4("10.1.0.99", "10.1.0.31", Udp, new byte[8]))));
        byte[]? first = host2.Receive(seen => HasMark(seen) || (Frame.EtherType(seen) == EtherTypeIpv4 && seen[26..30].SequenceEqual(Frame.Ip("10.1.0.99"))));
        Assert.NotNull(first);
        Assert.False(HasMark(first), Convert.ToHexString(first));
        host1.Send(Tagged(Frame.VirtualMac4, EtherTypeIpv4, Frame.Ipv4("10.1.0.31", site.RedB.Address4, Icmp, Frame.EchoRequest(0x7777, 1))));
        first = remote.Receive(seen => HasMark(seen) || (Frame.EtherType(seen) == EtherTypeIpv4 && seen[23] == Icmp && seen[38] == 0x77));
        Assert.NotNull(first);
        Assert.False(HasMark(first), Convert.ToHexString(first));
    }

    /// <summary>Software on one interface of a host poses as another, on the same host or not. The frames are dropped, for a reason, and counted.</summary>
    [Theory]
    [InlineData("address", "source-validation")]
    [InlineData("address of another host", "source-validation")]
    [InlineData("vlan", "unclassified")]
    [Trait("Requirement", "AGT-01")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-03")]
    public void AnInterfaceOfATaggingHostCannotPoseAsAnother(string what, string reason)
    {
        // From VLAN 318, which the host gives it: it is 10.1.0.32 in blue. 10.1.0.31 is in red on this host, and in blue on the other.
        string mac = SwitchedSite.MacOf(SwitchedSite.System1);
        byte[] Echo(string source, int sequence) => Frame.Ipv4(source, site.BlueB.Address4, Icmp, Frame.EchoRequest(0x5301, sequence));
        byte[] forged = what switch
        {
            "vlan" => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeVlan, Frame.Tagged(317, EtherTypeIpv4, Echo("10.1.0.31", 1))),
            "address" => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Frame.Ipv4("10.1.0.31", site.RedB.Address4, Icmp, Frame.EchoRequest(0x5301, 1))),
            _ => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Echo("10.1.0.31", 1)),
        };
        using var posing = new PacketSocket(site.Blue1.Space, "eth0");
        using var receiver = new PacketSocket(site.BlueB.Space, "eth0");
        DropsThenPasses(site.Tor, posing, receiver, reason, forged, Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Echo("10.1.0.32", 2)));

        // Nor does it draw to it what is another's.
        posing.Send(Frame.Ethernet(Frame.Broadcast, mac, EtherTypeArp, Frame.Arp(2, mac, "10.1.0.31", Frame.Broadcast, "10.1.0.31")));
        Reaches(site.BlueB, site.Blue2.Address4);
        Reaches(site.RedB, site.Red1.Address4);
    }

    /// <summary>
    /// Software that takes the MAC of another host's card does not get past its own host, and the switch goes on sending that host's frames to it. A frame in the
    /// right VLAN with a MAC that is no host's gets as far as the forwarder.
    /// </summary>
    [Fact]
    [Trait("Requirement", "AGT-01")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "AMB-29")]
    public void AnInterfaceOfATaggingHostCannotTakeAnotherMac()
    {
        byte[] From(string mac, int sequence) => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Frame.Ipv4("10.1.0.32", site.BlueB.Address4, Icmp, Frame.EchoRequest(0x5301, sequence)));
        string own = SwitchedSite.MacOf(SwitchedSite.System1);
        string other = SwitchedSite.MacOf(SwitchedSite.System2);
        Reaches(site.Blue2, site.BlueB.Address4);
        using (var posing = new PacketSocket(site.Blue1.Space, "eth0"))
        using (var forwarder = new PacketSocket(site.T, "access"))
        {
            posing.Send(From(other, 1));
            posing.Send(From(own, 2));
            byte[]? first = forwarder.Receive(static frame => Frame.EtherType(frame) == EtherTypeIpv4 && frame[23] == Icmp && frame[38] == 0x53 && frame[39] == 0x01);
            Assert.NotNull(first);
            Assert.Equal((own, 2), (Frame.MacText(first.AsSpan(6)), (int)first[41]));
        }

        Assert.Contains($"{other} h2", site.Learnt());
        using var card = new PacketSocket(site.Host1, "nic");
        using var receiver = new PacketSocket(site.BlueB.Space, "eth0");
        byte[] InVlan(byte[] frame) => [.. frame.AsSpan(0, 12), 0x81, 0, 318 >> 8, 318 & 255, .. frame.AsSpan(12)];
        DropsThenPasses(site.Tor, card, receiver, "unclassified", InVlan(From("02:aa:10:c0:ff:99", 1)), InVlan(From(own, 2)));
        site.Switch.Require("bridge", "fdb", "del", "02:aa:10:c0:ff:99", "dev", "h1", "master");
    }

    /// <summary>The same at a local forwarder, where the port is the interface and MACs are nothing.</summary>
    [Theory]
    [InlineData("address", "source-validation")]
    [InlineData("mac", "source-validation")]
    [InlineData("vlan", "unclassified")]
    [Trait("Requirement", "AGT-01")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-03")]
    public void AnInterfaceOfALocalForwarderCannotPoseAsAnother(string what, string reason)
    {
        byte[] Echo(string source, int sequence) => Frame.Ipv4(source, site.Red1.Address4, Icmp, Frame.EchoRequest(0x5301, sequence));
        string mac = site.RedB.MacAddress;
        byte[] forged = what switch
        {
            "address" => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Echo(site.RedC.Address4, 1)),
            "mac" => Frame.Ethernet(Frame.VirtualMac4, site.RedC.MacAddress, EtherTypeIpv4, Echo(site.RedC.Address4, 1)),
            _ => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeVlan, Frame.Tagged(317, EtherTypeIpv4, Echo(site.RedC.Address4, 1))),
        };
        using var posing = new PacketSocket(site.RedB.Space, "eth0");
        using var receiver = new PacketSocket(site.Red1.Space, "eth0");
        DropsThenPasses(site.B, posing, receiver, reason, forged, Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeIpv4, Echo(site.RedB.Address4, 2)));
        posing.Send(Frame.Ethernet(Frame.Broadcast, mac, EtherTypeArp, Frame.Arp(2, mac, site.RedC.Address4, Frame.Broadcast, site.RedC.Address4)));
        Reaches(site.Red1, site.RedC.Address4);
    }

    /// <summary>A thousand interfaces come, and each sends and is answered. Switch and router know what they knew before.</summary>
    [Fact]
    [Trait("Requirement", "ARC-15")]
    [Trait("Requirement", "EXT-01")]
    public async Task AThousandInterfacesChangeNothingInSwitchAndRouter()
    {
        const int Count = 1000;
        string mac = SwitchedSite.MacOf(SwitchedSite.System3);
        var vlans = new int[Count];
        using var host3 = new PacketSocket(site.Host3, "nic");
        byte[] Echo(int vm) => Frame.Ethernet(Frame.VirtualMac4, mac, EtherTypeVlan, Frame.Tagged(vlans[vm], EtherTypeIpv4,
            Frame.Ipv4(AddressOf(vm), site.RedB.Address4, Icmp, Frame.EchoRequest(0x1000, vm))));
        await AttachAsync(0);
        Exchange(0, 1);
        Reaches(site.Red1, site.RedB.Address4);
        Reaches(site.Blue2, site.BlueB.Address4);

        string[] learnt = site.Learnt();
        Assert.Equal([$"{Frame.VirtualMac4} tor", .. new[] { "1", "2", "3" }.Select(static host => $"02:aa:10:c0:ff:0{host} h{host}")],
            learnt.Where(static entry => !entry.StartsWith(Frame.VirtualMac6, StringComparison.Ordinal)));
        string router = Known();
        foreach (string address in new[] { SwitchedSite.ForwarderT, SwitchedSite.ForwarderB })
            Assert.Contains(address, router, StringComparison.Ordinal);

        await Parallel.ForEachAsync(Enumerable.Range(1, Count - 1), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (vm, _) => await AttachAsync(vm));
        site.Until("a thousand routes at b", () => site.AgentB.Routes("red").Count(static route => route.StartsWith("10.1.", StringComparison.Ordinal)
            && !route.StartsWith("10.1.0.", StringComparison.Ordinal)) == Count);
        Assert.Equal(Count, vlans.Distinct().Count());
        Exchange(0, Count);
        Assert.Equal(learnt, site.Learnt());
        Assert.Equal(router, Known());

        async Task AttachAsync(int vm) =>
            vlans[vm] = (await site.Agent3.AttachAsync($"vm{vm}", new { vpn = "red", addresses = new[] { AddressOf(vm) } })).GetProperty("vlan").GetInt32();

        // Until each was answered once: a ring may be full now and then.
        void Exchange(int first, int count)
        {
            var missing = Enumerable.Range(first, count).ToHashSet();
            byte[] buffer = new byte[2048];
            site.Until($"answers to {count} interfaces", () =>
            {
                foreach (int vm in missing.Take(100).ToArray())
                    host3.Send(Echo(vm));
                for (int length; (length = host3.Receive(buffer)) != 0;)
                {
                    if (length >= 42 && buffer[23] == Icmp && buffer[34] == 0 && BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(38)) == 0x1000)
                        _ = missing.Remove(BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(40)));
                }

                return missing.Count == 0;
            });
        }
    }

    /// <summary>The interface is made and its VPN subscribed to; the workload starts; then its address is published.</summary>
    [Fact]
    [Trait("Requirement", "AGT-03")]
    [Trait("Requirement", "AGT-04")]
    public void AnInterfaceIsSubscribedWhenItIsMadeAndPublishedWhenItsWorkloadRuns()
    {
        // What the provisioning system knows of it.
        (string vpn, string address) = ("green", "10.1.0.44");
        _ = site.AgentB.Attach("late", new { vpn, port = "late" });
        site.Until("the subscription", () => Of("subscriptions").SequenceEqual([vpn]));
        Assert.Empty(Of("publications"));

        var guest = new Guest(site.LateSpace, address + "/24", "fd00:10:1::44/64");
        guest.Configure();
        Assert.Contains(address, site.LateSpace.Require("ip", "-4", "addr", "show", "dev", "eth0", "up"), StringComparison.Ordinal);
        TimeOnly running = TimeOnly.FromDateTime(DateTime.Now);
        Assert.Empty(Of("publications"));
        _ = site.AgentB.Attach("late", new { vpn, port = "late", addresses = new[] { address } });
        site.Until("the publication", () => Of("publications").SequenceEqual([vpn]));
        site.Until("the workload to have its first hop", () => site.LateSpace.Run("ping", "-n", "-c", "1", "-W", "1", "10.1.0.45").ExitCode != 0 && guest.NeighborOf("10.1.0.45") == Frame.VirtualMac4);

        TimeOnly subscribed = SaidAt("subscribe green");
        TimeOnly published = SaidAt($"publish 02aa10c0000b:{address}/32");
        Assert.True(IsBefore(subscribed, running) && IsBefore(running, published), $"subscribed {subscribed:O}, running {running:O}, published {published:O}");

        string[] Of(string what) => [.. site.Fabric.Show("gw", "xmpp", what, "--client", $"02aa10c0000b@{SignaledFabric.Domain}").GetProperty(what).EnumerateArray()
            .Select(static entry => entry.GetProperty("vpn").GetString()!).Where(name => name == vpn)];

        TimeOnly SaidAt(string request)
        {
            // The first time: a later session would say it again. Collections of flow specifications are subscribed to beside the VPN.
            string line = site.B.Log.Split('\n').First(line => line.Contains(": sent ", StringComparison.Ordinal) && line.Contains(request, StringComparison.Ordinal)
                && !line.Contains("flow-spec", StringComparison.Ordinal));
            return TimeOnly.ParseExact(line.Split(' ')[0], "HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        }

        // Of the time of day: the difference is taken around midnight.
        static bool IsBefore(TimeOnly earlier, TimeOnly later) => later - earlier < TimeSpan.FromHours(12);
    }

    private static string AddressOf(int vm) => $"10.1.{4 + (vm / 250)}.{1 + (vm % 250)}";

    // Routes and neighbours, with their links and MACs, of the underlay's router. How lately it heard of a neighbour is no matter.
    private string Known()
    {
        string[] neighbors = [.. site.Fabric.Router.Require("ip", "neigh", "show", "nud", "all").Split('\n').Where(static line => line.Contains("lladdr", StringComparison.Ordinal) && !line.Contains("NOARP", StringComparison.Ordinal))
            .Select(static line => string.Join(' ', line.Split(' ').Take(5))).Order(StringComparer.Ordinal)];
        return $"{site.Fabric.Router.Require("ip", "route", "show", "table", "all")}{site.Fabric.Router.Require("ip", "-6", "route", "show", "table", "all")}{string.Join('\n', neighbors)}";
    }

    private double Taken()
    {
        Exposition metrics = site.Tor.Metrics();
        return metrics.Sum("dataplane_dropped_packets_total") + metrics.Sum("dataplane_punted_packets_total");
    }

    // The forged frame goes first: when the honest one has arrived, the forged one would have been there.
    private void DropsThenPasses(ForwarderProcess forwarder, PacketSocket sender, PacketSocket receiver, string reason, byte[] forged, byte[] honest)
    {
        double before = forwarder.Drops(reason);
        sender.Send(forged);
        sender.Send(honest);
        byte[]? first = receiver.Receive(static frame => Frame.EtherType(frame) == EtherTypeIpv4 && frame[23] == Icmp && frame[34] == 8 && frame[38] == 0x53);
        Assert.True(first is not null, site.Logs);
        Assert.Equal(2, BinaryPrimitives.ReadUInt16BigEndian(first.AsSpan(40)));
        Assert.Equal(before + 1, forwarder.Drops(reason));
    }

    private void Reaches(Guest from, string address) => site.Fabric.Reaches(from, address);
}
