using System.Globalization;
using System.Text;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Host.Management;

/// <summary>A BGP message in a line for people.</summary>
internal static class MessageText
{
    private const int MostRoutes = 20;

    /// <summary>The text of a message.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="body">What follows its header.</param>
    /// <param name="codec">How its session is read.</param>
    /// <param name="flowSpecs">An own store: the message is not read on the routing thread.</param>
    public static string Of(MessageType type, ReadOnlySpan<byte> body, CodecOptions codec, FlowSpecStore flowSpecs)
    {
        switch (type)
        {
            case MessageType.Open:
                return OpenMessage.Decode(body, out OpenMessage? open) is { } fault
                    ? $"cannot be read: {fault}"
                    : $"AS {open!.As}, identifier {Words.RouterId(open.RouterId)}, hold time {open.HoldTime}, families {open.Capabilities.Families}";
            case MessageType.Notification:
                _ = NotificationMessage.TryDecode(body, out NotificationMessage notification);
                return notification.ToString();
            case MessageType.Update:
                return Update(body, codec with { FlowSpecs = flowSpecs });
            default:
                return body.IsEmpty ? "" : Convert.ToHexStringLower(body);
        }
    }

    private static string Update(ReadOnlySpan<byte> body, CodecOptions codec)
    {
        var update = new DecodedUpdate();
        UpdateDecoder.Decode(body, codec, update);
        var text = new StringBuilder();
        if (update.EndOfRib is { } ended)
        {
            _ = text.Append("End-of-RIB ").Append(ended.Name);
        }

        foreach (RouteGroup group in update.Withdrawn)
        {
            Append(text, "withdraw", group, codec);
        }

        foreach (RouteGroup group in update.Announced)
        {
            Append(text, "announce", group, codec);
            AttributesView attributes = AttributesView.Of(group.Attributes);
            _ = text.Append(" next-hop ").Append(attributes.NextHop ?? "-").Append(" as-path [").Append(attributes.AsPath).Append(']');
            _ = attributes.RouteTargets is { } targets ? text.Append(" rt ").AppendJoin(' ', targets) : text;
            _ = attributes.Actions is { } actions ? text.Append(' ').AppendJoin(' ', actions) : text;
        }

        foreach (AttributeFault fault in update.Faults)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $" fault: {Words.Of(fault.Code)} {Words.Of(fault.Kind)} {Words.Of(fault.Action)}");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string verb, RouteGroup group, CodecOptions codec)
    {
        if (group.Routes.IsEmpty)
        {
            return;
        }

        _ = text.Append(text.Length > 0 ? "; " : "").Append(verb).Append(' ').Append(group.Family.Name);
        foreach (ref readonly NlriEntry route in group.Routes[..Math.Min(MostRoutes, group.Routes.Length)])
        {
            _ = text.Append(' ').Append(NlriText.Format(group.Family, route.Nlri, codec.FlowSpecs!));
        }

        _ = group.Routes.Length > MostRoutes ? text.Append(CultureInfo.InvariantCulture, $" and {group.Routes.Length - MostRoutes} more") : text;
    }
}
