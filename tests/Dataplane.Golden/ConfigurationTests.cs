using Dataplane.Host.Configuration;

namespace Dataplane.Golden;

/// <summary>The configurations of the cases are sound, and only those that are about it cause a warning.</summary>
public sealed class ConfigurationTests
{
    /// <summary>These confirm nothing on purpose: a warning is due (FWD-10).</summary>
    private static readonly string[] Doubtful = ["local-route-not-matching"];

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void Every_case_has_a_sound_configuration()
    {
        foreach (var golden in GoldenCase.All())
        {
            var result = ConfigurationLoader.Load(golden.Configuration, ConfigurationPurpose.Replay);
            Assert.True(result.Configuration is not null, string.Join('\n', result.Diagnostics));
            Assert.True(result.Warnings.Any() == Doubtful.Contains(golden.Name), $"{golden.Name}: {string.Join('\n', result.Diagnostics)}");
        }
    }
}
