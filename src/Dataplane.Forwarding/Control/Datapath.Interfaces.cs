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
    private readonly List<InterfaceState> _interfaces = [];
    private readonly Dictionary<(PortId Port, uint OuterVlan), List<uint>> _interfacesByTag = [];
    private readonly InterfaceRows _interfaceRows;
    private readonly InterfaceRowMemory _rowMemory = new();

    /// <summary>Interfaces that exist.</summary>
    public int InterfaceCount { get; private set; }

    /// <summary>Adds a virtual interface: classification, label, sources, local routes. Workers may run.</summary>
    /// <exception cref="ArgumentException">It contradicts an interface that exists; nothing was added.</exception>
    public InterfaceId AddInterface(InterfaceSettings settings)
    {
        Check(settings);
        if (!_interfaceRows.TryTake(out uint row))
            throw new InvalidOperationException($"no room for another interface: at most {Options.Interfaces}");
        var id = new InterfaceId(row < _interfaces.Count ? RowLife.After(_interfaces[(int)row].Id.Value) : row);
        var state = new InterfaceState { Id = id, Settings = settings };
        if (row == _interfaces.Count)
            _interfaces.Add(state);
        else
            _interfaces[(int)row] = state;
        InterfaceCount++;
        VrfOf(settings.Vrf).Interfaces++;
        InterfaceRow* built = BuildRow(settings, id);
        // The row first, then what leads to it.
        Volatile.Write(ref *(nint*)(_root->Interfaces + row), (nint)built);
        if (settings.Label is { } label)
            AssignLabel(label, LabelOf(settings, id));
        NoteLookedUp(null, settings, id);
        AddClass(settings, built);
        foreach (IpPrefix prefix in settings.Addresses)
            SetLocalRoute(settings.Vrf, prefix, id);
        if (settings.Label is { } own)
            LabelChanged(own, settings.Vrf);
        return id;
    }

    /// <summary>
    /// Removes a virtual interface that no group uses: frames of it are unclassified, its label is free, its prefixes are no longer
    /// local, its neighbours are forgotten. Packets on their way to it are dropped; its row, and the counters of it, serve another
    /// interface when no worker can hold a packet of this one. Workers may run.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such interface, or no longer.</exception>
    /// <exception cref="InvalidOperationException">A group uses it.</exception>
    public void RemoveInterface(InterfaceId id)
    {
        InterfaceState state = InterfaceOf(id);
        if (state.GroupUses != 0)
            throw new InvalidOperationException($"the interface is still a member of groups, {state.GroupUses} times");
        InterfaceSettings settings = state.Settings;
        InterfaceRow* row = _root->Interfaces[id.Row];
        Volatile.Write(ref row->Id, RowLife.Gone);
        RemoveClass(settings, id.Row);
        if (settings.Label is { } label)
        {
            Volatile.Write(ref _root->Labels[label.Value], 0);
            LabelChanged(label, settings.Vrf);
        }
        NoteLookedUp(settings, null, id);
        state.IsRemoved = true;
        foreach (IpPrefix prefix in settings.Addresses)
            RemoveLocalRoute(settings.Vrf, prefix);
        foreach (IpAddress neighbor in state.Neighbors ?? [])
            ForgetNeighbor(id.Row, neighbor);
        state.Neighbors = null;
        VrfOf(settings.Vrf).Interfaces--;
        InterfaceCount--;
        _epochs.Retire(row, _interfaceRows, (int)id.Row);
    }

    /// <summary>The interface that a label belongs to, with its settings; of whatever VRF.</summary>
    public bool TryFindInterface(Label20 label, out InterfaceId id, [NotNullWhen(true)] out InterfaceSettings? settings)
    {
        var entry = new LabelEntry(label.Value <= Label20.Max ? _root->Labels[label.Value] : 0);
        id = entry.Kind == LabelKind.Interface ? _interfaces[(int)entry.Interface].Id : _lookedUp.GetValueOrDefault(label, InterfaceId.None);
        settings = id.IsNone ? null : InterfaceOf(id).Settings;
        return settings is not null;
    }

    /// <summary>Stores or replaces the MAC of a neighbour on an interface without a configured MAC; of an interface that is gone it is
    /// ignored.</summary>
    public void SetInterfaceNeighbor(InterfaceId id, IpAddress address, MacAddress mac)
    {
        if (!Exists(id))
            return;
        (_interfaces[(int)id.Row].Neighbors ??= []).Add(address);
        ulong value = WireOrder.Mac(mac) | NeighborPresent;
        if (address.Family == AddressFamily.Ipv4)
        {
            _neighbors4.Set((ulong)(id.Row + 1) << 32 | WireOrder.V4(address.V4), value);
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(address.V6);
        _neighbors6.Set(id.Row + 1, first, second, value);
    }

    /// <summary>Forgets a neighbour; unknown ones are ignored.</summary>
    public void RemoveInterfaceNeighbor(InterfaceId id, IpAddress address)
    {
        if (Exists(id) && _interfaces[(int)id.Row].Neighbors?.Remove(address) == true)
            ForgetNeighbor(id.Row, address);
    }

    private void ForgetNeighbor(uint row, IpAddress address)
    {
        if (address.Family == AddressFamily.Ipv4)
        {
            _neighbors4.Remove((ulong)(row + 1) << 32 | WireOrder.V4(address.V4));
            return;
        }
        (ulong first, ulong second) = WireOrder.V6(address.V6);
        _neighbors6.Remove(row + 1, first, second);
    }

    private bool Exists(InterfaceId id) =>
        id.Row < _interfaces.Count && _interfaces[(int)id.Row] is { IsRemoved: false } state && state.Id == id;

    private InterfaceState InterfaceOf(InterfaceId id) =>
        Exists(id) ? _interfaces[(int)id.Row] : throw new ArgumentException($"there is no interface {id.Value}");

    // Before anything is changed: an interface is added whole or not at all.
    private void Check(InterfaceSettings settings)
    {
        _ = VrfOf(settings.Vrf);
        if (settings.Port.Value >= _root->PortCount)
            throw new ArgumentException($"there is no port {settings.Port.Value}");
        if (settings.Label is { } label)
            CheckFree(label);
        (uint space, ulong mac, uint tags) = ClassOf(settings);
        if (ExactTable128.Find(_root->Classes, space, mac, tags) != 0)
            throw new ArgumentException("two interfaces have the same port, MAC and VLAN");
        CheckPrefixes(settings, InterfaceId.None);
    }

    private void CheckPrefixes(InterfaceSettings settings, InterfaceId self)
    {
        VrfState vrf = VrfOf(settings.Vrf);
        var own = new HashSet<IpPrefix>(settings.Addresses.Count);
        foreach (IpPrefix prefix in settings.Addresses)
        {
            if (!own.Add(prefix) || (vrf.Local is { } locals && locals.TryGetValue(prefix, out InterfaceId owner) && owner != self))
                throw new ArgumentException($"{prefix} belongs to two interfaces of one VRF");
        }
    }

    private void CheckFree(Label20 label)
    {
        if (!label.IsAssignable)
            throw new ArgumentException($"label {label} is reserved or wider than 20 bits");
        if (_root->Labels[label.Value] != 0)
            throw new ArgumentException($"label {label} is already assigned");
    }

    private void AssignLabel(Label20 label, LabelEntry entry)
    {
        CheckFree(label);
        Volatile.Write(ref _root->Labels[label.Value], entry.Bits);
    }

    private (uint Space, ulong Mac, uint Tags) ClassOf(InterfaceSettings settings)
    {
        ulong mac = settings.Mac is { } address && (_root->Ports + settings.Port.Value)->Role == PortRole.Access ? WireOrder.Mac(address) : 0;
        return (settings.Port.Value + 1u, mac, (settings.OuterVlan ?? 0u) << 16 | (settings.InnerVlan ?? NoInnerTag));
    }

    private void AddClass(InterfaceSettings settings, InterfaceRow* row)
    {
        (uint space, ulong mac, uint tags) = ClassOf(settings);
        _classes.Set(space, mac, tags, row->Index + 1);
        (PortId, uint) tag = (settings.Port, settings.OuterVlan ?? 0u);
        if (!_interfacesByTag.TryGetValue(tag, out List<uint>? sharing))
            _interfacesByTag[tag] = sharing = [];
        sharing.Add(row->Index);
        PublishTag(tag, sharing);
    }

    private void RemoveClass(InterfaceSettings settings, uint row)
    {
        (uint space, ulong mac, uint tags) = ClassOf(settings);
        _classes.Remove(space, mac, tags);
        (PortId, uint) tag = (settings.Port, settings.OuterVlan ?? 0u);
        List<uint> sharing = _interfacesByTag[tag];
        sharing.Remove(row);
        PublishTag(tag, sharing);
        if (sharing.Count == 0)
            _interfacesByTag.Remove(tag);
    }

    // The table by VLAN decides alone only where nobody shares the tag.
    private void PublishTag((PortId Port, uint OuterVlan) tag, List<uint> sharing)
    {
        bool alone = sharing.Count == 1 && _interfaces[(int)sharing[0]].Settings.InnerVlan is null;
        InterfaceRow** slot = (_root->Ports + tag.Port.Value)->VlanRows + tag.OuterVlan;
        Volatile.Write(ref *(nint*)slot, (nint)(alone ? _root->Interfaces[sharing[0]] : _root->NoInterface));
    }

    // One block: the row, then its sources.
    private InterfaceRow* BuildRow(InterfaceSettings settings, InterfaceId id)
    {
        int sources4 = 0;
        foreach (IpPrefix prefix in settings.Addresses)
            sources4 += prefix.Address.Family == AddressFamily.Ipv4 ? 1 : 0;
        int sources6 = settings.Addresses.Count - sources4;
        InterfaceRow* row = _rowMemory.Allocate(sources4, sources6);
        row->MacWire = settings.Mac is { } mac ? WireOrder.Mac(mac) : 0;
        row->Index = id.Row;
        row->Id = id.Value;
        row->Vrf = settings.Vrf.Row;
        row->AccessKey = RouteTable.Key4(VrfRow.AccessSpace(settings.Vrf.Row), 0);
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
        WriteHeader(row->Header4, row, settings, SourceMac(settings.Port, StandbyFamilies.Ipv4), EtherType.Ipv4);
        WriteHeader(row->Header6, row, settings, SourceMac(settings.Port, StandbyFamilies.Ipv6), EtherType.Ipv6);

        SourcePrefix6* written6 = InterfaceRow.Sources6(row);
        SourcePrefix4* written4 = InterfaceRow.Sources4(row);
        foreach (IpPrefix prefix in settings.Addresses)
        {
            if (prefix.Address.Family == AddressFamily.Ipv4)
            {
                *written4++ = new SourcePrefix4
                {
                    AddressWire = WireOrder.V4(prefix.Address.V4),
                    MaskWire = WireOrder.Mask4(prefix.Length),
                };
                continue;
            }
            (ulong address0, ulong address1) = WireOrder.V6(prefix.Address.V6);
            (ulong mask0, ulong mask1) = WireOrder.Mask6(prefix.Length);
            *written6++ = new SourcePrefix6
            {
                AddressWire0 = address0,
                AddressWire1 = address1,
                MaskWire0 = mask0,
                MaskWire1 = mask1,
            };
        }
        // Mask 0 and a non-zero address: nothing matches where there is no source.
        SourcePrefix4 first4 = sources4 != 0 ? *InterfaceRow.Sources4(row) : new SourcePrefix4 { AddressWire = 1 };
        SourcePrefix6 first6 = sources6 != 0 ? *InterfaceRow.Sources6(row) : new SourcePrefix6 { AddressWire0 = 1 };
        WritePattern(row->Pattern4, row->Mask4, row->HeaderLength, settings, EtherType.Ipv4, version: 0x45, versionMask: 0xFF);
        *(uint*)(row->Pattern4 + InterfaceRow.PatternFront + 12) = first4.AddressWire;
        *(uint*)(row->Mask4 + InterfaceRow.PatternFront + 12) = first4.MaskWire;
        WritePattern(row->Pattern6, row->Mask6, row->HeaderLength, settings, EtherType.Ipv6, version: 0x60, versionMask: 0xF0);
        *(ulong*)(row->Pattern6 + InterfaceRow.PatternFront + 8) = first6.AddressWire0;
        *(ulong*)(row->Mask6 + InterfaceRow.PatternFront + 8) = first6.MaskWire0;
        row->SourceTailWire6 = first6.AddressWire1;
        row->SourceTailMask6 = first6.MaskWire1;
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

    private sealed class InterfaceState
    {
        internal required InterfaceId Id { get; init; }

        internal required InterfaceSettings Settings { get; set; }

        /// <summary>Neighbours in the tables; null when there are none.</summary>
        internal HashSet<IpAddress>? Neighbors { get; set; }

        /// <summary>Memberships in groups.</summary>
        internal int GroupUses { get; set; }

        internal bool IsRemoved { get; set; }
    }

    /// <summary>Row numbers of interfaces. A number comes back when its row has left its last reader.</summary>
    private sealed class InterfaceRows(DatapathRoot* root, int capacity, EpochReclaimer epochs, InterfaceRowMemory memory) : ReusedRows(capacity, epochs)
    {
        public override void Release(void* block, int row)
        {
            root->Interfaces[row] = null;
            memory.Free((InterfaceRow*)block);
            Give((uint)row);
        }
    }
}
