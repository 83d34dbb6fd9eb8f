namespace Dataplane.EndToEnd.EndSystem;

/// <summary>The tests of redundant external forwarders, and of moves to and from them, share one laboratory.</summary>
[CollectionDefinition(nameof(RedundantSite))]
public sealed class RedundantCollection : ICollectionFixture<RedundantSite>;
