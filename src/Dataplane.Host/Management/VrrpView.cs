using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.SlowPath;

namespace Dataplane.Host.Management;

/// <summary>An election as the management API shows it (MGT-08).</summary>
internal sealed record VrrpView
{
    /// <summary>The access port.</summary>
    public required string Port { get; init; }

    /// <summary>VLAN of the advertisements; null for untagged.</summary>
    public int? Vlan { get; init; }

    /// <summary><c>ipv4</c> or <c>ipv6</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Virtual router identifier.</summary>
    public required int VirtualRouterId { get; init; }

    /// <summary><c>initialize</c>, <c>backup</c> or <c>master</c>.</summary>
    public required string State { get; init; }

    /// <summary>Ours.</summary>
    public required int Priority { get; init; }

    /// <summary>Our own address.</summary>
    public required string Address { get; init; }

    /// <summary>The address that advertisements name.</summary>
    public required string VirtualAddress { get; init; }

    /// <summary>The other router that is master; null when we are, or none was heard of.</summary>
    public string? Master { get; init; }

    /// <summary>Centiseconds between our advertisements.</summary>
    public required int Interval { get; init; }

    /// <summary>Times that we became master.</summary>
    public required ulong BecameMaster { get; init; }

    /// <summary>Advertisements sent.</summary>
    public required ulong Sent { get; init; }

    /// <summary>Advertisements taken into account.</summary>
    public required ulong Received { get; init; }

    /// <summary>Packets discarded, by reason; only reasons that occurred.</summary>
    public required IReadOnlyDictionary<string, ulong> Discarded { get; init; }

    /// <summary>Reads it. Any thread.</summary>
    public static VrrpView Of(DataplaneConfiguration configuration, VrrpElection election) => new()
    {
        Port = configuration.Ports[election.Settings.Port.Value].Name,
        Vlan = election.Settings.Vlan == 0 ? null : election.Settings.Vlan,
        Family = Word(election.Settings.Family),
        VirtualRouterId = election.Settings.VirtualRouterId,
        State = Word(election.State),
        Priority = election.Settings.Priority,
        Address = election.Settings.Address.ToString(),
        VirtualAddress = election.Settings.VirtualAddress.ToString(),
        Master = election.Master?.ToString(),
        Interval = election.Settings.Interval,
        BecameMaster = election.Counters.BecameMaster,
        Sent = election.Counters.Sent,
        Received = election.Counters.Received,
        Discarded = Enum.GetValues<VrrpFault>().Where(fault => election.Counters.Discarded(fault) != 0)
            .ToDictionary(static fault => fault.Name(), election.Counters.Discarded),
    };

    /// <summary>A state in a word.</summary>
    public static string Word(VrrpState state) => state switch
    {
        VrrpState.Master => "master",
        VrrpState.Backup => "backup",
        _ => "initialize",
    };

    /// <summary>A family in a word.</summary>
    public static string Word(AddressFamily family) => family == AddressFamily.Ipv4 ? "ipv4" : "ipv6";
}
