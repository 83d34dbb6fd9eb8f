using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Tests.Storage;

[Trait("Requirement", "SCL-03")]
public sealed class ByteArenaTests
{
    [Fact]
    public void EveryLengthIsReadAsItWasStored()
    {
        var arena = new ByteArena();
        var random = new Random(2);
        var places = new List<(uint Place, byte[] Octets)>();
        foreach (var length in Enumerable.Range(0, 700).Concat([1023, 1024, 1025, 4096, 9000, 30_000, 57_345, 65_535]))
        {
            var octets = new byte[length];
            random.NextBytes(octets);
            places.Add((arena.Store(octets), octets));
        }

        foreach ((uint place, byte[] octets) in places)
        {
            Assert.Equal(octets, arena.Read(place, octets.Length).ToArray());
            arena.Free(place);
        }

        Assert.Equal((0, 0), (arena.Used, arena.Bytes));
    }

    [Fact]
    public void ChurnOfSizesNeitherMixesNorLeaks()
    {
        var arena = new ByteArena();
        var random = new Random(3);
        var held = new List<(uint Place, byte Mark, int Length)>();
        long peak = 0;
        for (var step = 0; step < 400_000; step++)
        {
            // The usual size wanders, so that what one class gives back must serve another.
            var usual = 20 + (step / 4000 * 7 % 400);
            if (held.Count < 5000 || random.Next(2) == 0)
            {
                var mark = (byte)random.Next(256);
                var octets = new byte[usual + random.Next(30)];
                Array.Fill(octets, mark);
                held.Add((arena.Store(octets), mark, octets.Length));
            }

            while (held.Count > 5000)
            {
                var index = random.Next(held.Count);
                (uint place, byte mark, int length) = held[index];
                Assert.Equal(-1, arena.Read(place, length).IndexOfAnyExcept(mark));
                arena.Free(place);
                held[index] = held[^1];
                held.RemoveAt(held.Count - 1);
            }

            peak = Math.Max(peak, arena.Bytes);
        }

        // 5000 strings of at most 450 octets, and slabs of neighbouring classes that are not full.
        Assert.InRange(peak, 0, (5000 * 456) + (30 * 64 * 1024 * 3));
        held.ForEach(entry => arena.Free(entry.Place));
        Assert.Equal((0, 0), (arena.Used, arena.Bytes));
    }

    [Theory]
    [InlineData(60, 64)]
    [InlineData(129, 144)]
    [InlineData(1000, 1024)]
    public void AStringCostsItsClass(int length, int cost)
    {
        var arena = new ByteArena();
        _ = arena.Store(new byte[length]);
        Assert.Equal(cost, arena.Used);
    }
}
