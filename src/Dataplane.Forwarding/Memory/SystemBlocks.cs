namespace Dataplane.Forwarding.Memory;

/// <summary>Owner of blocks that came straight from <see cref="NativeBlock"/>.</summary>
internal sealed unsafe class SystemBlocks : IBlockOwner
{
    /// <summary>The one instance; it has no state.</summary>
    internal static readonly SystemBlocks Instance = new();

    /// <inheritdoc/>
    public void Release(void* block, int size) => NativeBlock.Free(block);
}
