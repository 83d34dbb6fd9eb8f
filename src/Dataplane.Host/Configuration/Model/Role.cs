namespace Dataplane.Host.Configuration;

/// <summary>What this process does (design: one program, roles turned on by configuration).</summary>
internal enum Role
{
    /// <summary>Forwards packets between virtual interfaces and tunnels.</summary>
    Forwarder,

    /// <summary>Speaks BGP: exchanges VPN routes, imports them into VRFs and exports those of VRFs.</summary>
    Gateway,

    /// <summary>The end-system side: virtual interfaces are attached and made known while it runs.</summary>
    Agent,
}
