using System.Xml.Linq;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Xmpp.PubSub;

/// <summary>
/// The collections of a VPN's flow specifications: <c>blue/ip4-flow-spec</c> and <c>blue/ip6-flow-spec</c> beside <c>blue</c> (AMB-35). No VPN has a name
/// that ends so.
/// </summary>
public static class FlowSpecNode
{
    /// <summary>Characters that a collection's name has more than the VPN's.</summary>
    public const int SuffixLength = 14;

    private const string Suffix4 = "/ip4-flow-spec";
    private const string Suffix6 = "/ip6-flow-spec";

    /// <summary>The name of a collection.</summary>
    public static string Of(string vpn, AddressFamily family) => vpn + (family == AddressFamily.Ipv6 ? Suffix6 : Suffix4);

    /// <summary>The namespace of the entries of a family.</summary>
    public static XNamespace NamespaceOf(AddressFamily family) => PubSubNamespace.Entry05.NamespaceName + (family == AddressFamily.Ipv6 ? Suffix6 : Suffix4);

    /// <summary>Takes a collection's name apart.</summary>
    /// <param name="node">The name of a node.</param>
    /// <param name="vpn">The VPN; the whole name when it is no such collection.</param>
    /// <param name="family">Of the rules.</param>
    /// <returns>Whether it is such a collection.</returns>
    public static bool TryParse(string node, out string vpn, out AddressFamily family)
    {
        family = node.EndsWith(Suffix6, StringComparison.Ordinal) ? AddressFamily.Ipv6 : AddressFamily.Ipv4;
        var isRules = node.Length > SuffixLength && (family == AddressFamily.Ipv6 || node.EndsWith(Suffix4, StringComparison.Ordinal));
        vpn = isRules ? node[..^SuffixLength] : node;
        return isRules;
    }

    /// <summary>Whether an element is an entry of flow specifications.</summary>
    public static bool IsEntry(XElement element) => element.Name.LocalName == "entry"
        && (element.Name.Namespace == NamespaceOf(AddressFamily.Ipv4) || element.Name.Namespace == NamespaceOf(AddressFamily.Ipv6));

    internal static RouteFamily FamilyOf(AddressFamily family) =>
        family == AddressFamily.Ipv6 ? RouteFamily.VpnIpv6FlowSpec : RouteFamily.VpnIpv4FlowSpec;
}
