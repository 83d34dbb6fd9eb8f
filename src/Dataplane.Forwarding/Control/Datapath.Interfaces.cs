using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Virtual interfaces, their classification, and their neighbours.</content>
public sealed unsafe partial class Datapath
{
    private const uint NoInnerTag = 0xFFFF;
    private const ulong NeighborPresent = 1ul << 48;
    private readonly List<InterfaceSettings> _interfaces = [];
    private readonly HashSet<(PortId Port, ushort OuterVlan)> _taggedInterfaces = [];

    /// <summary>Adds a virtual interface: classification, label, sources, local routes.</summary>
    public InterfaceId AddInterface(InterfaceSettings settings)
    {
        uint row = (uint)_interfaces.Count;
        if (row == Options.Interfaces)
            throw new InvalidOperationException($"no room for another interface: at most {Options.Interfaces}");
        if (settings.Label is { } label)
            AssignLabel(label, LabelEntry.ForInterface(row, settings.Vrf.Value));
        _interfaces.Add(settings);
        InterfaceRow* built = BuildRow(settings, row);
        Volatile.Write(ref *(nint*)(_root->Interfaces + row), (nint)built);
        AddClass(settings, built);
        foreach (IpPrefix prefix in settings.Addresses)
            SetLocalRoute(settings.Vrf, prefix, new InterfaceId(row));
        return new InterfaceId(row);
    }

    /// <summary>The interface of a VRF that a label belongs to, with its settings.</summary>
    public bool TryFindInterface(VrfId vrf, Label20 label, out InterfaceId id, [NotNullWhen(true)] out InterfaceSettings? settings)
    {
        var entry = new LabelEntry(label.Value <= Label20.Max ? _root->Labels[label.Value] : 0);
        bool found = entry.Kind == LabelKind.Interface && entry.Vrf == vrf.Value;
        id = new InterfaceId(entry.Interface);
        settings = found ? _interfaces[(int)entry.Interface] : null;
        return found;
    }

    /// <summary>Stores or replaces the MAC of a neighbour on an interface without a configured MAC.</summary>
    public void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress mac)
    {
        ulong value = WireOrder.Mac(mac) | NeighborPresent;
        if (address.Family == AddressFamily.Ipv4)
        {
            _neighbors4.Set((ulong)(id.Value + 1) << 32 | WireOrder.V4(address.V4), value);
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(address.V6);
        _neighbors6.Set(id.Value + 1, first, second, value);
    }

    /// <summary>Forgets a neighbour; unknown ones are ignored.</summary>
    public void RemoveInterfaceNeighbor(InterfaceId id, IpAddress address)
    {
        if (address.Family == AddressFamily.Ipv4)
        {
            _neighbors4.Remove((ulong)(id.Value + 1) << 32 | WireOrder.V4(address.V4));
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(address.V6);
        _neighbors6.Remove(id.Value + 1, first, second);
    }

    private void AssignLabel(Label20 label, LabelEntry entry)
    {
        if (!label.IsAssignable)
            throw new ArgumentException($"label {label} is reserved or wider than 20 bits");
        if (_root->Labels[label.Value] != 0)
            throw new ArgumentException($"label {label} is already assigned");
        Volatile.Write(ref _root->Labels[label.Value], entry.Bits);
    }

    private void AddClass(InterfaceSettings settings, InterfaceRow* row)
    {
        PortRow* port = _root->Ports + settings.Port.Value;
        uint outer = settings.OuterVlan ?? 0u;
        uint inner = settings.InnerVlan ?? NoInnerTag;
        ulong mac = settings.Mac is { } address && port->Role == PortRole.Access ? WireOrder.Mac(address) : 0;
        uint space = settings.Port.Value + 1u;
        if (ExactTable128.Find(_root->Classes, space, mac, outer << 16 | inner) != 0)
            throw new ArgumentException("two interfaces have the same port, MAC and VLAN");
        _classes.Set(space, mac, outer << 16 | inner, row->Index + 1);
        // The table by VLAN decides alone only where nobody shares the tag.
        InterfaceRow** slot = port->VlanRows + outer;
        bool alone = _taggedInterfaces.Add((settings.Port, (ushort)outer)) && settings.InnerVlan is null;
        Volatile.Write(ref *(nint*)slot, (nint)(alone ? row : _root->NoInterface));
    }

    // One block: the row, then its sources.
    private InterfaceRow* BuildRow(InterfaceSettings settings, uint index)
    {
        int sources4 = 0;
        foreach (IpPrefix prefix in settings.Addresses)
            sources4 += prefix.Address.Family == AddressFamily.Ipv4 ? 1 : 0;
        int sources6 = settings.Addresses.Count - sources4;
        int bytes = sizeof(InterfaceRow) + sources4 * sizeof(SourcePrefix4) + sources6 * sizeof(SourcePrefix6);
        var row = (InterfaceRow*)NativeBlock.Allocate((nuint)bytes);
        row->MacWire = settings.Mac is { } mac ? WireOrder.Mac(mac) : 0;
        row->Index = index;
        row->Vrf = settings.Vrf.Value;
        row->AccessKey = RouteTable.Key4(VrfRow.AccessSpace(settings.Vrf.Value), 0);
        row->Mtu = checked((ushort)settings.Mtu);
        row->ReadyMtu = row->MacWire == 0 ? (ushort)0 : row->Mtu;
        row->Port = settings.Port.Value;
        ForwardingClass marking = settings.Class ?? Options.DefaultClass;
        row->OuterTos = marking.Tos;
        row->OuterVersionTosWire = (ushort)(0x45 | marking.Tos << 8);
        row->LabelTcBits = marking.TcBits;
        row->HeaderLength = (byte)(HeaderSize.Ethernet
            + (settings.OuterVlan is null ? 0 : HeaderSize.Vlan) + (settings.InnerVlan is null ? 0 : HeaderSize.Vlan));
        row->DeliveredHeaderLength = row->HeaderLength;
        WriteHeader(row->Header4, row, settings, Options.VirtualMac4, EtherType.Ipv4);
        WriteHeader(row->Header6, row, settings, Options.VirtualMac6, EtherType.Ipv6);

        row->Sources6 = (SourcePrefix6*)(row + 1);
        int written6 = 0;
        row->Source6Count = sources6;
        foreach (IpPrefix prefix in settings.Addresses)
        {
            if (prefix.Address.Family == AddressFamily.Ipv4)
            {
                row->Sources4[row->Source4Count++] = new SourcePrefix4
                {
                    AddressWire = WireOrder.V4(prefix.Address.V4),
                    MaskWire = WireOrder.Mask4(prefix.Length),
                };
                continue;
            }
            (ulong address0, ulong address1) = WireOrder.V6(prefix.Address.V6);
            (ulong mask0, ulong mask1) = WireOrder.Mask6(prefix.Length);
            row->Sources6[written6++] = new SourcePrefix6
            {
                AddressWire0 = address0,
                AddressWire1 = address1,
                MaskWire0 = mask0,
                MaskWire1 = mask1,
            };
        }
        // Mask 0 and a non-zero address: nothing matches where there is no source.
        SourcePrefix4 first4 = sources4 != 0 ? row->Sources4[0] : new SourcePrefix4 { AddressWire = 1 };
        row->FirstSource6 = sources6 != 0 ? row->Sources6[0] : new SourcePrefix6 { AddressWire0 = 1 };
        WritePattern(row->Pattern4, row->Mask4, row->HeaderLength, settings, EtherType.Ipv4, version: 0x45, versionMask: 0xFF);
        *(uint*)(row->Pattern4 + InterfaceRow.PatternFront + 12) = first4.AddressWire;
        *(uint*)(row->Mask4 + InterfaceRow.PatternFront + 12) = first4.MaskWire;
        WritePattern(row->Pattern6, row->Mask6, row->HeaderLength, settings, EtherType.Ipv6, version: 0x60, versionMask: 0xF0);
        *(ulong*)(row->Pattern6 + InterfaceRow.PatternFront + 8) = row->FirstSource6.AddressWire0;
        *(ulong*)(row->Mask6 + InterfaceRow.PatternFront + 8) = row->FirstSource6.MaskWire0;
        return row;
    }

    // Source MAC, tag, EtherType and version; the destination MAC and the TPIDs are looked at elsewhere. Local ports ignore
    // the source MAC (FWD-03).
    private void WritePattern(byte* pattern, byte* mask, int headerLength, InterfaceSettings settings, ushort etherType,
        byte version, byte versionMask)
    {
        // Where the frame begins; in front of the pattern when that is negative.
        int start = InterfaceRow.PatternFront - headerLength;
        if (settings.Mac is { } mac && (_root->Ports + settings.Port.Value)->Role == PortRole.Access)
        {
            new Span<byte>(mask + start + 6, 6).Fill(0xFF);
            mac.CopyTo(new Span<byte>(pattern + start + 6, 6));
        }
        if (settings.OuterVlan is { } outer)
            WriteTag(pattern + start + 14, mask + start + 14, outer);
        if (settings.InnerVlan is { } inner)
            WriteTag(pattern + start + 18, mask + start + 18, inner);
        new Span<byte>(mask + InterfaceRow.PatternFront - 2, 2).Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(pattern + InterfaceRow.PatternFront - 2, 2), etherType);
        mask[InterfaceRow.PatternFront] = versionMask;
        pattern[InterfaceRow.PatternFront] = version;
    }

    private static void WriteTag(byte* pattern, byte* mask, ushort vlan)
    {
        mask[0] = 0x0F;
        mask[1] = 0xFF;
        pattern[0] = (byte)(vlan >> 8);
        pattern[1] = (byte)vlan;
    }

    // Aligned to the end of the field, as the rewrite wants it.
    private static void WriteHeader(byte* field, InterfaceRow* row, InterfaceSettings settings, MacAddress source, ushort etherType)
    {
        var header = new Span<byte>(field, InterfaceRow.HeaderBytes)[(InterfaceRow.HeaderBytes - row->HeaderLength)..];
        (settings.Mac ?? default).CopyTo(header);
        source.CopyTo(header[6..]);
        int at = 12;
        if (settings.OuterVlan is { } outer)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[at..], settings.InnerVlan is null ? EtherType.Vlan : EtherType.QinQ);
            BinaryPrimitives.WriteUInt16BigEndian(header[(at + 2)..], outer);
            at += HeaderSize.Vlan;
        }
        if (settings.InnerVlan is { } inner)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[at..], EtherType.Vlan);
            BinaryPrimitives.WriteUInt16BigEndian(header[(at + 2)..], inner);
            at += HeaderSize.Vlan;
        }
        BinaryPrimitives.WriteUInt16BigEndian(header[at..], etherType);
    }
}
