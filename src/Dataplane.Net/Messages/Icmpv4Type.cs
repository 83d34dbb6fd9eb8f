namespace Dataplane.Net;

/// <summary>ICMPv4 message types (IANA registry "ICMP Type Numbers") that the forwarder knows.</summary>
public static class Icmpv4Type
{
    /// <summary>Echo reply (RFC 792).</summary>
    public const byte EchoReply = 0;

    /// <summary>Destination unreachable (RFC 792); an error.</summary>
    public const byte DestinationUnreachable = 3;

    /// <summary>Source quench (deprecated by RFC 6633); an error.</summary>
    public const byte SourceQuench = 4;

    /// <summary>Redirect (RFC 792); an error.</summary>
    public const byte Redirect = 5;

    /// <summary>Echo request (RFC 792).</summary>
    public const byte EchoRequest = 8;

    /// <summary>Time exceeded (RFC 792); an error.</summary>
    public const byte TimeExceeded = 11;

    /// <summary>Parameter problem (RFC 792); an error.</summary>
    public const byte ParameterProblem = 12;

    /// <summary>Code of <see cref="DestinationUnreachable"/>: fragmentation needed and DF set (RFC 1191).</summary>
    public const byte FragmentationNeededCode = 4;

    /// <summary>True for the types that report an error; no error is ever sent about them (RFC 1122 section 3.2.2).</summary>
    public static bool IsError(byte type) =>
        type is DestinationUnreachable or SourceQuench or Redirect or TimeExceeded or ParameterProblem;
}
