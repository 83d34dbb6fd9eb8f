using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>
/// The oracle: paths in a dictionary, and the best one found as RFC 4271 §9.1.2.2 words it, by removing from the set of paths step after
/// step until one is left. Shares nothing with what it judges.
/// </summary>
internal sealed class NaiveRib(Func<string, NextHopState> resolve, Func<int, SourceInfo> sources)
{
    public Dictionary<(Nlri Nlri, int Source, uint Identifier), Path> Paths { get; } = [];

    public IEnumerable<Nlri> Destinations => Paths.Keys.Select(key => key.Nlri).Distinct();

    public Path? BestOf(Nlri nlri)
    {
        List<Path> left = [.. Paths.Where(entry => entry.Key.Nlri == nlri).Select(entry => entry.Value)];
        _ = left.RemoveAll(path => path.Accepted is null || !resolve(path.Accepted.NextHop).IsReachable);
        KeepLowest(left, path => path.State.HasFlag(PathState.LlgrStale) || path.Attributes.IsLlgrStale);
        KeepLowest(left, path => -(long)(path.Attributes.LocalPreference ?? 100));
        KeepLowest(left, path => -(long)(path.Attributes.Version ?? 0));
        KeepLowest(left, path => sources(path.Source).Kind is SourceKind.Ebgp or SourceKind.Ibgp);
        if (left.Exists(path => path.Attributes.Aigp is not null))
        {
            _ = left.RemoveAll(path => path.Attributes.Aigp is null);
            KeepLowest(left, path => (decimal)path.Attributes.Aigp! + resolve(path.Attributes.NextHop).Metric);
        }

        KeepLowest(left, path => path.Attributes.Path.Length);
        KeepLowest(left, path => path.Attributes.Origin);
        List<Path> undercut = left.FindAll(path => left.Exists(other =>
            other.Attributes.Path.FirstOrDefault() == path.Attributes.Path.FirstOrDefault() && (other.Attributes.Med ?? 0) < (path.Attributes.Med ?? 0)));
        _ = left.RemoveAll(undercut.Contains);
        KeepLowest(left, path => sources(path.Source).Kind == SourceKind.Ibgp);
        KeepLowest(left, path => resolve(path.Attributes.NextHop).Metric);
        KeepLowest(left, path => path.Attributes.OriginatorId ?? sources(path.Source).RouterId);
        KeepLowest(left, path => path.Attributes.Clusters);
        KeepLowest(left, path => sources(path.Source).Address);
        KeepLowest(left, path => path.Identifier);
        KeepLowest(left, path => path.Source);
        return left.SingleOrDefault();
    }

    private static void KeepLowest<T>(List<Path> paths, Func<Path, T> value)
        where T : IComparable<T>
    {
        if (paths.Count > 1)
        {
            T lowest = paths.Min(value)!;
            _ = paths.RemoveAll(path => value(path).CompareTo(lowest) != 0);
        }
    }

    internal sealed record Path(int Source, uint Identifier, SomeAttributes Received, SomeAttributes? Accepted, uint Label, PathState State)
    {
        public SomeAttributes Attributes => Accepted!;
    }
}
