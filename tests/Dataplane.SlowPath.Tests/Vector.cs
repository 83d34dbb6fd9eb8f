using System.Text.Json;
using Dataplane.Forwarding;

namespace Dataplane.SlowPath.Tests;

/// <summary>One case of vectors/vectors.json: a punted packet and what must come of it.</summary>
internal sealed record Vector(
    string Group,
    string Name,
    string Reason,
    string Origin,
    ushort Port,
    int Interface,
    int Target,
    bool KeepTtl,
    uint Vrf,
    uint Tunnel,
    ushort Mtu,
    ushort L3Offset,
    string Frame,
    string Disposition,
    string Drop,
    List<Vector.ExpectedFrame> Frames,
    List<Vector.ExpectedInjection> Injections)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web);

    private static readonly Lazy<List<Vector>> s_all = new(() =>
    {
        string path = Path.Combine(AppContext.BaseDirectory, "vectors", "vectors.json");
        return JsonSerializer.Deserialize<List<Vector>>(File.ReadAllText(path), s_format)!;
    });

    internal static IReadOnlyList<Vector> All => s_all.Value;

    internal static Vector Named(string name) => All.Single(vector => vector.Name == name);

    internal byte[] FrameBytes() => Convert.FromHexString(Frame);

    internal PuntedPacket ToPacket(ReadOnlySpan<byte> frame) => new()
    {
        Reason = Enum.Parse<PuntReason>(Reason),
        Origin = Enum.Parse<PacketOrigin>(Origin),
        Port = new PortId(Port),
        Interface = Interface < 0 ? InterfaceId.None : new InterfaceId((uint)Interface),
        TargetInterface = Target < 0 ? InterfaceId.None : new InterfaceId((uint)Target),
        KeepTtl = KeepTtl,
        Vrf = new VrfId(Vrf),
        Tunnel = new TunnelId(Tunnel),
        NextHopMtu = Mtu,
        L3Offset = L3Offset,
        Frame = frame,
    };

    internal PuntOutcome HandleBy(SlowPathRig rig) => rig.SlowPath.Handle(ToPacket(FrameBytes()));

    internal sealed record ExpectedFrame(ushort Port, int Interface, string Frame);

    internal sealed record ExpectedInjection(uint Vrf, string View, int Source, bool KeepTtl, string Packet);
}
