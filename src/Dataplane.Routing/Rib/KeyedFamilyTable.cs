using Dataplane.Routing.Attributes;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Rib;

/// <summary>The table of a family with its key: a column of keys and the index over it.</summary>
/// <typeparam name="TKey">The key.</typeparam>
internal sealed class KeyedFamilyTable<TKey> : FamilyTable
    where TKey : unmanaged, IRouteKey<TKey>
{
    private readonly Paged<TKey> _keys = new();
    private readonly RowIndex<TKey, Keys> _index;

    public KeyedFamilyTable(RouteFamily family, AttributeStore attributes, PathComparer comparer, RoutingClock clock)
        : base(family, attributes, comparer, clock) => _index = new(new Keys(_keys));

    public override long Bytes => base.Bytes + _keys.Bytes + _index.Bytes;

    public override bool TryFind(in Nlri nlri, out DestinationId id)
    {
        var key = TKey.Of(nlri);
        id = new(_index.Find(key, key.Hash));
        return id.Value >= 0;
    }

    public override void Anticipate(in Nlri nlri) => _index.Touch(TKey.Of(nlri).Hash);

    public override Nlri NlriOf(DestinationId id) => _keys[id.Value].Nlri;

    private protected override int FindOrAdd(in Nlri nlri)
    {
        var key = TKey.Of(nlri);
        var hash = key.Hash;
        var destination = _index.Find(key, hash);
        if (destination < 0)
        {
            destination = TakeDestination();
            _keys.EnsureCapacity(destination + 1);
            _keys[destination] = key;
            _index.Add(destination, hash);
            DestinationAdded?.Invoke(nlri);
        }

        return destination;
    }

    private protected override void RemoveKey(int destination) => _index.Remove(destination, _keys[destination].Hash);

    private protected override void ClearKeys() => _keys.Clear();

    private readonly struct Keys(Paged<TKey> keys) : IKeyedRows<TKey>
    {
        public uint HashOf(int row) => keys[row].Hash;

        public bool Matches(int row, scoped in TKey key) => keys[row].Equals(key);
    }
}
