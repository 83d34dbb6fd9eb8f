namespace Dataplane.Host.Forwarding;

/// <summary>The forwarder cannot do what it was asked to; the message says why and what to do about it.</summary>
internal sealed class ForwarderException(string message, Exception? cause = null) : Exception(message, cause);
