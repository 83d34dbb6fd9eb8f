using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Transport;

/// <summary>
/// Whole messages that are encoded once and written to any number of connections. Counts its references: whoever makes it has one, a
/// connection that takes it adds its own, and with the last one the octets go back to their pool. Written by one thread, before the first
/// connection sees it; read-only from then on.
/// </summary>
public sealed class SharedBuffer : IBufferWriter<byte>
{
    private byte[] _octets;
    private int _references = 1;

    private SharedBuffer(byte[] octets, int length)
    {
        _octets = octets;
        Length = length;
    }

    /// <summary>How many octets were written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Memory => _octets.AsMemory(0, Length);

    /// <summary>An empty buffer.</summary>
    /// <param name="capacity">How many octets it takes before it has to grow.</param>
    public static SharedBuffer Rent(int capacity) => new(ArrayPool<byte>.Shared.Rent(capacity), 0);

    /// <summary>A buffer with a copy of messages.</summary>
    public static SharedBuffer Of(ReadOnlySpan<byte> messages)
    {
        SharedBuffer buffer = Rent(messages.Length);
        messages.CopyTo(buffer._octets);
        buffer.Length = messages.Length;
        return buffer;
    }

    /// <summary>Adds a reference.</summary>
    public void Acquire() => _ = Interlocked.Increment(ref _references);

    /// <summary>Gives up a reference.</summary>
    /// <exception cref="InvalidOperationException">There was none left.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _octets, []));
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A buffer was released more often than it was acquired.");
        }
    }

    /// <summary>How many messages were written.</summary>
    public int CountMessages()
    {
        var count = 0;
        for (var at = 0; at + MessageHeader.Size <= Length; count++)
        {
            at += Math.Max(MessageHeader.Size, (int)BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(at + MessageHeader.Size - 3)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_octets.Length - Length));
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _octets.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void EnsureRoom(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed <= _octets.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _octets.Length));
        _octets.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = larger;
    }
}
