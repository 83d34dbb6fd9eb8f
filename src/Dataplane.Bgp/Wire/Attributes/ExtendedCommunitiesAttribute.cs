using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// EXTENDED COMMUNITIES, type 16, optional transitive (RFC 4360; errors: RFC 7606 §7.14: types that are not known are no error). Route
/// targets and the version of SIG-08 are among them, see <see cref="ExtendedCommunity"/>.
/// <code>
/// +-+-+-----------+---------------+-------------------------------+
/// |I|N|   type    |   sub-type    |                               |  I: IANA authority, N: not transitive
/// +-+-+-----------+---------------+        value, 6 octets        |  one or more
/// |                                                               |
/// +---------------------------------------------------------------+
/// </code>
/// </summary>
internal readonly struct ExtendedCommunitiesAttribute : IPathAttribute
{
    public static AttributeFlags Flags => AttributeFlags.Optional | AttributeFlags.Transitive;

    public static AttributeVerdict Check(ReadOnlySpan<byte> value, CodecOptions options) =>
        AttributeVerdict.MultipleOf(ExtendedCommunity.Size, value.Length);
}
