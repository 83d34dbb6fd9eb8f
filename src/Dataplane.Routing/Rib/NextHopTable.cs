using Dataplane.Net;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Rib;

/// <summary>Whether and how far away a next hop is.</summary>
/// <param name="IsReachable">Whether the underlay has a way to it; paths over a next hop without are never best (RFC 4271 §9.1.2.1).</param>
/// <param name="Metric">The interior cost of the way, lower is nearer.</param>
public readonly record struct NextHopState(bool IsReachable, uint Metric);

/// <summary>Knows the underlay.</summary>
public interface INextHopResolver
{
    /// <summary>The state of a next hop now. Called on the routing thread when a next hop is first seen and when the underlay changed.</summary>
    NextHopState Resolve(IpAddress nextHop);
}

/// <summary>
/// The next hops of all attribute sets, each once, with what the resolver says about it. A change is remembered until the tables have
/// marked the destinations that have a path over it (RFC 4271 §9.1.2.1); see <c>RoutingBase.Settle</c>. Routing thread.
/// </summary>
public sealed class NextHopTable
{
    private readonly RowPool<Row> _rows = new();
    private readonly RowIndex<IpAddress, Keys> _index;
    private INextHopResolver _resolver;

    /// <summary>An empty table.</summary>
    /// <param name="resolver">Without one every next hop is reachable at no cost.</param>
    public NextHopTable(INextHopResolver? resolver = null)
    {
        _resolver = resolver ?? AlwaysReachable.Instance;
        _index = new(new Keys(this));
        _rows[_rows.Take()] = new Row { State = new(true, 0) };
    }

    /// <summary>Who knows the underlay; setting one asks it about every next hop.</summary>
    public INextHopResolver Resolver
    {
        get => _resolver;
        set
        {
            _resolver = value;
            Reresolve();
        }
    }

    /// <summary>Next hops held.</summary>
    public int Count => _index.Count;

    /// <summary>One more than the highest id.</summary>
    public int End => _rows.End;

    /// <summary>Octets of it all.</summary>
    public long Bytes => _rows.Bytes + _index.Bytes;

    /// <summary>Counts changes of state; whoever has seen this number has seen them all.</summary>
    internal uint Changes { get; private set; }

    /// <summary>The address of a next hop.</summary>
    public IpAddress this[NextHopId id] => _rows[id.Value].Address;

    /// <summary>The state of a next hop; reachable at no cost for none.</summary>
    public NextHopState StateOf(NextHopId id) => _rows[id.Value].State;

    /// <summary>How many attribute sets have this next hop.</summary>
    public int ReferencesOf(NextHopId id) => _rows[id.Value].References;

    /// <summary>Whether an id below <see cref="End"/> is one of a next hop that is held.</summary>
    public bool Exists(NextHopId id) => !id.IsNone && _rows[id.Value].References > 0;

    /// <summary>Finds a next hop; none when no attribute set has it.</summary>
    public NextHopId Find(IpAddress address) => new(Math.Max(_index.Find(address, HashOf(address)), 0));

    /// <summary>Asks the resolver about every next hop again.</summary>
    public void Reresolve()
    {
        for (var row = 1; row < _rows.End; row++)
        {
            if (_rows[row].References > 0)
            {
                Reresolve(row);
            }
        }
    }

    /// <summary>Asks the resolver about the next hops inside a prefix, whose routes changed.</summary>
    public void Reresolve(IpPrefix prefix)
    {
        for (var row = 1; row < _rows.End; row++)
        {
            if (_rows[row].References > 0 && prefix.Contains(_rows[row].Address))
            {
                Reresolve(row);
            }
        }
    }

    /// <summary>The next hop of an address; takes a reference.</summary>
    internal NextHopId Intern(IpAddress address)
    {
        var hash = HashOf(address);
        var found = _index.Find(address, hash);
        if (found < 0)
        {
            NextHopState state = _resolver.Resolve(address);
            found = _rows.Take();
            _rows[found] = new Row { Address = address, State = state };
            _index.Add(found, hash);
        }

        _rows[found].References++;
        return new(found);
    }

    /// <summary>Gives a reference back.</summary>
    internal void Release(NextHopId id)
    {
        if (id.IsNone)
        {
            return;
        }

        ref Row row = ref _rows[id.Value];
        if (--row.References == 0)
        {
            _index.Remove(id.Value, HashOf(row.Address));
            _rows.Give(id.Value);
        }
    }

    /// <summary>The value of <see cref="Changes"/> after this next hop changed last.</summary>
    internal uint ChangedAt(NextHopId id) => _rows[id.Value].ChangedAt;

    private static uint HashOf(IpAddress address) => address.IsV6
        ? KeyHash.Of(address.V6.High, address.V6.Low)
        : KeyHash.Of(ulong.MaxValue, address.V4.Value);

    private void Reresolve(int row)
    {
        NextHopState state = _resolver.Resolve(_rows[row].Address);
        if (_rows[row].State != state)
        {
            _rows[row].State = state;
            _rows[row].ChangedAt = ++Changes;
        }
    }

    private struct Row : IChainedRow
    {
        public IpAddress Address;
        public NextHopState State;
        public int References;
        public uint ChangedAt;
        private int _next;

        public int Next
        {
            readonly get => _next;
            set => _next = value;
        }
    }

    private readonly struct Keys(NextHopTable table) : IKeyedRows<IpAddress>
    {
        public uint HashOf(int row) => NextHopTable.HashOf(table._rows[row].Address);

        public bool Matches(int row, scoped in IpAddress key) => table._rows[row].Address == key;
    }

    private sealed class AlwaysReachable : INextHopResolver
    {
        public static AlwaysReachable Instance { get; } = new();

        public NextHopState Resolve(IpAddress nextHop) => new(true, 0);
    }
}
