using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Tells bridges that snoop MLD that we listen to ff02::12: an MLDv2 report (RFC 3810 section 5.2) at the start and once a minute, asked
/// or not. 224.0.0.18 needs none: bridges forward that block everywhere (RFC 4541 section 2.1.2).
/// </summary>
internal sealed class GroupMembership(ISlowPathPorts ports, DatapathSender sender, TimerQueue timers)
{
    private const int HopByHopLength = 8;
    private const int ReportLength = 8 + 4 + 16;
    private const byte ReportType = 143;
    private const byte ChangeToExclude = 4;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(60);

    // ff02::16, all MLDv2-capable routers.
    private static Ipv6Address Routers => new(0xff02_0000_0000_0000, 0x16);

    internal void Join(VrrpSettings settings)
    {
        if (settings.Family != AddressFamily.Ipv6 || ports.FindPort(settings.Port) is not { } port)
            return;
        var frame = EthernetFrame.Create(
            EthernetFrame.Multicast(Routers), port.Mac, new VlanTags(settings.Vlan), EtherType.Ipv6, Report(settings.Address.V6));
        Send(settings, frame);
    }

    private void Send(VrrpSettings settings, byte[] frame)
    {
        _ = sender.Transmit(settings.Port, Forwarding.InterfaceId.None, frame);
        _ = timers.Schedule(s_interval, () => Send(settings, frame));
    }

    private static byte[] Report(Ipv6Address source)
    {
        var datagram = new byte[HeaderSize.Ipv6 + HopByHopLength + ReportLength];
        IcmpDatagram.WriteIpv6(datagram, IpProtocol.HopByHop, source, Routers, IcmpDatagram.NetworkControl, 1);
        Span<byte> options = datagram.AsSpan(HeaderSize.Ipv6, HopByHopLength);
        options[0] = IpProtocol.Icmpv6;
        // Router alert for MLD (RFC 2711), and PadN.
        options[2] = 5;
        options[3] = 2;
        options[6] = 1;
        Span<byte> report = datagram.AsSpan(HeaderSize.Ipv6 + HopByHopLength);
        report[0] = ReportType;
        report[7] = 1;
        report[8] = ChangeToExclude;
        VrrpAdvertisement.Group6.CopyTo(report[12..]);
        BinaryPrimitives.WriteUInt16BigEndian(
            report[2..],
            InternetChecksum.Compute(
                report, InternetChecksum.PseudoHeader(source, Routers, IpProtocol.Icmpv6, ReportLength)));
        return datagram;
    }
}
