namespace Dataplane.Dpdk.Tests;

/// <summary>The arithmetic of the reservation, on files of our own; the kernel's are met by ProcessTests.</summary>
public sealed class HugePagesTests : IDisposable
{
    private readonly string _pool = Directory.CreateTempSubdirectory("dataplane-pages-").FullName;

    public void Dispose() => Directory.Delete(_pool, recursive: true);

    private void Write(int reserved, int free)
    {
        File.WriteAllText(Path.Combine(_pool, "nr_hugepages"), reserved + "\n");
        File.WriteAllText(Path.Combine(_pool, "free_hugepages"), free + "\n");
    }

    private string Reserved => File.ReadAllText(Path.Combine(_pool, "nr_hugepages")).Trim();

    [Fact]
    public void Enough_free_pages_are_left_alone()
    {
        Write(reserved: 100, free: 40);
        HugePageReservation result = HugePages.TryReserve(80, _pool);
        Assert.Equal(new HugePageReservation(80, 80, 0, null), result);
        Assert.True(result.IsEnough);
        Assert.Equal("100", Reserved);
    }

    [Fact]
    public void Missing_pages_are_added_to_those_that_others_use()
    {
        Write(reserved: 100, free: 10);
        HugePageReservation result = HugePages.TryReserve(31, _pool); // 16 pages, 6 more than are free
        Assert.Equal("106", Reserved);
        Assert.Equal(12, result.AddedMib);
    }

    [Fact]
    public void A_kernel_that_finds_too_little_is_reported()
    {
        Write(reserved: 0, free: 0); // nothing makes them free here
        HugePageReservation result = HugePages.TryReserve(64, _pool);
        Assert.False(result.IsEnough);
        Assert.Contains("0 of 64 MiB", result.Problem);
    }

    [Fact]
    public void A_kernel_without_huge_pages_is_reported()
    {
        HugePageReservation result = HugePages.TryReserve(64, Path.Combine(_pool, "missing"));
        Assert.False(result.IsEnough);
        Assert.Contains("no huge pages", result.Problem);
    }
}
