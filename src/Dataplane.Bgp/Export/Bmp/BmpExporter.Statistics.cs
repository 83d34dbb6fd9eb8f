using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Transport;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Bmp;

/// <content>Numbers (RFC 7854 §4.8, RFC 8671 §6.2): about each peer, and about the Loc-RIB.</content>
public sealed partial class BmpExporter
{
    /// <summary>
    /// A report is due. For a station that wants what peers would be sent before policy there is something to be counted first;
    /// to others it goes at once. A report that is still being counted for stands for this one.
    /// </summary>
    internal void BeginStatistics(StationState station)
    {
        if ((station.Views & BmpViews.AdjRibOutPre) == 0)
        {
            SendStatistics(station, null);
        }
        else if (station.Session is not null)
        {
            station.Count ??= new(Routes);
            _loop.Wake();
        }
    }

    private void SendStatistics(StationState station, PrePolicyCount? prePolicy)
    {
        if (station.Session is not { } session)
        {
            return;
        }

        DateTimeOffset now = _loop.Time.GetUtcNow();
        var buffer = SharedBuffer.Rent(4096);
        foreach (BmpPeer peer in _peers.Values)
        {
            var statistics = new BmpStatistics();
            statistics.AddGauge(BmpStatistic.AdjRibIn, Routes.Families.Sum(table => (long)table.PathCountOf(peer.Source)));
            foreach (RouteFamily family in peer.Codec.Families)
            {
                statistics.AddGauge(BmpStatistic.AdjRibInOfFamily, family, Routes[family].PathCountOf(peer.Source));
            }

            _subject?.AddStatistics(peer.Source, new(statistics));
            if (prePolicy is not null)
            {
                var families = new List<(RouteFamily Family, long Routes)>();
                foreach (RouteFamily family in peer.Codec.Families)
                {
                    families.Add((family, prePolicy.Of(family, peer.Source)));
                }

                statistics.AddGauges(BmpStatistic.AdjRibOutPre, BmpStatistic.AdjRibOutPreOfFamily, [.. families]);
            }

            // About routes in both directions: the flag of the Adj-RIB-Out stays clear (RFC 8671 §6.2).
            BmpWriter.WriteStatistics(buffer, peer.Header(BmpPeerFlags.None, now), statistics);
        }

        if ((station.Views & BmpViews.LocRib) != 0)
        {
            var statistics = new BmpStatistics();
            statistics.AddGauge(BmpStatistic.LocRib, Routes.Families.Sum(table => (long)table.ReachableCount));
            foreach (FamilyTable table in Routes.Families)
            {
                statistics.AddGauge(BmpStatistic.LocRibOfFamily, table.Family, table.ReachableCount);
            }

            BmpWriter.WriteStatistics(buffer, LocRibHeader(now), statistics);
        }

        _ = session.TrySend(buffer);
        buffer.Release();
    }
}
