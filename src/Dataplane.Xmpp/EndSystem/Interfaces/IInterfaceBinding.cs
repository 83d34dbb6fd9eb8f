namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>Makes virtual interfaces part of their VPNs. Routing loop.</summary>
public interface IInterfaceBinding
{
    /// <summary>Puts an interface there, or changes the one of its key.</summary>
    /// <param name="wanted">What it shall be.</param>
    /// <param name="done">Told, now or later on the loop, that packets can come and addresses are on their way; or why not. After a refusal the
    /// interface is not there.</param>
    void Set(BoundInterface wanted, Action<string?> done);

    /// <summary>Takes an interface away: its addresses are withdrawn at once (XMP-14).</summary>
    /// <param name="key">Its key; nothing when there is none.</param>
    /// <param name="isMoved">Whether its workload goes on elsewhere: packets that still come for it follow (MOB-05).</param>
    void Remove(string key, bool isMoved);

    /// <summary>What there is to know about an address of an interface: why it attracts no traffic; null when it is in order.</summary>
    string? StateOf(string key, BoundAddress address);
}
