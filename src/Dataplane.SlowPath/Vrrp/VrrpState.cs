namespace Dataplane.SlowPath;

/// <summary>Where a VRRP router stands in an election (RFC 9568 section 6.4; its Active is the Master of RFC 5798).</summary>
public enum VrrpState : byte
{
    /// <summary>Takes no part: not started, or shut down.</summary>
    Initialize,

    /// <summary>Watches for the master's advertisements and takes its place when they stay away.</summary>
    Backup,

    /// <summary>Serves the link and says so once per interval.</summary>
    Master,
}
