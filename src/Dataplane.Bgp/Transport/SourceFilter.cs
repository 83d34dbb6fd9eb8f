using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dataplane.Net;
using AddressFamily = Dataplane.Net.AddressFamily;

namespace Dataplane.Bgp.Transport;

/// <summary>
/// The filter of a listening socket (SEC-08): a program of classic BPF that the kernel runs on each segment for the listener before it looks at
/// it. A SYN from an address that no rule names, or with too few hops left for GTSM, gets no answer, costs no memory, and never
/// reaches the process.
/// <para>
/// A program is bounded to 4096 instructions, some 2000 IPv4 or 450 IPv6 hosts. With more rules the prefixes are shortened, longest first, until
/// the program fits: strangers near the peers then reach the check after accept, and no peer is lost.
/// </para>
/// </summary>
internal static class SourceFilter
{
    /// <summary>BPF_MAXINSNS.</summary>
    internal const int MaximumInstructions = 4096;

    private const int Ipv4TtlOffset = 8;
    private const int Ipv4SourceOffset = 12;
    private const int Ipv6HopLimitOffset = 7;
    private const int Ipv6SourceOffset = 8;
    private const int WordBits = 32;

    /// <summary>The program that takes segments of one family from the sources of rules and drops all others.</summary>
    internal static FilterInstruction[] Compile(IReadOnlyList<AcceptRule> rules, AddressFamily family)
    {
        var bits = family == AddressFamily.Ipv6 ? Ipv6Address.Bits : Ipv4Address.Bits;
        for (var longest = bits; ; longest--)
        {
            IEnumerable<(IpPrefix Peers, byte Minimum)> sources = rules
                .Where(rule => rule.Peers.Family == family)
                .Select(rule => (Shorten(rule.Peers, longest), rule.Hops.Minimum));
            var program = new List<FilterInstruction>();
            foreach ((IpPrefix peers, var minimum) in Distinct(sources))
            {
                Add(program, peers, minimum);
            }

            program.Add(FilterInstruction.Drop);
            if (program.Count <= MaximumInstructions)
            {
                return [.. program];
            }
        }
    }

    /// <summary>Puts a program before a socket, in place of the one that was there.</summary>
    /// <exception cref="SocketException">The kernel refused.</exception>
    internal static void Attach(Socket socket, FilterInstruction[] program)
    {
        // struct sock_fprog: a length, and the address of the instructions, which the kernel copies during the call.
        var pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            Span<byte> reference = stackalloc byte[2 * IntPtr.Size];
            reference.Clear();
            MemoryMarshal.Write(reference, (ushort)program.Length);
            MemoryMarshal.Write(reference[IntPtr.Size..], pinned.AddrOfPinnedObject());
            LinuxSocketOptions.AttachFilter(socket, reference);
        }
        finally
        {
            pinned.Free();
        }
    }

    private static IpPrefix Shorten(IpPrefix prefix, int longest) =>
        prefix.Length <= longest ? prefix : IpPrefix.Of(prefix.Address, (byte)longest);

    // Where rules fall together the one that takes more counts: what it takes too much, the socket's own minimum drops after accept.
    private static IEnumerable<(IpPrefix Peers, byte Minimum)> Distinct(IEnumerable<(IpPrefix Peers, byte Minimum)> sources) =>
        sources.GroupBy(source => source.Peers).Select(group => (group.Key, group.Min(source => source.Minimum)));

    private static void Add(List<FilterInstruction> program, IpPrefix peers, byte minimum)
    {
        var body = new List<FilterInstruction>();
        var isV6 = peers.Address.IsV6;
        Span<byte> address = stackalloc byte[Ipv6Address.Size];
        peers.Address.CopyTo(address);
        var comparisons = new List<int>();
        for (var word = 0; word * WordBits < peers.Length; word++)
        {
            body.Add(FilterInstruction.LoadWord((isV6 ? Ipv6SourceOffset : Ipv4SourceOffset) + (4 * word)));
            var rest = peers.Length - (word * WordBits);
            var mask = rest >= WordBits ? uint.MaxValue : ~(uint.MaxValue >> rest);
            if (mask != uint.MaxValue)
            {
                body.Add(FilterInstruction.And(mask));
            }

            comparisons.Add(body.Count);
            body.Add(FilterInstruction.SkipUnlessEqual(BinaryPrimitives.ReadUInt32BigEndian(address[(4 * word)..]) & mask, 0));
        }

        if (minimum > 0)
        {
            body.Add(FilterInstruction.LoadByte(isV6 ? Ipv6HopLimitOffset : Ipv4TtlOffset));
            comparisons.Add(body.Count);
            body.Add(FilterInstruction.SkipIfLess(minimum, 0));
        }

        body.Add(FilterInstruction.Accept);

        // A comparison that fails goes on behind this rule.
        foreach (var at in comparisons)
        {
            body[at] = body[at] with { IfFalse = (byte)(body.Count - at - 1) };
        }

        program.AddRange(body);
    }
}
