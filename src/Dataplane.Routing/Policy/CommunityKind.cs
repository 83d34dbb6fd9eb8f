using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>The three kinds of communities, each an attribute of its own.</summary>
public enum CommunityKind : byte
{
    /// <summary>Four octets (RFC 1997).</summary>
    Standard,

    /// <summary>Eight octets (RFC 4360): route targets among them.</summary>
    Extended,

    /// <summary>Twelve octets (RFC 8092).</summary>
    Large,
}

/// <summary>Properties of <see cref="CommunityKind"/>.</summary>
public static class CommunityKinds
{
    extension(CommunityKind kind)
    {
        /// <summary>The attribute that holds them.</summary>
        public AttributeCode Attribute => kind switch
        {
            CommunityKind.Standard => AttributeCode.Communities,
            CommunityKind.Extended => AttributeCode.ExtendedCommunities,
            _ => AttributeCode.LargeCommunities,
        };

        /// <summary>Octets of one.</summary>
        public int Size => kind switch { CommunityKind.Standard => 4, CommunityKind.Extended => 8, _ => 12 };
    }
}
