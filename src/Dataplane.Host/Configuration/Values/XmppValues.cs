using Dataplane.Host.Configuration.Yaml;
using Dataplane.Xmpp;

namespace Dataplane.Host.Configuration.Values;

/// <summary>The kinds of XMPP addresses that configuration keys hold.</summary>
internal static class XmppValues
{
    /// <summary>A domain name.</summary>
    public static ConfigurationValue<string> Domain { get; } = new TextValue<string>(
        "a domain name such as sg1.dc1.example.net",
        static (string text, out string value) =>
        {
            value = text;
            return Jid.TryParse(text, out Jid jid) && jid is { Local: null, Resource: null }
                ? null : $"{YamlScalar.Quote(text)} is not a domain name; write for instance sg1.dc1.example.net";
        });

    /// <summary>The address of an end-system, without resource.</summary>
    public static ConfigurationValue<Jid> EndSystem { get; } = new TextValue<Jid>(
        "an XMPP address such as 02aa10c0ffee@dc1.example.net",
        static (string text, out Jid value) => Jid.TryParse(text, out value) && value is { Local: not null, Resource: null }
            ? null : $"{YamlScalar.Quote(text)} is not a system-id and a domain; write for instance 02aa10c0ffee@dc1.example.net");
}
