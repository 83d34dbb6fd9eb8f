using System.Buffers.Binary;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Tunnels to remote forwarders and the underlay neighbours they need.</content>
public sealed unsafe partial class Datapath
{
    private const int Removed = int.MinValue;
    private readonly List<TunnelSettings> _tunnels = [];
    private readonly List<int> _tunnelUses = [];
    private readonly Dictionary<(PortId Port, IpAddress NextHop), List<uint>> _tunnelsByNeighbor = [];
    private readonly Dictionary<(PortId Port, IpAddress NextHop), MacAddress> _underlayNeighbors = [];
    private readonly TunnelRows _tunnelRows;

    /// <summary>Tunnels, by row; also rows whose tunnel was removed.</summary>
    public IReadOnlyList<TunnelSettings> Tunnels => _tunnels;

    /// <summary>Tunnels that exist.</summary>
    public int TunnelCount { get; private set; }

    /// <summary>Adds a tunnel; packets for it are punted until its underlay neighbour is set.</summary>
    public TunnelId AddTunnel(TunnelSettings settings)
    {
        bool v6 = settings.Remote.Family == AddressFamily.Ipv6;
        if (v6 ? Options.TunnelEnd6 is null : Options.TunnelEnd4 is null)
            throw new ArgumentException($"no infrastructure address of the family of {settings.Remote}");
        if (!_tunnelRows.TryTake(out uint row))
            throw new InvalidOperationException($"no room for another tunnel: at most {Options.Tunnels}");
        if (row == _tunnels.Count)
        {
            _tunnels.Add(settings);
            _tunnelUses.Add(0);
        }
        else
        {
            _tunnels[(int)row] = settings;
            _tunnelUses[(int)row] = 0;
        }
        TunnelCount++;
        var key = (settings.Port, settings.UnderlayNextHop);
        if (!_tunnelsByNeighbor.TryGetValue(key, out List<uint>? rows))
            _tunnelsByNeighbor[key] = rows = [];
        rows.Add(row);
        if (settings.Encapsulation == Encapsulation.MplsInUdp)
        {
            _groupRows.HashedAnyway = true;
            Volatile.Write(ref _root->HashWanted, 1);
        }
        Volatile.Write(ref *(nint*)(_root->Tunnels + row), (nint)BuildRow(settings, _underlayNeighbors.TryGetValue(key, out MacAddress mac) ? mac : null));
        return new TunnelId(row);
    }

    /// <summary>
    /// Removes a tunnel that no route and no group uses. Its row, and the counters of it, serve another tunnel when no
    /// worker can hold a packet for this one.
    /// </summary>
    /// <exception cref="InvalidOperationException">A route or a group uses it.</exception>
    public void RemoveTunnel(TunnelId id)
    {
        TunnelSettings settings = TunnelOf(id);
        if (_tunnelUses[(int)id.Value] != 0)
            throw new InvalidOperationException($"the tunnel to {settings.Remote} is still used {_tunnelUses[(int)id.Value]} times");
        var key = (settings.Port, settings.UnderlayNextHop);
        List<uint> rows = _tunnelsByNeighbor[key];
        rows.Remove(id.Value);
        if (rows.Count == 0)
            _tunnelsByNeighbor.Remove(key);
        _tunnelUses[(int)id.Value] = Removed;
        TunnelCount--;
        _epochs.Retire(_root->Tunnels[id.Value], _tunnelRows, (int)id.Value);
    }

    /// <summary>Bytes that a tunnel puts in front of a tenant's packet, the underlay's Ethernet header not counted.</summary>
    public static int Overhead(Encapsulation encapsulation, AddressFamily outer) =>
        (outer == AddressFamily.Ipv6 ? HeaderSize.Ipv6 : HeaderSize.Ipv4) + HeaderSize.Mpls + encapsulation switch
        {
            Encapsulation.MplsInGre => HeaderSize.Gre,
            Encapsulation.MplsInUdp => HeaderSize.Udp,
            _ => 0,
        };

    /// <summary>Sets or, with null, removes the MAC of an underlay neighbour for every tunnel behind it.</summary>
    public void SetUnderlayNeighbor(PortId port, IpAddress nextHop, MacAddress? mac)
    {
        if (mac is { } known)
            _underlayNeighbors[(port, nextHop)] = known;
        else
            _underlayNeighbors.Remove((port, nextHop));
        if (!_tunnelsByNeighbor.TryGetValue((port, nextHop), out List<uint>? rows))
            return;
        foreach (uint row in rows)
        {
            TunnelRow* old = _root->Tunnels[row];
            Volatile.Write(ref *(nint*)(_root->Tunnels + row), (nint)BuildRow(_tunnels[(int)row], mac));
            _epochs.Retire(old, SystemBlocks.Instance, 0);
        }
    }

    private TunnelSettings TunnelOf(TunnelId id) => id.Value < _tunnels.Count && _tunnelUses[(int)id.Value] != Removed
        ? _tunnels[(int)id.Value] : throw new ArgumentException($"there is no tunnel {id.Value}");

    private void UseTunnel(Leaf leaf, int change)
    {
        if (leaf.Kind == LeafKind.Tunnel)
            _tunnelUses[(int)leaf.Index] += change;
    }

    private TunnelRow* BuildRow(TunnelSettings settings, MacAddress? neighbor)
    {
        bool v6 = settings.Remote.Family == AddressFamily.Ipv6;
        int overhead = Overhead(settings.Encapsulation, settings.Remote.Family);
        TunnelRow* row = NativeBlock.AllocateArray<TunnelRow>(1);
        bool udp = settings.Encapsulation == Encapsulation.MplsInUdp;
        row->Shape = v6 ? (udp ? TunnelShape.UdpOverV6 : TunnelShape.OverV6) : (udp ? TunnelShape.UdpOverV4 : TunnelShape.OverV4);
        row->OuterOverhead = (byte)overhead;
        row->HeaderLength = (byte)(HeaderSize.Ethernet + overhead);
        row->InnerMtu = (ushort)Math.Max(settings.PathMtu - overhead, 0);
        row->Port = settings.Port.Value;
        row->Resolved = (byte)(neighbor is null ? 0 : 1);
        row->ReadyMtu = neighbor is null ? (ushort)0 : row->InnerMtu;
        row->LabelTail = (uint)(1 << 8) | settings.Ttl;
        row->ZeroUdpChecksum = (byte)(settings.ZeroUdp6Checksum ? 1 : 0);

        // Aligned to the end of the template, as the rewrite wants it.
        Span<byte> template = stackalloc byte[TunnelRow.TemplateBytes];
        template.Clear();
        Span<byte> header = template[(TunnelRow.TemplateBytes - row->HeaderLength)..];
        (neighbor ?? default).CopyTo(header);
        PortMac(settings.Port).CopyTo(header[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[12..], v6 ? EtherType.Ipv6 : EtherType.Ipv4);
        Span<byte> outer = header[HeaderSize.Ethernet..];
        byte protocol = settings.Encapsulation switch
        {
            Encapsulation.MplsInGre => IpProtocol.Gre,
            Encapsulation.MplsInUdp => IpProtocol.Udp,
            _ => IpProtocol.MplsInIp,
        };
        scoped Span<byte> payload;
        if (v6)
        {
            outer[0] = 0x60;
            outer[6] = protocol;
            outer[7] = settings.Ttl;
            Options.TunnelEnd6!.Value.CopyTo(outer[8..]);
            settings.Remote.V6.CopyTo(outer[24..]);
            payload = outer[HeaderSize.Ipv6..];
            row->PseudoHeaderSum = WireSum(outer[8..40]) + ((uint)protocol << 8);
        }
        else
        {
            outer[0] = 0x45;
            outer[6] = 0x40; // DF: outer packets are never fragmented (RFC 4023 section 5.1)
            outer[8] = settings.Ttl;
            outer[9] = protocol;
            Options.TunnelEnd4!.Value.CopyTo(outer[12..]);
            settings.Remote.V4.CopyTo(outer[16..]);
            payload = outer[HeaderSize.Ipv4..];
            row->ChecksumBase = Pipeline.WordSum.Fold(WireSum(outer[2..HeaderSize.Ipv4]));
        }
        if (settings.Encapsulation == Encapsulation.MplsInGre)
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], EtherType.Mpls);
        else if (settings.Encapsulation == Encapsulation.MplsInUdp)
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], UdpPort.MplsInUdp);
        template[..^TunnelRow.TemplateTailBytes].CopyTo(new Span<byte>(row->TemplateHead, TunnelRow.TemplateBytes - TunnelRow.TemplateTailBytes));
        template[^TunnelRow.TemplateTailBytes..].CopyTo(new Span<byte>(row->Template, TunnelRow.TemplateTailBytes));
        return row;
    }

    private MacAddress PortMac(PortId port)
    {
        ulong wire = (_root->Ports + port.Value)->MacWire;
        return MacAddress.Read(new ReadOnlySpan<byte>(&wire, 6));
    }

    // Sum of 16-bit words as little-endian loads see them, not folded: at most 20 words.
    private static uint WireSum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16LittleEndian(data[i..]);
        return sum;
    }

    /// <summary>Row numbers of tunnels. A number comes back when its row has left its last reader.</summary>
    private sealed class TunnelRows(DatapathRoot* root, int capacity, EpochReclaimer epochs) : ReusedRows(capacity, epochs)
    {
        public override void Release(void* block, int row)
        {
            root->Tunnels[row] = null;
            base.Release(block, row);
        }
    }
}
