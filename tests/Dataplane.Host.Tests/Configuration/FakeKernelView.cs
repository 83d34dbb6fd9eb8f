using Dataplane.Host.Configuration.Kernel;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>A made-up machine: eight cores, eth0 with the default route, bond0 over eth2 and eth3 with another.</summary>
internal sealed class FakeKernelView : IKernelView
{
    public static FakeKernelView Default => new();

    public IReadOnlyCollection<string> DefaultRouteInterfaces { get; init; } = ["eth0", "bond0"];

    public int ProcessorCount { get; init; } = 8;

    public IReadOnlyCollection<string> LowerInterfaces(string name) => name == "bond0" ? ["eth2", "eth3"] : [];

    public string? PciAddress(string name) => name switch
    {
        "eth0" => "0000:00:03.0",
        "eth1" => "0000:00:04.0",
        "eth2" => "0000:81:00.0",
        "eth3" => "0000:81:00.1",
        _ => null,
    };
}
