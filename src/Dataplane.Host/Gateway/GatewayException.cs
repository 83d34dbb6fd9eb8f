namespace Dataplane.Host.Gateway;

/// <summary>What keeps a gateway from running and an operator can do something about.</summary>
internal sealed class GatewayException : Exception
{
    /// <summary>Says what.</summary>
    public GatewayException(string message)
        : base(message)
    {
    }

    /// <summary>Says what, and why.</summary>
    public GatewayException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
