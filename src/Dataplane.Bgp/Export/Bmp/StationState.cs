using Dataplane.Bgp.Settings;
using Dataplane.Routing.Loop;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>A station as the routing thread sees it.</summary>
internal sealed class StationState
{
    private readonly LoopTimer _statistics;
    private long _cuts;

    public StationState(BmpStation station, RoutingLoop loop, BmpExporter exporter)
    {
        Station = station;
        _statistics = loop.CreateTimer(() =>
        {
            exporter.BeginStatistics(this);
            RestartStatistics();
        });
    }

    public BmpStation Station { get; }

    public BmpViews Views => Station.Settings.Views;

    /// <summary>The connection, while there is one.</summary>
    public BmpSession? Session { get; private set; }

    /// <summary>What it is yet to be sent of the tables.</summary>
    public BmpWalk? Walk { get; set; }

    /// <summary>What is being counted for the next report, while it is.</summary>
    public PrePolicyCount? Count { get; set; }

    public void Begin(BmpSession session, BmpWalk walk)
    {
        Session = session;
        Walk = walk;
        RestartStatistics();
    }

    public void End()
    {
        _cuts += Session is { WasCut: true } ? 1 : 0;
        Session = null;
        Walk = null;
        Count = null;
        _statistics.Stop();
    }

    public BmpStationStatus Status() => new()
    {
        Settings = Station.Settings,
        IsConnected = Session is not null,
        IsSynchronized = Session is not null && Walk is null,
        Queued = Session?.Queued ?? 0,
        Written = Session?.Written ?? 0,
        Connections = Station.Connections,
        Failures = Station.Failures,
        Cuts = _cuts,
        LastError = Station.LastError,
    };

    private void RestartStatistics()
    {
        if (Station.Settings.StatisticsInterval > TimeSpan.Zero)
        {
            _statistics.Restart(Station.Settings.StatisticsInterval);
        }
    }
}

/// <summary>A station, for management.</summary>
public sealed record BmpStationStatus
{
    /// <summary>Where it is and what it is sent.</summary>
    public required BmpSettings Settings { get; init; }

    /// <summary>Whether there is a connection.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>Whether it has been sent the tables.</summary>
    public required bool IsSynchronized { get; init; }

    /// <summary>Octets that wait.</summary>
    public required long Queued { get; init; }

    /// <summary>Octets given to TCP in this connection.</summary>
    public required long Written { get; init; }

    /// <summary>Connections so far.</summary>
    public required long Connections { get; init; }

    /// <summary>Attempts to connect that failed.</summary>
    public required long Failures { get; init; }

    /// <summary>Connections that were cut because the station did not read.</summary>
    public required long Cuts { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public required string? LastError { get; init; }
}
