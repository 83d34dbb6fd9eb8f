using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Forwarding;

/// <summary>Configurations as texts; loaded as for a replay, so that nothing of the machine matters.</summary>
internal static class ForwarderSample
{
    public static DataplaneConfiguration Load(string yaml)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, "sample.yaml", ConfigurationPurpose.Replay);
        Assert.True(result.Configuration is not null, string.Join('\n', result.Diagnostics));
        return result.Configuration;
    }
}
