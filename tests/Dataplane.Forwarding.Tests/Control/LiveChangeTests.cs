using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Memory;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;

namespace Dataplane.Forwarding.Tests.Control;

/// <summary>
/// Interfaces, VRFs, labels and tunnels come and go while a worker forwards. Two tenants take turns on the same rows: whatever is
/// sent must be the sender's, whatever instant the change came at.
/// </summary>
public sealed unsafe class LiveChangeTests
{
    private const int Changes = 4000;
    private const string Remote = "203.0.113.40";

    [Fact]
    [Trait("Requirement", "SEC-05")]
    [Trait("Requirement", "FWD-03")]
    public void NoPacketEverMeetsAnotherTenant()
    {
        using var network = new TestNetwork();
        Datapath datapath = network.Datapath;
        _ = network.Rig.Worker;
        // A frame's VLAN is the tenant's own and so are its label towards the core and the tags that its label leads to: n names a tenant.
        byte[][] access = [.. Enumerable.Range(0, 2).Select(n =>
            Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("10.0.0.1", "10.9.9.9"), (0x8100, (ushort)(1000 + n))))];
        byte[][] core = [.. Enumerable.Range(0, 2).Select(n => TestNetwork.OnCore(
            TestNetwork.Tunnelled(Encapsulation.MplsInGre, outerV6: false, (uint)(70_000 + n), Build.Udp("10.9.9.9", "10.0.0.1"))))];
        bool done = false;
        long sent = 0;
        string? wrong = null;
        var worker = new Thread(() =>
        {
            try
            {
                EpochSlot* slot = datapath.Root->Epochs;
                Interlocked.Exchange(ref slot->Announced, Volatile.Read(ref datapath.Root->GlobalEpoch));
                while (!Volatile.Read(ref done) || Volatile.Read(ref sent) == 0)
                {
                    Volatile.Write(ref slot->Announced, Volatile.Read(ref datapath.Root->GlobalEpoch));
                    BurstResult burst = network.Rig.Receive(network.Access, access[0], access[1], access[0]);
                    for (int i = 0; i < 3; i++)
                    {
                        if (burst.Outcomes[i].Exit == Exit.Transmitted)
                        {
                            uint label = ParsedFrame.Tunnelled(burst.Outcomes[i].Frame).Label!.Value;
                            wrong ??= label == 80_000 + (uint)(i % 2) ? null : $"label {label} for tenant {i % 2}";
                            sent++;
                        }
                    }
                    burst = network.Rig.Receive(network.Core, core[0], core[1]);
                    for (int i = 0; i < 2; i++)
                    {
                        if (burst.Outcomes[i].Exit == Exit.Transmitted)
                        {
                            ushort tag = ParsedFrame.Delivered(burst.Outcomes[i].Frame).Tags[0];
                            wrong ??= tag == 1000 + i ? null : $"tag {tag} for tenant {i}";
                            sent++;
                        }
                    }
                }
                Volatile.Write(ref slot->Announced, EpochSlot.Quiescent);
            }
            catch (Exception problem)
            {
                wrong = problem.ToString();
            }
        });
        int before = datapath.InterfaceCount;
        worker.Start();
        var rows = new HashSet<uint>();
        for (int step = 0; (step < Changes || Volatile.Read(ref sent) < 100) && Volatile.Read(ref wrong) is null; step++)
        {
            uint n = (uint)step & 1;
            VrfId vrf = datapath.AddVrf(null, []);
            TunnelId tunnel = datapath.AddTunnel(new TunnelSettings
            {
                Remote = IpAddress.Parse(Remote),
                Port = network.Core,
                UnderlayNextHop = IpAddress.Parse(Remote),
                PathMtu = 1400 + (int)n,
            });
            datapath.AllowIngress(vrf, IpAddress.Parse(Remote));
            datapath.SetRoute(vrf, IpPrefix.Parse("0.0.0.0/0"), new SuppliedRoute(tunnel, new Label20(80_000 + n)));
            InterfaceId id = datapath.AddInterface(new InterfaceSettings
            {
                Port = network.Access,
                Vrf = vrf,
                OuterVlan = (ushort)(1000 + n),
                Mac = MacAddress.Parse(TestNetwork.Host1),
                Label = new Label20(70_000 + n),
                Addresses = [IpPrefix.Parse("10.0.0.1/32")],
            });
            rows.Add(id.Row);
            datapath.RemoveInterface(id);
            datapath.RemoveRoute(vrf, IpPrefix.Parse("0.0.0.0/0"));
            datapath.RemoveIngress(vrf, IpAddress.Parse(Remote));
            datapath.RemoveTunnel(tunnel);
            datapath.RemoveVrf(vrf);
            // As the slow path's thread does; here until there is room for the next, which tests that rows do come back.
            while (step % 4 == 3 && Pending(datapath))
                Thread.Yield();
        }
        Volatile.Write(ref done, true);
        worker.Join();
        Assert.Null(wrong);
        Assert.NotEqual(0, sent);
        Assert.Equal(before, datapath.InterfaceCount);
        Assert.True(rows.Count <= 4 + 1, $"{rows.Count} rows were used");
    }

    // Whether a row of an interface is still kept for the worker.
    private static bool Pending(Datapath datapath)
    {
        datapath.Reclaim();
        int kept = 0;
        for (int row = 0; row < datapath.Options.Interfaces; row++)
            kept += datapath.Root->Interfaces[row] != null ? 1 : 0;
        return kept != datapath.InterfaceCount;
    }
}
