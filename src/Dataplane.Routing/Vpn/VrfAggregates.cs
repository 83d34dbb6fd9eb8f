using System.Collections;
using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>The aggregates of a VRF, found by what they cover: one look per length that aggregates have.</summary>
internal sealed class VrfAggregates : IReadOnlyCollection<VrfAggregate>
{
    private readonly Dictionary<IpPrefix, VrfAggregate> _byPrefix = [];
    private UInt128 _lengths4;
    private UInt128 _lengths6;

    /// <summary>How many there are.</summary>
    public int Count => _byPrefix.Count;

    /// <summary>How many of them keep their specifics back.</summary>
    public int Suppressing { get; set; }

    /// <summary>The aggregate of a prefix.</summary>
    public VrfAggregate? Find(IpPrefix prefix) => _byPrefix.GetValueOrDefault(prefix);

    /// <summary>Adds one whose prefix is new. A host prefix can cover nothing: it is there and never active.</summary>
    public VrfAggregate Add(VrfAggregateSettings settings)
    {
        var aggregate = new VrfAggregate(settings);
        _byPrefix.Add(settings.Prefix, aggregate);
        CollectLengths();
        return aggregate;
    }

    /// <summary>Removes one.</summary>
    public void Remove(VrfAggregate aggregate)
    {
        _byPrefix.Remove(aggregate.Prefix);
        CollectLengths();
    }

    /// <summary>The aggregates that cover a prefix and are shorter than it.</summary>
    public Covering Over(IpPrefix prefix) => new(this, prefix);

    /// <summary>Whether an aggregate that covers a prefix keeps it back.</summary>
    public bool Suppress(IpPrefix prefix)
    {
        if (Suppressing == 0)
        {
            return false;
        }

        foreach (VrfAggregate aggregate in Over(prefix))
        {
            if (aggregate.Suppresses)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<VrfAggregate> GetEnumerator() => _byPrefix.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Bit n: there is one of length n. Length 128 has no bit, and covers nothing.
    private void CollectLengths()
    {
        (_lengths4, _lengths6) = (0, 0);
        foreach (IpPrefix prefix in _byPrefix.Keys)
        {
            if (!prefix.IsHost)
            {
                ref var lengths = ref (prefix.Family == AddressFamily.Ipv6 ? ref _lengths6 : ref _lengths4);
                lengths |= UInt128.One << prefix.Length;
            }
        }
    }

    /// <summary>Walks covering aggregates, shortest first.</summary>
    public struct Covering(VrfAggregates aggregates, IpPrefix prefix)
    {
        private UInt128 _lengths = (prefix.Family == AddressFamily.Ipv6 ? aggregates._lengths6 : aggregates._lengths4)
            & (prefix.Length == 128 ? UInt128.MaxValue : (UInt128.One << prefix.Length) - 1);

        /// <summary>The aggregate the walk is at.</summary>
        public VrfAggregate Current { get; private set; } = null!;

        /// <summary>Itself.</summary>
        public readonly Covering GetEnumerator() => this;

        /// <summary>Goes on.</summary>
        public bool MoveNext()
        {
            while (_lengths != 0)
            {
                var length = (byte)UInt128.TrailingZeroCount(_lengths);
                _lengths &= _lengths - 1;
                if (aggregates._byPrefix.TryGetValue(IpPrefix.Of(prefix.Address, length), out VrfAggregate? found))
                {
                    Current = found;
                    return true;
                }
            }

            return false;
        }
    }
}
