using System.Globalization;

namespace Dataplane.Dpdk.Tests;

/// <summary>Huge pages for one test: what had to be added to the machine's reservation is taken off it again.</summary>
internal sealed class HugePageLoan(int mib) : IDisposable
{
    private const string Reserved = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
    private const int PageMib = 2;
    private readonly HugePageReservation _reservation = HugePages.TryReserve(mib);

    /// <summary>Whether the kernel had enough to give.</summary>
    internal bool IsGranted => _reservation.IsEnough;

    public void Dispose()
    {
        if (_reservation.AddedMib == 0)
            return;
        int pages = int.Parse(File.ReadAllText(Reserved), CultureInfo.InvariantCulture) - _reservation.AddedMib / PageMib;
        File.WriteAllText(Reserved, pages.ToString(CultureInfo.InvariantCulture));
    }
}
