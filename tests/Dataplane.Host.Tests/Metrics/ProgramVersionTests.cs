using Dataplane.Host.Metrics;

namespace Dataplane.Host.Tests.Metrics;

public sealed class ProgramVersionTests
{
    [Theory]
    [InlineData("0.1.0+8a48bda2", "0.1.0", "8a48bda2")]
    [InlineData("0.1.0", "0.1.0", "")]
    public void NumberAndCommitAreSplit(string informational, string number, string commit) =>
        Assert.Equal(new ProgramVersion(number, commit), ProgramVersion.Parse(informational));
}
