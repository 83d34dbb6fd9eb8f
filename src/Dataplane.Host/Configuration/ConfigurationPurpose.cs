namespace Dataplane.Host.Configuration;

/// <summary>What a configuration file is loaded for.</summary>
internal enum ConfigurationPurpose
{
    /// <summary>To run or to check: every port needs a device, and devices and cores are held against the machine.</summary>
    Run,

    /// <summary>To replay captures or try policies: devices may be left out, and nothing is asked of the machine, files with secrets included.</summary>
    Replay,
}
