namespace Dataplane.Forwarding.Memory;

/// <summary>Takes back blocks that <see cref="EpochReclaimer"/> has seen leave their last reader.</summary>
internal unsafe interface IBlockOwner
{
    /// <summary>Takes back <paramref name="block"/> of <paramref name="size"/> bytes. Control thread only.</summary>
    void Release(void* block, int size);
}
