using Dataplane.Dpdk;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Forwarding;

/// <summary>Devices that a forwarder has beside, or in place of, those that its configuration names.</summary>
/// <param name="Make">Makes a port's device, once EAL runs; null to attach what the configuration says.</param>
/// <param name="Pci">Further PCI functions for EAL to take.</param>
internal sealed record OtherDevices(Func<PortConfiguration, EthernetPort>? Make, IReadOnlyList<string> Pci);
