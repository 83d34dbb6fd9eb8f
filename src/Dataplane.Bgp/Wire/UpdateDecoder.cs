namespace Dataplane.Bgp.Wire;

/// <summary>Reads UPDATEs (RFC 4271 §4.3) with the error handling of RFC 7606; see <see cref="UpdateReader"/> for the steps.</summary>
public static class UpdateDecoder
{
    /// <summary>Reads one message.</summary>
    /// <param name="body">The message behind its header; at least four octets, which <see cref="MessageHeader.Read"/> has made sure of.</param>
    /// <param name="options">What the session negotiated.</param>
    /// <param name="into">Takes what the message says; what was in it before is forgotten.</param>
    public static void Decode(ReadOnlySpan<byte> body, CodecOptions options, DecodedUpdate into)
    {
        into.Clear();
        new UpdateReader(body, options, into).Read();
    }
}
