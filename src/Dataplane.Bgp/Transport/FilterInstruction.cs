using System.Runtime.InteropServices;

namespace Dataplane.Bgp.Transport;

/// <summary>An instruction of classic BPF, laid out as <c>struct sock_filter</c> of <c>linux/filter.h</c>.</summary>
/// <param name="Code">The operation.</param>
/// <param name="IfTrue">How many instructions are skipped when a comparison holds.</param>
/// <param name="IfFalse">How many when it does not.</param>
/// <param name="Operand">The constant.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand)
{
    private const ushort LoadWordCode = 0x20;     // BPF_LD | BPF_W | BPF_ABS
    private const ushort LoadByteCode = 0x30;     // BPF_LD | BPF_B | BPF_ABS
    private const ushort AndCode = 0x54;          // BPF_ALU | BPF_AND | BPF_K
    private const ushort JumpEqualCode = 0x15;    // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort JumpAtLeastCode = 0x35;  // BPF_JMP | BPF_JGE | BPF_K
    private const ushort ReturnCode = 0x06;       // BPF_RET | BPF_K

    /// <summary>Offsets from here on are from the start of the IP header, wherever the packet's data begin (SKF_NET_OFF).</summary>
    private const uint NetworkHeader = unchecked((uint)-0x100000);

    internal static FilterInstruction LoadWord(int offset) => new(LoadWordCode, 0, 0, NetworkHeader + (uint)offset);

    internal static FilterInstruction LoadByte(int offset) => new(LoadByteCode, 0, 0, NetworkHeader + (uint)offset);

    internal static FilterInstruction And(uint mask) => new(AndCode, 0, 0, mask);

    internal static FilterInstruction SkipUnlessEqual(uint value, int skip) => new(JumpEqualCode, 0, (byte)skip, value);

    internal static FilterInstruction SkipIfLess(uint value, int skip) => new(JumpAtLeastCode, 0, (byte)skip, value);

    internal static FilterInstruction Accept { get; } = new(ReturnCode, 0, 0, uint.MaxValue);

    internal static FilterInstruction Drop { get; } = new(ReturnCode, 0, 0, 0);
}
