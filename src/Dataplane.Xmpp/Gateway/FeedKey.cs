using Dataplane.Net;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What stands in a feed: a prefix, or the octets of a flow specification, whose number may be another's by the time that its end is told.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Rule">The octets as hexadecimal digits; null of a prefix.</param>
internal readonly record struct FeedKey(IpPrefix Prefix, string? Rule = null)
{
    /// <summary>A prefix.</summary>
    public static implicit operator FeedKey(IpPrefix prefix) => new(prefix);

    /// <summary>A flow specification.</summary>
    public static FeedKey Of(ReadOnlySpan<byte> octets) => new(default, Convert.ToHexStringLower(octets));
}
