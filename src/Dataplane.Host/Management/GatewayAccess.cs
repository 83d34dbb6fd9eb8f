using Dataplane.Bgp.Export.Bmp;
using Dataplane.Bgp.Speaker;
using Dataplane.Host.Signaling;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Host.Management;

/// <summary>What management looks at. Everything but the loop is looked at on the loop only.</summary>
/// <param name="Loop">The routing thread.</param>
/// <param name="Routes">The tables.</param>
/// <param name="Speaker">The BGP speaker.</param>
/// <param name="Bmp">The export to BMP stations; null when there is none.</param>
/// <param name="Signaling">The XMPP side; null when there is none.</param>
internal sealed record GatewayAccess(RoutingLoop Loop, RoutingBase Routes, BgpSpeaker Speaker, BmpExporter? Bmp, SignalingRuntime? Signaling = null);
