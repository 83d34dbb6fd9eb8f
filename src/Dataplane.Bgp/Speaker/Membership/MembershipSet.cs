using System.Numerics;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker.Membership;

/// <summary>
/// The route target memberships of one peer (RFC 4684): prefixes of 0 to 96 bits over origin AS (32 bits) and route target (64 bits). A VPN
/// route concerns the peer when one of its targets is below one of the prefixes; the origin AS says who asked and does not restrict
/// the target, so a prefix of 32 bits or fewer asks for everything. Prefixes of different origins are counted. Routing thread.
/// </summary>
internal sealed class MembershipSet
{
    private readonly Dictionary<(byte Length, ulong Target), int> _counts = [];
    private readonly int[] _prefixesOfLength = new int[65];
    private ulong _lengths; // bit n: a prefix of n + 1 bits of the route target is there

    /// <summary>Whether every VPN route is asked for.</summary>
    public bool IsEverything => _prefixesOfLength[0] != 0;

    /// <summary>Whether none is.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>How many different prefixes of route targets are asked for.</summary>
    public int Count => _counts.Count;

    /// <summary>The part of a membership route that selects targets: how many bits, and these bits from the top, the others zero.</summary>
    public static (byte Length, ulong Target) TargetOf(in Nlri membership)
    {
        if (membership.Length <= 32)
        {
            return (0, 0);
        }

        var length = (byte)(membership.Length - 32);
        return (length, (membership.High << 32 | membership.Low >> 32) & Mask(length));
    }

    /// <summary>Adds a membership.</summary>
    /// <returns>Whether other routes than before are asked for.</returns>
    public bool Add(in Nlri membership)
    {
        (byte Length, ulong Target) key = TargetOf(membership);
        _counts.TryGetValue(key, out var count);
        _counts[key] = count + 1;
        if (count != 0)
        {
            return false;
        }

        if (_prefixesOfLength[key.Length]++ == 0 && key.Length > 0)
        {
            _lengths |= 1UL << (key.Length - 1);
        }

        return true;
    }

    /// <summary>Removes a membership that was added.</summary>
    /// <returns>Whether fewer routes than before may be asked for.</returns>
    public bool Remove(in Nlri membership)
    {
        (byte Length, ulong Target) key = TargetOf(membership);
        if (!_counts.TryGetValue(key, out var count))
        {
            return false;
        }

        if (count > 1)
        {
            _counts[key] = count - 1;
            return false;
        }

        _counts.Remove(key);
        if (--_prefixesOfLength[key.Length] == 0 && key.Length > 0)
        {
            _lengths &= ~(1UL << (key.Length - 1));
        }

        return true;
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        _counts.Clear();
        Array.Clear(_prefixesOfLength);
        _lengths = 0;
    }

    /// <summary>Whether routes with this target are asked for.</summary>
    public bool Wants(ExtendedCommunity target)
    {
        if (IsEverything)
        {
            return true;
        }

        for (var rest = _lengths; rest != 0; rest &= rest - 1)
        {
            var length = (byte)(BitOperations.TrailingZeroCount(rest) + 1);
            if (_counts.ContainsKey((length, target.Value & Mask(length))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether routes with any of these targets are asked for; routes without target only by a peer that wants everything.</summary>
    public bool WantsAny(ReadOnlySpan<ExtendedCommunity> targets)
    {
        if (IsEverything)
        {
            return true;
        }

        foreach (ExtendedCommunity target in targets)
        {
            if (Wants(target))
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Mask(byte length) => length == 0 ? 0 : ulong.MaxValue << (64 - length);
}
