using Dataplane.Net;

namespace Dataplane.Routing.FlowSpec;

/// <summary>
/// The order in which flow specifications are applied: the first that matches wins, whichever came first (RFC 8955 §5.1, RFC 8956 §4).
/// </summary>
public static class FlowSpecOrder
{
    /// <summary>Compares two values of one family.</summary>
    /// <param name="left">Octets without a fault.</param>
    /// <param name="right">Octets without a fault.</param>
    /// <param name="family">The family of both.</param>
    /// <returns>Negative when the left one goes first, zero when they have the same precedence.</returns>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, AddressFamily family)
    {
        var a = new FlowSpecReader(left, family);
        var b = new FlowSpecReader(right, family);
        while (true)
        {
            bool hasA = a.MoveNext(), hasB = b.MoveNext();
            if (!hasA || !hasB)
            {
                return hasB.CompareTo(hasA); // the one that says more goes first
            }

            if (a.Type != b.Type)
            {
                return a.Type.CompareTo(b.Type);
            }

            var order = FlowSpecReader.IsPrefix(a.Type)
                ? FlowSpecPrefixOctets.Compare(
                    FlowSpecPrefixOctets.Read(a.Type, a.Body, family), FlowSpecPrefixOctets.Read(b.Type, b.Body, family))
                : CompareOctets(a.Body, b.Body);
            if (order != 0)
            {
                return order;
            }
        }
    }

    private static int CompareOctets(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = Math.Min(left.Length, right.Length);
        var order = left[..common].SequenceCompareTo(right[..common]);
        return order != 0 ? order : right.Length.CompareTo(left.Length); // the longer goes first
    }
}
