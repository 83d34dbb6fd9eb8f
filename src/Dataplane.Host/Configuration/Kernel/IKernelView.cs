namespace Dataplane.Host.Configuration.Kernel;

/// <summary>What configuration rules ask about the machine. An interface so that tests can make up a machine.</summary>
internal interface IKernelView
{
    /// <summary>Names of the network interfaces that carry a default route, IPv4 or IPv6, of this network namespace.</summary>
    IReadOnlyCollection<string> DefaultRouteInterfaces { get; }

    /// <summary>CPU cores of the machine.</summary>
    int ProcessorCount { get; }

    /// <summary>Names of the interfaces right beneath one: members of a bond or bridge, the parent of a VLAN.</summary>
    IReadOnlyCollection<string> LowerInterfaces(string name);

    /// <summary>The PCI address of an interface's device, <c>0000:03:00.0</c>; null when it has none.</summary>
    string? PciAddress(string name);
}
