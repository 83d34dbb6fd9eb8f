namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// One bit per destination of a table, in words of 64 and pages of <see cref="PageWords"/> words. A page without bits takes no memory, so a peer
/// that is sent little of a large table costs little. Routing thread.
/// </summary>
internal sealed class DestinationBitmap
{
    /// <summary>Bits of a word.</summary>
    public const int WordBits = 64;

    private const int PageShift = 9;
    private const int PageWords = 1 << PageShift;

    private ulong[]?[] _pages = [];

    /// <summary>One past the highest word that may have bits.</summary>
    public int WordLimit => _pages.Length << PageShift;

    /// <summary>The bits of destinations 64 × <paramref name="word"/> to 64 × <paramref name="word"/> + 63, the lowest in the lowest bit.</summary>
    public ulong this[int word]
    {
        get
        {
            var page = word >> PageShift;
            return page < _pages.Length && _pages[page] is { } words ? words[word & (PageWords - 1)] : 0;
        }

        set
        {
            var page = word >> PageShift;
            if (page >= _pages.Length)
            {
                if (value == 0)
                {
                    return;
                }

                Array.Resize(ref _pages, Math.Max(page + 1, _pages.Length * 2));
            }

            if (_pages[page] is not { } words)
            {
                if (value == 0)
                {
                    return;
                }

                _pages[page] = words = new ulong[PageWords];
            }

            words[word & (PageWords - 1)] = value;
        }
    }

    /// <summary>Whether the bit of a destination is set.</summary>
    public bool Contains(int destination) => (this[destination / WordBits] >> (destination % WordBits) & 1) != 0;

    /// <summary>Clears all bits and gives the memory back.</summary>
    public void Clear() => _pages = [];
}
