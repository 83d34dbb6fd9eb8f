using Dataplane.Host.Configuration;

namespace Dataplane.Host.Replay;

/// <summary>What to replay.</summary>
/// <param name="Configuration">A configuration loaded for replay.</param>
/// <param name="Inputs">Open captures by row of their port.</param>
/// <param name="OutputDirectory">Where the results go; exists.</param>
internal sealed record ReplayRequest(
    DataplaneConfiguration Configuration, IReadOnlyDictionary<int, CaptureFile> Inputs, string OutputDirectory);

/// <summary>What a replay did.</summary>
/// <param name="Received">Packets received by all ports.</param>
/// <param name="Sent">Frames sent by all ports.</param>
/// <param name="Elapsed">How long it took, EAL's start not counted.</param>
internal sealed record ReplaySummary(ulong Received, ulong Sent, TimeSpan Elapsed);
