using System.Numerics;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// What is left of a walk over the table that a peer was promised: the words of destinations that were marked when it began. Its end is marked
/// by End-of-RIB or EoRR, exactly when the last of these words has been sent, however much changes meanwhile.
/// </summary>
internal struct InitialDump
{
    private ulong[]? _words;
    private int _left;

    /// <summary>Whether a walk is on.</summary>
    public readonly bool IsOn => _words is not null;

    /// <summary>Whether everything that it began with has been sent.</summary>
    public readonly bool IsDone => _words is not null && _left == 0;

    /// <summary>Begins with what is marked.</summary>
    public void Begin(DirtySet marked)
    {
        _words = marked.CopySummary();
        _left = 0;
        foreach (var word in _words)
        {
            _left += BitOperations.PopCount(word);
        }
    }

    /// <summary>A word has been sent.</summary>
    public void Sent(int word)
    {
        if (_words is not null && word / 64 < _words.Length && (_words[word / 64] >> (word % 64) & 1) != 0)
        {
            _words[word / 64] &= ~(1UL << (word % 64));
            _left--;
        }
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        _words = null;
        _left = 0;
    }
}
