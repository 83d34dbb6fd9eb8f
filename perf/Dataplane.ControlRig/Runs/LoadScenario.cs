namespace Dataplane.ControlRig.Runs;

/// <summary>Routes that are sent by some peers, received, selected, imported and sent on to one other.</summary>
/// <param name="Name">As in results.</param>
/// <param name="Description">For people.</param>
/// <param name="Senders">How many peers send.</param>
/// <param name="RoutesEach">How many routes each of them sends.</param>
/// <param name="PerAttributeSet">Routes that share their attributes.</param>
/// <param name="SameRoutes">Whether all send the same routes, each with its own next hop.</param>
/// <param name="SentByBird">BIRD sends, instead of the rig's own octets made before.</param>
internal sealed record LoadScenario(string Name, string Description, int Senders, int RoutesEach, int PerAttributeSet, bool SameRoutes = false, bool SentByBird = false)
{
    internal static readonly IReadOnlyList<LoadScenario> All =
    [
        new("2x100k-bird", "2 senders (BIRD) with 100,000 routes each, 100 routes per attribute set", 2, 100_000, 100, SentByBird: true),
        new("1m-bird", "1 sender (BIRD) with 1,000,000 routes, 100 per attribute set", 1, 1_000_000, 100, SentByBird: true),
        new("2x100k-same", "2 senders with the same 100,000 routes, two paths each; 100 per attribute set", 2, 100_000, 100, SameRoutes: true),
        new("1m", "1 sender with 1,000,000 routes, 100 per attribute set", 1, 1_000_000, 100),
        new("1m-single", "1 sender with 1,000,000 routes, each with an attribute set of its own", 1, 1_000_000, 1),
    ];

    /// <summary>Different routes that the receiver must have in the end, marks of the senders' ends included.</summary>
    internal int Expected => SameRoutes ? RoutesEach + Senders : RoutesEach * Senders;

    /// <summary>Paths that the speaker under test holds in the end.</summary>
    internal int Paths => RoutesEach * Senders;
}
