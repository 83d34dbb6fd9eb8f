using Dataplane.Bgp.Transport;
using Dataplane.Net;
using AddressFamily = Dataplane.Net.AddressFamily;

namespace Dataplane.Bgp.Tests.Transport;

/// <summary>The filter programs, run by an interpreter of the few instructions that they use; the kernel runs them in <see cref="BgpListenerTests"/>.</summary>
public sealed class SourceFilterTests
{
    [Fact]
    [Trait("Requirement", "SEC-08")]
    public void ProgramAgreesWithTheRules()
    {
        var random = new Random(5);
        foreach (AddressFamily family in new[] { AddressFamily.Ipv4, AddressFamily.Ipv6 })
        {
            for (var round = 0; round < 50; round++)
            {
                AcceptRule[] rules = [.. Enumerable.Range(0, random.Next(20)).Select(_ => new AcceptRule(
                    IpPrefix.Of(RandomAddress(random, family), (byte)random.Next(family == AddressFamily.Ipv4 ? 33 : 129)),
                    null,
                    new(0, (byte)(random.Next(2) * random.Next(256)))))];
                FilterInstruction[] program = SourceFilter.Compile(rules, family);
                for (var probe = 0; probe < 100; probe++)
                {
                    IpAddress source = rules.Length > 0 && random.Next(2) == 0
                        ? rules[random.Next(rules.Length)].Peers.Address
                        : RandomAddress(random, family);
                    var hops = (byte)random.Next(256);
                    var expected = rules.GroupBy(rule => rule.Peers)
                        .Any(group => group.Key.Contains(source) && hops >= group.Min(rule => rule.Hops.Minimum));
                    Assert.Equal(expected, Run(program, source, hops));
                }
            }
        }
    }

    [Theory]
    [InlineData(AddressFamily.Ipv4, 1000, true)]
    [InlineData(AddressFamily.Ipv4, 5000, false)]
    [InlineData(AddressFamily.Ipv6, 400, true)]
    [InlineData(AddressFamily.Ipv6, 5000, false)]
    public void ProgramFitsTheKernelAndLosesNoPeer(AddressFamily family, int peers, bool isExact)
    {
        var random = new Random(7);
        AcceptRule[] rules = [.. Enumerable.Range(0, peers).Select(_ => new AcceptRule(IpPrefix.Host(Near(random, family)), null, default))];
        FilterInstruction[] program = SourceFilter.Compile(rules, family);
        Assert.InRange(program.Length, 1, SourceFilter.MaximumInstructions);
        Assert.All(rules, rule => Assert.True(Run(program, rule.Peers.Address, 64)));
        var strangers = Enumerable.Range(0, 200).Count(_ => Run(program, RandomAddress(random, family), 64));
        var neighbors = Enumerable.Range(0, 200).Count(_ => Run(program, Near(random, family), 64));
        Assert.InRange(strangers, 0, 5);
        Assert.True(!isExact || neighbors == 0);
    }

    private static IpAddress RandomAddress(Random random, AddressFamily family)
    {
        var octets = new byte[family == AddressFamily.Ipv4 ? 4 : 16];
        random.NextBytes(octets);
        return IpAddress.From(new System.Net.IPAddress(octets));
    }

    // Peers of one provider share the start of their addresses.
    private static IpAddress Near(Random random, AddressFamily family)
    {
        var octets = new byte[family == AddressFamily.Ipv4 ? 4 : 16];
        random.NextBytes(octets);
        octets[0] = 10;
        return IpAddress.From(new System.Net.IPAddress(octets));
    }

    private static bool Run(FilterInstruction[] program, IpAddress source, byte hops)
    {
        var header = new byte[40];
        source.CopyTo(header.AsSpan(source.IsV6 ? 8 : 12));
        header[source.IsV6 ? 7 : 8] = hops;
        uint accumulator = 0;
        for (var at = 0; ; at++)
        {
            FilterInstruction next = program[at];
            var offset = (int)(next.Operand + 0x100000);
            switch (next.Code)
            {
                case 0x20: accumulator = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(offset)); break;
                case 0x30: accumulator = header[offset]; break;
                case 0x54: accumulator &= next.Operand; break;
                case 0x15: at += accumulator == next.Operand ? next.IfTrue : next.IfFalse; break;
                case 0x35: at += accumulator >= next.Operand ? next.IfTrue : next.IfFalse; break;
                case 0x06: return next.Operand != 0;
                default: throw new InvalidOperationException($"code {next.Code:x}");
            }
        }
    }
}
