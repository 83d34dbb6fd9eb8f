using Dataplane.Net;

namespace Dataplane.Dpdk;

// What a port is and has counted.
public sealed unsafe partial class EthernetPort
{
    /// <summary>The port's own MAC address.</summary>
    public MacAddress MacAddress
    {
        get
        {
            byte* octets = stackalloc byte[6];
            Check(Shim.PortGetMac(Id, octets), "cannot be asked for its MAC address", "");
            return MacAddress.Read(new ReadOnlySpan<byte>(octets, 6));
        }
    }

    /// <summary>The state of its link. Virtual devices are up once started.</summary>
    public LinkStatus Link
    {
        get
        {
            bool isUp = Check(Shim.PortLink(Id, out uint speed, out int duplex), "cannot be asked for its link", "") == 1;
            return new LinkStatus(isUp, speed, duplex == 1);
        }
    }

    /// <summary>Sets the MAC address.</summary>
    /// <param name="address">Neither multicast nor zero.</param>
    /// <exception cref="DpdkException">The driver cannot, or the address is not one of a station.</exception>
    public void SetMacAddress(MacAddress address)
    {
        byte* octets = stackalloc byte[6];
        address.CopyTo(new Span<byte>(octets, 6));
        Check(Shim.PortSetMac(Id, octets), $"cannot take MAC address {address}", "Give a unicast address, or leave the device its own.");
    }

    /// <summary>Reads the counters.</summary>
    public PortStatistics ReadStatistics()
    {
        Check(Shim.PortStats(Id, out PortStatistics statistics), "cannot be asked for its counters", "");
        return statistics;
    }

    /// <summary>Sets the counters to zero.</summary>
    /// <exception cref="DpdkException">The driver cannot.</exception>
    public void ResetStatistics() => Check(Shim.PortStatsReset(Id), "cannot reset its counters", "");

    /// <summary>Reads the driver's own counters, with DPDK's generic ones first. Empty while the driver cannot tell, as
    /// net_vhost until a guest has connected.</summary>
    public IReadOnlyList<ExtendedStatistic> ReadExtendedStatistics()
    {
        const int NameBytes = 64;
        int count = Math.Max(0, Shim.PortXstatsCount(Id));
        byte[] names = new byte[count * NameBytes];
        ulong[] values = new ulong[count];
        fixed (byte* name = names)
        fixed (ulong* value = values)
        {
            int named = Shim.PortXstatsNames(Id, name, count);
            int valued = Shim.PortXstatsValues(Id, value, count);
            count = Math.Max(0, Math.Min(count, Math.Min(named, valued)));
        }
        ExtendedStatistic[] result = new ExtendedStatistic[count];
        for (int i = 0; i < count; i++)
            result[i] = new ExtendedStatistic(NativeText.Read(names.AsSpan(i * NameBytes, NameBytes)), values[i]);
        return result;
    }
}
