using Dataplane.Bgp.Speaker.Out;
using Dataplane.Routing;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>What the exporter asks of whoever has sessions. Routing thread.</summary>
public interface IBmpSubject
{
    /// <summary>Adds what is counted about a peer.</summary>
    void AddStatistics(SourceId source, BmpCounters to);

    /// <summary>
    /// What a peer has been sent and not withdrawn for a destination: one route, or several with path identifiers.
    /// </summary>
    /// <param name="source">To whom.</param>
    /// <param name="family">The family.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="each">Is told each.</param>
    void ForEachSent(SourceId source, RouteFamily family, DestinationId destination, SentRoute each);
}

/// <summary>Takes the numbers of a statistics report (RFC 7854 §4.8).</summary>
public readonly struct BmpCounters
{
    private readonly BmpStatistics _statistics;

    internal BmpCounters(BmpStatistics statistics) => _statistics = statistics;

    /// <summary>Routes that import policy rejected.</summary>
    public void RejectedByPolicy(long value) => _statistics.AddCounter(BmpStatistic.RejectedByPolicy, value);

    /// <summary>UPDATEs with a loop in AS_PATH, in CLUSTER_LIST, and with our ORIGINATOR_ID.</summary>
    public void Loops(long asPath, long clusterList, long originator)
    {
        _statistics.AddCounter(BmpStatistic.AsPathLoops, asPath);
        _statistics.AddCounter(BmpStatistic.ClusterListLoops, clusterList);
        _statistics.AddCounter(BmpStatistic.OriginatorLoops, originator);
    }

    /// <summary>UPDATEs treated as withdraw.</summary>
    public void TreatedAsWithdraw(long value) => _statistics.AddCounter(BmpStatistic.UpdatesTreatedAsWithdraw, value);

    /// <summary>Routes of the Adj-RIBs-Out after policy: those of each family, and all together.</summary>
    public void Advertised(params ReadOnlySpan<(RouteFamily Family, long Routes)> families) =>
        _statistics.AddGauges(BmpStatistic.AdjRibOutPost, BmpStatistic.AdjRibOutPostOfFamily, families);
}
