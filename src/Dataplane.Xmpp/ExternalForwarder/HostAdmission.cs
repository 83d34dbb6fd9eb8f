using Dataplane.Net;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>What a host behind this forwarder is allowed, and where its frames come from.</summary>
/// <param name="Port">The access port that it is on.</param>
/// <param name="Mac">MAC of its physical interface: with the VLAN it tells interfaces apart (EXT-02); null: the VLAN alone does.</param>
/// <param name="MayJoin">Whether it may take part in a VPN (SIG-11).</param>
/// <param name="MayPublish">Whether it may say that an address of a VPN is its (SEC-06).</param>
public sealed record HostAdmission(string Port, MacAddress? Mac, Func<string, bool> MayJoin, Func<string, IpPrefix, bool> MayPublish);
