using System.Xml.Linq;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>A BMP message as tshark dissects it: its fields by tshark's names, those of the BGP message inside as well.</summary>
/// <param name="Fields">The values of each field, in order.</param>
public sealed record BmpMessage(ILookup<string, string> Fields)
{
    public const int RouteMonitoring = 0;
    public const int Statistics = 1;
    public const int PeerDown = 2;
    public const int PeerUp = 3;
    public const int Initiation = 4;

    public int Type => int.Parse(Fields["bmp.type"].First(), System.Globalization.CultureInfo.InvariantCulture);

    public string Peer => Fields["bmp.peer.ip.addr"].FirstOrDefault() ?? "";

    /// <summary>The view of a route monitoring message: <c>in-pre</c>, <c>in-post</c>, <c>out-pre</c>, <c>out-post</c>, <c>loc</c> (RFC 7854, 8671, 9069).</summary>
    public string View => (Fields["bmp.peer.type"].FirstOrDefault(), Flag("adj_rib_out"), Flag("post_policy")) switch
    {
        ("3", _, _) => "loc",
        (_, true, true) => "out-post",
        (_, true, false) => "out-pre",
        (_, false, true) => "in-post",
        _ => "in-pre",
    };

    public IEnumerable<string> Announced => Fields["bgp.mp_reach_nlri_ipv4_prefix"];

    public IEnumerable<string> Withdrawn => Fields["bgp.mp_unreach_nlri_ipv4_prefix"];

    /// <summary>The messages that end in a packet. In PDML what belongs to a message follows its protocol, inside of it or behind it.</summary>
    public static IEnumerable<BmpMessage> Of(XElement packet)
    {
        List<(string Name, string Value)>? fields = null;
        foreach (XElement element in packet.Descendants())
        {
            if (element.Name == "proto" && (string?)element.Attribute("name") == "bmp")
            {
                if (fields is not null)
                {
                    yield return From(fields);
                }

                fields = [];
            }

            fields?.Add(((string?)element.Attribute("name") ?? "", (string?)element.Attribute("show") ?? ""));
        }

        if (fields is not null)
        {
            yield return From(fields);
        }
    }

    private static BmpMessage From(List<(string Name, string Value)> fields) => new(fields.ToLookup(field => field.Name, field => field.Value));

    private bool Flag(string name) => Fields[$"bmp.peer.flags.{name}"].FirstOrDefault() is "1" or "True";
}
