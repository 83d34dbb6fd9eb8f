using System.Globalization;
using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Xmpp;

namespace Dataplane.Interop.Signaled;

/// <content>How long it takes: told by the logs of all components, step by step, and by histograms that are always on.</content>
public sealed partial class RoutedFabricTests
{
    private const string Signaling = "dataplane_signaling_propagation_seconds_count";
    private const string FirstPacket = "dataplane_endsystem_fib_to_first_packet_seconds_count";

    /// <summary>
    /// One attachment, from the interface through the gateway to the forwarding tables of both PEs: every step is in a log with its time. The order that is
    /// asked for is the one in which each step is the other's cause, by one clock.
    /// </summary>
    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void TheLogsOfAllTellTheWayOfAnAddress()
    {
        int ofA = lab.A.Log.Length, ofGateway = lab.Gateway.Log.Length, ofW = lab.W.Log.Length;
        string distinguisher = Attach();
        var steps = new List<(TimeSpan Time, string What)>();
        TimeSpan Step(ForwarderProcess who, int from, string what, string pattern)
        {
            var line = new Regex($"^(\\d\\d:\\d\\d:\\d\\d\\.\\d+) dbug: .*({pattern})", RegexOptions.Multiline);
            Match found = Match.Empty;
            Until(what, () => (found = line.Match(who.Log[from..])).Success);
            var time = TimeSpan.ParseExact(found.Groups[1].Value, @"hh\:mm\:ss\.ffffff", CultureInfo.InvariantCulture);
            time = steps.Count != 0 && steps[0].Time - time > TimeSpan.FromHours(12) ? time + TimeSpan.FromDays(1) : time;
            steps.Add((time, $"{what}: {found.Groups[2].Value}"));
            return time;
        }

        TimeSpan isThere = Step(lab.A, ofA, "a, interface", "forwarder: interface ga of red with label .*10\\.1\\.0\\.11/32");
        TimeSpan published = Step(lab.A, ofA, "a, stanza out", "sent .*: publish .*10\\.1\\.0\\.11/32.*");
        TimeSpan request = Step(lab.Gateway, ofGateway, "gateway, stanza in", "end-system .*: publish .*10\\.1\\.0\\.11/32.*");
        TimeSpan inVrf = Step(lab.Gateway, ofGateway, "gateway, into the VRF", "VRF red: 10\\.1\\.0\\.11/32 of .* in, RD .*");
        TimeSpan toPeer = Step(lab.Gateway, ofGateway, "gateway, BGP out", $"peer {Regex.Escape(lab.ManagementOfW)}: sent UPDATE: .*announce .*10\\.1\\.0\\.11/32.*");
        TimeSpan told = Step(lab.Gateway, ofGateway, "gateway, stanza out", "VRF red: told .*: 10\\.1\\.0\\.11/32.*");
        TimeSpan fromPeer = Step(lab.W, ofW, "w, BGP in", "peer .*: received UPDATE: .*announce .*10\\.1\\.0\\.11/32.*");
        TimeSpan writtenAtW = Step(lab.W, ofW, "w, FIB write", $"FIB red: 10\\.1\\.0\\.11/32 via {Regex.Escape(RoutedFabric.ForwarderA)} label .*");
        TimeSpan heard = Step(lab.A, ofA, "a, stanza in", "told red: 10\\.1\\.0\\.11/32 via .*");
        TimeSpan writtenAtA = Step(lab.A, ofA, "a, FIB write", $"FIB red: 10\\.1\\.0\\.11/32 via {Regex.Escape(RoutedFabric.ForwarderA)} label .*");

        // What leaves by XMPP is logged when the session has taken it, so it may be read meanwhile: not before what made it leave.
        (string Name, TimeSpan Cause, TimeSpan Effect)[] order =
        [
            ("interface, publication", isThere, published), ("interface, request", isThere, request), ("request, VRF", request, inVrf),
            ("VRF, peer", inVrf, toPeer), ("peer, at w", toPeer, fromPeer), ("at w, FIB of w", fromPeer, writtenAtW),
            ("VRF, subscriber", inVrf, told), ("VRF, at a", inVrf, heard), ("at a, FIB of a", heard, writtenAtA),
        ];
        string timeline = string.Join('\n', steps.OrderBy(static step => step.Time).Select(step => $"{(step.Time - isThere).TotalMilliseconds,9:f3} ms  {step.What}"));
        Assert.All(order, pair => Assert.True(pair.Cause <= pair.Effect, $"{pair.Name}\n{timeline}"));
        Detach(distinguisher);
    }

    /// <summary>On a whole PE: an attachment, first packets, and end-systems of its gateway that leave in order or are lost.</summary>
    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void AWholePeCountsHowLongItTakes()
    {
        string distinguisher = Attach();
        _ = lab.Fabric.Agent("w", "attach", "timed", "--vpn", "red", "--port", "gw1", "--address", lab.GuestW.Address4);
        Until("its route at the host", KnowsW);
        Until("the host's at w", () => RoutesAtW().Contains(Vm));
        Reach(lab.GuestW, lab.GuestA);
        Counts("w", lab.W, "dataplane_endsystem_publish_to_fib_seconds_count");
        Counts("w", lab.W, "dataplane_endsystem_notification_to_fib_seconds_count");
        Counts("w", lab.W, FirstPacket, ("route", "own"));
        Counts("w", lab.W, FirstPacket, ("route", "remote"));

        SlixmppEndSystem client = Publish();
        Counts("w", lab.W, Signaling, ("cause", "published"), ("to", "subscribers"));
        Counts("w", lab.W, Signaling, ("cause", "published"), ("to", "peers"));
        client.Close();
        Counts("w", lab.W, Signaling, ("cause", "closed"), ("to", "peers"));
        Publish().Kill();
        Counts("w", lab.W, Signaling, ("cause", "lost"), ("to", "peers"));
        IsClean(lab.W);
        _ = lab.Fabric.Agent("w", "detach", "timed");
        Detach(distinguisher);

        SlixmppEndSystem Publish()
        {
            SlixmppEndSystem one = lab.ConnectX();
            Assert.Null(one.Ask("subscribe", ("vpn", "red")));
            Assert.Null(one.Publish("red", "10.1.0.77/32", RoutedFabric.AddressX, 20_077, 1));
            Until("its own route", () => one.RoutesOf("red").Any(static route => route.StartsWith("10.1.0.77/32", StringComparison.Ordinal)));
            return one;
        }
    }

    /// <summary>On a gateway and on a host with a forwarder, each by itself: an attachment and first packets. Of hosts that end in order or are
    /// killed: <see cref="WhatDidNotChangeOutlivesEachOfThem"/>.</summary>
    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void AGatewayAndAForwarderCountHowLongItTakes()
    {
        string distinguisher = Attach();
        Until("the PE's route", () => lab.Fabric.Routes("a").Contains($"{FrrProviderEdge.TenantPrefix} {FrrProviderEdge.Address}"));
        TheVmAndThePeReachEachOther(lab.GuestA);
        Counts("a", lab.A, "dataplane_endsystem_publish_to_fib_seconds_count");
        Counts("a", lab.A, "dataplane_endsystem_notification_to_fib_seconds_count");
        Counts("a", lab.A, FirstPacket, ("route", "own"));
        Counts("a", lab.A, FirstPacket, ("route", "remote"));
        IsClean(lab.A);
        Counts("the gateway", lab.Gateway, Signaling, ("cause", "published"), ("to", "subscribers"));
        Counts("the gateway", lab.Gateway, Signaling, ("cause", "published"), ("to", "peers"));
        IsClean(lab.Gateway);
        Detach(distinguisher);
    }

    private void Counts(string who, ForwarderProcess process, string name, params (string, string)[] labels) =>
        Until($"{name} {string.Join(' ', labels)} of {who}", () => process.Metrics().Sum(name, labels) >= 1);

    private void IsClean(ForwarderProcess process)
    {
        string scrape = process.Get("/metrics");
        Assert.Equal("", Promtool.Objections(lab.Fabric.Bed.ScratchDirectory, scrape));
    }
}
