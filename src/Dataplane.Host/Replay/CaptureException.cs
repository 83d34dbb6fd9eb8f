namespace Dataplane.Host.Replay;

/// <summary>A capture cannot be replayed; the message names the file.</summary>
internal sealed class CaptureException(string file, string problem) : Exception($"{file}: error: {problem}");
