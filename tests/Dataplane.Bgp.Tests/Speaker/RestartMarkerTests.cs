using Dataplane.Bgp.Speaker;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>The file that tells a start from a restart.</summary>
public sealed class RestartMarkerTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private readonly string _directory = Directory.CreateTempSubdirectory("marker").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void SaysWhetherTheSpeakerRanLately()
    {
        RestartMarker marker = new(Path.Combine(_directory, "state"));
        Assert.False(marker.IsYoungerThan(TimeSpan.FromSeconds(120), Now));
        marker.Touch(Now);
        Assert.True(marker.IsYoungerThan(TimeSpan.FromSeconds(120), Now.AddSeconds(119)));
        Assert.False(marker.IsYoungerThan(TimeSpan.FromSeconds(120), Now.AddSeconds(121)));
        marker.Remove();
        Assert.False(marker.IsYoungerThan(TimeSpan.FromSeconds(120), Now));
    }

    /// <summary>Whoever looks while it is written sees what a start would see after a kill at that moment.</summary>
    [Fact]
    [Trait("Requirement", "SIG-22")]
    public void IsWholeAtEveryMoment()
    {
        RestartMarker marker = new(_directory);
        marker.Touch(Now);
        var isOver = false;
        var missed = 0;
        Thread reader = new(() =>
        {
            RestartMarker seen = new(_directory);
            while (!Volatile.Read(ref isOver))
            {
                missed += seen.IsYoungerThan(TimeSpan.FromSeconds(120), Now) ? 0 : 1;
            }
        });
        reader.Start();
        for (var i = 0; i < 3000; i++)
        {
            marker.Touch(Now);
        }

        Volatile.Write(ref isOver, true);
        reader.Join();
        Assert.Equal(0, missed);
    }
}
