using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Forwarding.Tables;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <summary>
/// The host's side of the forwarding tables: the single writer. It fills native memory that the workers read without
/// locks; each change becomes visible with one aligned store, and what it replaces is freed when no worker can still see
/// it. Owner thread: one control thread at a time for everything but <see cref="ReadCounters"/>. Errors:
/// <see cref="ArgumentException"/> for settings that contradict each other (configuration checks them first, with a
/// place), <see cref="InvalidOperationException"/> when a table is full.
/// </summary>
public sealed unsafe partial class Datapath : IDisposable
{
    private readonly DatapathRoot* _root;
    private readonly EpochReclaimer _epochs;
    private readonly PrefixSetWriter _shorter;
    private readonly ExactTable64Writer _hosts4;
    private readonly ExactTable128Writer _hosts6;
    private readonly ExactTable64Writer _ingress4;
    private readonly ExactTable128Writer _ingress6;
    private readonly ExactTable64Writer _neighbors4;
    private readonly ExactTable128Writer _neighbors6;
    private readonly ExactTable128Writer _classes;
    private readonly List<nint> _blocks = [];
    private bool _disposed;

    /// <summary>Allocates the tables, empty.</summary>
    /// <param name="options">Sizes and constants.</param>
    /// <param name="calls">DPDK calls of the fast path; outlives the datapath.</param>
    public Datapath(DatapathOptions options, FastCalls* calls)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(options.Interfaces, options.Vrfs), RowLife.MostRows);
        Options = options;
        _root = Own<DatapathRoot>(1);
        _root->Calls = calls;
        _root->Epochs = Own<EpochSlot>(options.Workers);
        _root->Ports = Own<PortRow>(options.Ports);
        _root->Interfaces = (InterfaceRow**)Own<nint>(options.Interfaces);
        _root->Vrfs = Own<VrfRow>(options.Vrfs);
        _root->Tunnels = (TunnelRow**)Own<nint>(options.Tunnels);
        _root->Groups = (GroupRow**)Own<nint>(options.Groups);
        _root->Labels = Own<ulong>(LabelEntry.TableEntries);
        _root->PortCapacity = options.Ports;
        _root->InterfaceCapacity = options.Interfaces;
        _root->ClockHz = options.ClockHz;
        _root->PuntRate = Math.Max(options.PuntRate, 1);
        _root->VirtualMac4Wire = WireOrder.Mac(options.VirtualMac4);
        _root->VirtualMac6Wire = WireOrder.Mac(options.VirtualMac6);
        _root->AcceptZeroUdp6 = (byte)(options.AcceptZeroUdp6Checksum ? 1 : 0);
        _root->Vectors = options.Vectors;
        _root->NoInterface = Own<InterfaceRow>(1);
        _root->NoInterface->Index = uint.MaxValue;
        _root->NoInterface->HeaderLength = HeaderSize.Ethernet;
        _root->NoInterface->OuterTos = options.DefaultClass.Tos;
        _root->NoInterface->OuterVersionTosWire = (ushort)(0x45 | options.DefaultClass.Tos << 8);
        _root->NoInterface->LabelTcBits = options.DefaultClass.TcBits;
        _root->NoInterface->Pattern4[0] = _root->NoInterface->Pattern6[0] = 1; // not under the mask: nothing matches
        SetCoreAddresses(options);

        _epochs = new EpochReclaimer(&_root->GlobalEpoch, _root->Epochs, options.Workers);
        _groupRows = new GroupRows(_root, options.Groups, _epochs);
        _portRows = new PortRows(options.Ports, _epochs);
        _vrfRows = new ReusedRows(options.Vrfs, _epochs);
        _filterRows = new ReusedRows(options.Filters, _epochs);
        _filters = new FilterSet?[2 * options.Vrfs];
        _interfaceRows = new InterfaceRows(_root, options.Interfaces, _epochs, _rowMemory);
        _tunnelRows = new TunnelRows(_root, options.Tunnels, _epochs);
        _shorter = new PrefixSetWriter(_epochs);
        _hosts4 = new ExactTable64Writer(&_root->Hosts4, _epochs);
        _hosts6 = new ExactTable128Writer(&_root->Hosts6, _epochs);
        _ingress4 = new ExactTable64Writer(&_root->Ingress4, _epochs);
        _ingress6 = new ExactTable128Writer(&_root->Ingress6, _epochs);
        _neighbors4 = new ExactTable64Writer(&_root->Neighbors4, _epochs);
        _neighbors6 = new ExactTable128Writer(&_root->Neighbors6, _epochs);
        _classes = new ExactTable128Writer(&_root->Classes, _epochs);
    }

    /// <summary>Sizes and constants.</summary>
    public DatapathOptions Options { get; }

    internal DatapathRoot* Root => _root;

    /// <summary>Sets the ring that punted packets go to, before workers start: a DPDK ring of mbufs.</summary>
    public void SetPuntRing(void* ring) => _root->PuntRing = ring;

    /// <summary>Frees what the workers have left behind; call now and then, and before measuring memory.</summary>
    public void Reclaim() => _epochs.Reclaim();

    /// <summary>Frees everything. No worker may be running.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _epochs.Reclaim();
        _hosts4.Dispose();
        _hosts6.Dispose();
        _ingress4.Dispose();
        _ingress6.Dispose();
        _neighbors4.Dispose();
        _neighbors6.Dispose();
        _classes.Dispose();
        for (int i = 0; i < Options.Interfaces; i++)
        {
            if (_root->Interfaces[i] != null)
                _rowMemory.Free(_root->Interfaces[i]);
        }
        _rowMemory.Dispose();
        for (int i = 0; i < Options.Tunnels; i++)
            NativeBlock.Free(_root->Tunnels[i]);
        for (int i = 0; i < Options.Groups; i++)
            NativeBlock.Free(_root->Groups[i]);
        for (int i = 0; i < Options.Vrfs; i++)
        {
            NativeBlock.Free((void*)_root->Vrfs[i].Filters4);
            NativeBlock.Free((void*)_root->Vrfs[i].Filters6);
        }
        _shorter.Dispose();
        foreach (WorkerHandle worker in _workers)
            NativeBlock.Free(worker.Block->Queues);
        foreach (nint block in _blocks)
            NativeBlock.Free((void*)block);
        _blocks.Clear();
    }

    private T* Own<T>(int count)
        where T : unmanaged
    {
        T* block = NativeBlock.AllocateArray<T>((nuint)count);
        _blocks.Add((nint)block);
        return block;
    }

    private void SetCoreAddresses(DatapathOptions options)
    {
        if (options.TunnelEnd4 is { } end4)
            _root->TunnelEnd4Wire = WireOrder.V4(end4);
        if (options.TunnelEnd6 is { } end6)
            (_root->TunnelEnd6Wire0, _root->TunnelEnd6Wire1) = WireOrder.V6(end6);
        _root->CoreAddresses4 = Own<uint>(options.CoreAddresses.Count + 1);
        _root->CoreAddresses6 = Own<ulong>(2 * options.CoreAddresses.Count + 1);
        foreach (IpAddress address in options.CoreAddresses)
        {
            if (address.Family == AddressFamily.Ipv4)
            {
                _root->CoreAddresses4[_root->CoreAddress4Count++] = WireOrder.V4(address.V4);
                continue;
            }
            (ulong first, ulong second) = WireOrder.V6(address.V6);
            _root->CoreAddresses6[2 * _root->CoreAddress6Count] = first;
            _root->CoreAddresses6[2 * _root->CoreAddress6Count + 1] = second;
            _root->CoreAddress6Count++;
        }
    }
}
