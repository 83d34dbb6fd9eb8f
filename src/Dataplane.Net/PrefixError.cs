namespace Dataplane.Net;

/// <summary>Why a text is no prefix.</summary>
public enum PrefixError
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>The address or the length cannot be read.</summary>
    Syntax,

    /// <summary>The length is greater than the family has bits.</summary>
    LengthOutOfRange,

    /// <summary>Bits behind the length are set: 198.51.100.1/24 is an address on a network, not a prefix.</summary>
    HostBitsSet,
}
