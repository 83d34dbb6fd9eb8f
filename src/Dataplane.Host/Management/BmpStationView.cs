using Dataplane.Bgp.Export.Bmp;

namespace Dataplane.Host.Management;

/// <summary>A BMP station: <c>/v1/bgp/bmp</c>.</summary>
internal sealed record BmpStationView(
    string Address, int Port, string Views, bool Connected, bool Synchronized, long QueuedOctets, long WrittenOctets,
    long Connections, long Failures, long Cuts, string? LastError)
{
    /// <summary>All of them. Routing thread.</summary>
    public static IReadOnlyList<BmpStationView> Of(GatewayAccess access) => [.. (access.Bmp?.Status ?? []).Select(Of)];

    private static BmpStationView Of(BmpStationStatus status) => new(
        status.Settings.Address.ToString(), status.Settings.Port, status.Settings.Views.ToString(), status.IsConnected, status.IsSynchronized,
        status.Queued, status.Written, status.Connections, status.Failures, status.Cuts, status.LastError);
}
