using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of a peer's <c>local-as</c>.</summary>
internal static class LocalAsKeys
{
    /// <summary>Makes the kind: a number, or a mapping.</summary>
    public static ShorthandValue<LocalAsSettings, AsNumber> Entry()
    {
        var number = Required("as", NumberValues.As, "The number in our OPEN.");
        var noPrepend = WithDefault("no-prepend", new BooleanValue(), false, "Leave it out of the AS_PATH of what the peer sends.");
        var replaceAs = WithDefault("replace-as", new BooleanValue(), false, "Put only it, and not 'bgp.as' as well, before what the peer is sent.");
        return new(
            NumberValues.As,
            static given => new LocalAsSettings(given),
            new MappingValue<LocalAsSettings>(
                "'local-as'", m => new LocalAsSettings(m.Get(number), m.Get(noPrepend), m.Get(replaceAs)), number, noPrepend, replaceAs));
    }
}
