using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>A route of an Adj-RIB-Out. The attributes are valid during the call.</summary>
public delegate void SentRoute(in NlriEntry route, AttributeBlock attributes);

/// <content>What a member has been sent, for people and collectors.</content>
internal sealed partial class UpdateGroup
{
    /// <summary>
    /// Tells what a member has been sent for a destination and not withdrawn, with the attributes that rules and policy give it now: those that it was sent,
    /// unless a change still waits to be sent.
    /// </summary>
    public void ForEachSent(GroupMember member, DestinationId destination, SentRoute each)
    {
        if (!_table.Exists(destination) || !member.HasAny(destination.Value))
        {
            return;
        }

        if (!SendsPaths)
        {
            Tell(destination, Choose(destination), 0, each);
            return;
        }

        var ranked = new PathId[AddPathIdentities.MaximumPlanes];
        var count = _table.Ranked(destination, ranked.AsSpan(0, Math.Min(Key.MaximumPaths + 1, ranked.Length)));
        foreach (PathId path in ranked.AsSpan(0, count))
        {
            ref readonly PathRow row = ref _table.Row(path);
            var plane = _family.Identities.FindPlane(destination.Value, row.Source, row.PathIdentifier);
            if (plane >= 0 && plane < member.Planes && member.Sent(plane).Contains(destination.Value))
            {
                Tell(destination, path, (uint)plane + 1, each);
            }
        }
    }

    private void Tell(DestinationId destination, PathId path, uint identifier, SentRoute each)
    {
        if (path.IsNone)
        {
            return;
        }

        ref readonly PathRow row = ref _table.Row(path);
        Nlri nlri = _table.NlriOf(destination);
        PathOrigin origin = _context.OriginOf(row, Key.Profile.RouterId);
        AttributeBlockBuilder result = _context.Result;
        if (_context.Rules.Apply(Key.Profile, _context.Routes.Attributes[row.Accepted], origin, nlri, _policy, result))
        {
            each(new(nlri, identifier, row.Label), result.Block);
        }
    }
}
