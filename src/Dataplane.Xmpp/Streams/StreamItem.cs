using System.Xml.Linq;

namespace Dataplane.Xmpp.Streams;

/// <summary>What has come on a stream.</summary>
internal enum StreamItemKind : byte
{
    /// <summary>Nothing whole yet.</summary>
    None,

    /// <summary>The start of the stream.</summary>
    Header,

    /// <summary>A child of the stream.</summary>
    Element,

    /// <summary>The end of the stream.</summary>
    End,

    /// <summary>Something that is not allowed; nothing is read afterwards.</summary>
    Fault,
}

/// <summary>Something that has come on a stream.</summary>
internal readonly record struct StreamItem(StreamItemKind Kind, StreamHeader? Header = null, XElement? Element = null, StreamFault Fault = default)
{
    public static StreamItem End { get; } = new(StreamItemKind.End);

    public static StreamItem Of(StreamFault fault) => new(StreamItemKind.Fault, Fault: fault);
}
