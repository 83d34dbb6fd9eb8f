using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.FlowSpec;

/// <summary>A flow specification of a VRF with what it does, in a form that any thread may have. Never changed.</summary>
public sealed class VrfFilter : IEquatable<VrfFilter>
{
    private readonly byte[] _octets;

    /// <summary>A rule with actions.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="actions">What it does; none lets packets pass.</param>
    /// <param name="octets">The rule's octets as they came: what it is known by; null for the canonical ones.</param>
    public VrfFilter(FlowSpecRule rule, IReadOnlyList<FlowSpecAction> actions, byte[]? octets = null)
    {
        Rule = rule;
        Actions = actions;
        _octets = octets ?? rule.Encode();
        Name = rule.ToString();
    }

    /// <summary>The rule.</summary>
    public FlowSpecRule Rule { get; }

    /// <summary>Its actions.</summary>
    public IReadOnlyList<FlowSpecAction> Actions { get; }

    /// <summary>Of which packets.</summary>
    public AddressFamily Family => Rule.Family;

    /// <summary>The rule in words.</summary>
    public string Name { get; }

    /// <summary>The name of the VRF that a redirect leads to; null without one, or where no VRF imports its route target.</summary>
    public string? RedirectVrf { get; init; }

    /// <summary>The rule's octets.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Where it redirects to, as a route target; null for nowhere.</summary>
    public ExtendedCommunity? RedirectTarget =>
        Actions.Where(static action => action.Kind == FlowSpecActionKind.Redirect).Select(static action => (ExtendedCommunity?)action.Target).FirstOrDefault();

    /// <summary>The actions in words, as <see cref="FlowSpecAction.TryParse"/> reads them, blanks between.</summary>
    public string ActionText => string.Join(' ', Actions);

    /// <summary>The actions that a route's attributes tell.</summary>
    public static IReadOnlyList<FlowSpecAction> ActionsOf(AttributeBlock block)
    {
        var actions = new List<FlowSpecAction>(1);
        if (block.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> value))
        {
            for (; value.Length >= ExtendedCommunity.Size; value = value[ExtendedCommunity.Size..])
            {
                if (FlowSpecAction.TryRead(new(BinaryPrimitives.ReadUInt64BigEndian(value)), out FlowSpecAction action))
                {
                    actions.Add(action);
                }
            }
        }

        return actions;
    }

    /// <inheritdoc/>
    public bool Equals(VrfFilter? other) => other is not null && Octets.SequenceEqual(other.Octets) && Family == other.Family
        && RedirectVrf == other.RedirectVrf && Actions.SequenceEqual(other.Actions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VrfFilter);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Actions.Count, RedirectVrf);
}
