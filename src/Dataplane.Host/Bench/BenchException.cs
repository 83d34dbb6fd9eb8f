namespace Dataplane.Host.Bench;

/// <summary>What was asked of the bench cannot be measured; the message says where and why, in one line.</summary>
internal sealed class BenchException(string place, string problem) : Exception($"{place}: error: {problem}");
