using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>Peers that know no capabilities, or not all of ours (RFC 5492 §3, §5), played by hand.</summary>
public sealed class RefusedCapabilitiesTests
{
    private readonly TestNet _net = new();
    private readonly RawListener _peer = new();
    private readonly Warnings _warnings = new();

    [Fact, Trait("Requirement", "SIG-01")]
    public void APeerWithoutCapabilitiesGetsASessionForIpv4Unicast()
    {
        TestNode node = Start(RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4);
        OpenMessage first = _peer.ReadOpen(_net);
        Assert.NotEqual(Capabilities.None, first.Capabilities);
        _peer.Send(NotificationMessage.Of(OpenError.UnsupportedOptionalParameter).Encode());

        OpenMessage second = _peer.ReadOpen(_net);
        Assert.Equal(Capabilities.None, second.Capabilities);
        _peer.Send(new OpenMessage { As = new(65001), HoldTime = 90, RouterId = 1 }.Encode());
        _peer.Send(MessageHeader.Keepalive());
        _net.Until(() => node.Speaker.Peers[0].State == SessionState.Established, "the session");
        Assert.Equal(FamilySet.Of(RouteFamily.Ipv4Unicast), node.Speaker.Peers[0].Session!.Families);
        Assert.Single(_warnings.Texts, static text => text.Contains("no capabilities", StringComparison.Ordinal));

        // Another time, the peer may be a better one.
        _peer.Send(NotificationMessage.Of(CeaseReason.AdministrativeReset).Encode());
        Assert.Equal(first.Capabilities, _peer.ReadOpen(_net).Capabilities);
    }

    [Fact]
    public void WhatAPeerNamesIsLeftOutOnceAndNoMore()
    {
        TestNode node = Start(RouteFamily.VpnIpv4, RouteFamily.VpnIpv6);
        OpenMessage first = _peer.ReadOpen(_net);
        byte[] refused = [2, 0, 1, 4, 0, 2, 0, 128]; // route refresh; VPN-IPv6
        _peer.Send(NotificationMessage.Of(OpenError.UnsupportedCapability, refused).Encode());
        OpenMessage second = _peer.ReadOpen(_net);
        Assert.Equal(FamilySet.Of(RouteFamily.VpnIpv4), second.Capabilities.Families);
        Assert.Equal((false, first.Capabilities.FourOctetAs), (second.Capabilities.RouteRefresh, second.Capabilities.FourOctetAs));

        // It is not content with that either: everything is offered again, not less and less.
        _peer.Send(NotificationMessage.Of(OpenError.UnsupportedCapability, refused).Encode());
        Assert.Equal(first.Capabilities, _peer.ReadOpen(_net).Capabilities);
        Assert.Single(_warnings.Texts);
        Assert.NotEqual(SessionState.Established, node.Speaker.Peers[0].State);
    }

    [Theory]
    [InlineData(OpenError.UnsupportedOptionalParameter)] // a session without capabilities is for IPv4 unicast, which is not configured
    [InlineData(OpenError.BadPeerAs)]
    public void NothingIsTriedThatCannotHelp(OpenError error)
    {
        Start(RouteFamily.VpnIpv4);
        OpenMessage first = _peer.ReadOpen(_net);
        _peer.Send(NotificationMessage.Of(error).Encode());
        Assert.Equal(first.Capabilities, _peer.ReadOpen(_net).Capabilities);
        Assert.Empty(_warnings.Texts);
    }

    private TestNode Start(params FamilySettings[] families)
    {
        TestNode node = _net.Add("10.0.0.9", 65000, settings => settings with
        {
            Peers = [new() { Address = IpAddress.Parse("10.0.0.1"), As = new(65001), Families = families, Timers = new() { IdleHold = TimeSpan.FromMilliseconds(1), MaximumIdleHold = TimeSpan.FromMilliseconds(1) } }],
        });
        node.Speaker.Observers.Add(_warnings);
        _net.Network.Attach(IpAddress.Parse("10.0.0.1"), _peer.Accept);
        node.Start();
        return node;
    }

    private sealed class Warnings : ISpeakerObserver
    {
        public List<string> Texts { get; } = [];

        void ISpeakerObserver.Warning(IPeerView? peer, string text) => Texts.Add(text);
    }

    /// <summary>Takes connections of the speaker; what is sent goes over the last one.</summary>
    private sealed class RawListener
    {
        private readonly Queue<IByteLink> _accepted = new();
        private readonly byte[] _octets = new byte[4096];
        private IByteLink? _link;

        public void Accept(IByteLink link)
        {
            lock (_accepted)
            {
                _accepted.Enqueue(link);
            }
        }

        /// <summary>The OPEN that comes over the next connection.</summary>
        public OpenMessage ReadOpen(TestNet net)
        {
            net.Until(
                () =>
                {
                    net.Time.Advance(TimeSpan.FromMilliseconds(1));
                    lock (_accepted)
                    {
                        return _accepted.TryDequeue(out _link);
                    }
                },
                "a connection");
            Task<int> reading = _link!.ReadAsync(_octets, default).AsTask();
            net.Until(() => reading.IsCompleted, "an OPEN");
            var length = _octets[16] << 8 | _octets[17];
            Assert.Equal(reading.Result, length);
            Assert.Null(OpenMessage.Decode(_octets.AsSpan(MessageHeader.Size, length - MessageHeader.Size), out OpenMessage? message));
            return message!;
        }

        public void Send(byte[] message) => Assert.True(_link!.WriteAsync(message, default).AsTask().Wait(TimeSpan.FromSeconds(30)));
    }
}
