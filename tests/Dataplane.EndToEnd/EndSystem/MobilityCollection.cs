namespace Dataplane.EndToEnd.EndSystem;

/// <summary>The tests of moves share one laboratory.</summary>
[CollectionDefinition(nameof(MobilitySites))]
public sealed class MobilityCollection : ICollectionFixture<MobilitySites>;
