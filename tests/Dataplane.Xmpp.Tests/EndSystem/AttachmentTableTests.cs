using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Attachments;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What may be attached, and what becomes of it.</summary>
public sealed class AttachmentTableTests
{
    private static readonly AttachmentOptions Local = new()
    {
        SystemId = "02aa10c0ffee",
        Ports = new Dictionary<string, bool> { ["tap0"] = false, ["tap1"] = false, ["acc0"] = true },
    };

    private static readonly AttachmentOptions Remote = new() { SystemId = "02aa10c0ffee", FirstVlan = 100, LastVlan = 102 };

    [Theory]
    [InlineData("id", "")]
    [InlineData("id", "with space")]
    [InlineData("vpn", "")]
    [InlineData("vpn", "größe")]
    [InlineData("vpn", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345")]
    [InlineData("port", "tap9")]
    [InlineData("port", null)]
    [InlineData("vlan", "0")]
    [InlineData("vlan", "4095")]
    [InlineData("addresses", "224.0.0.1/32")]
    [InlineData("addresses", "127.0.0.1/32")]
    [InlineData("addresses", "fe80::5/128")]
    [Trait("Requirement", "XMP-04")]
    public void AWrongFieldIsNamed(string field, string? value)
    {
        AttachmentRequest request = new() { Id = "vm1", Vpn = "red", Port = "acc0", Vlan = 5 };
        request = field switch
        {
            "id" => request with { Id = value! },
            "vpn" => request with { Vpn = value! },
            "port" => request with { Port = value },
            "vlan" => request with { Vlan = int.Parse(value!) },
            _ => request with { Addresses = [IpPrefix.Parse(value!)] },
        };
        AttachmentProblem? problem = new AttachmentTable(Local).Plan(request, out Attachment? planned);
        Assert.Equal(field, problem?.Field);
        Assert.False(problem!.IsConflict);
        Assert.Null(planned);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [Trait("Requirement", "XMP-04")]
    public void NamesOfVpnsHaveUpTo64Characters(int length) =>
        Assert.Null(new AttachmentTable(Local).Plan(new() { Id = "a", Vpn = new string('v', length), Port = "tap0" }, out _));

    [Fact]
    public void WhatIsThereAlreadyIsNamed()
    {
        var table = new AttachmentTable(Local);
        Attach(table, new() { Id = "vm1", Vpn = "red", Port = "tap0", Addresses = [IpPrefix.Parse("10.0.0.1/32")] });
        Attach(table, new() { Id = "vm2", Vpn = "red", Port = "acc0", Vlan = 5 });
        Conflict("port", "port tap0 is taken by interface 'vm1'", new() { Id = "x", Vpn = "red", Port = "tap0" });
        Conflict("vlan", "VLAN 5 of port acc0 is that of interface 'vm2'", new() { Id = "x", Vpn = "red", Port = "acc0", Vlan = 5 });
        Conflict("addresses", "10.0.0.1/32 in red is an address of interface 'vm1'",
            new() { Id = "x", Vpn = "red", Port = "tap1", Addresses = [IpPrefix.Parse("10.0.0.1/32")] });
        Conflict("vlan", "tap1 is a local port: what is on it has no VLAN", new() { Id = "x", Vpn = "red", Port = "tap1", Vlan = 5 });

        // In another VPN it is another address, and the interface itself may keep what it has.
        Assert.Null(table.Plan(new() { Id = "x", Vpn = "blue", Port = "tap1", Addresses = [IpPrefix.Parse("10.0.0.1/32")] }, out _));
        Assert.Null(table.Plan(new() { Id = "vm1", Vpn = "red", Port = "tap0", Addresses = [IpPrefix.Parse("10.0.0.1/32")] }, out _));

        void Conflict(string field, string message, AttachmentRequest request)
        {
            AttachmentProblem? problem = table.Plan(request, out _);
            Assert.Equal((field, message), (problem?.Field, problem?.Message));
        }
    }

    [Fact]
    [Trait("Requirement", "AGT-02")]
    public void ADeviceIsAPortOfTheInterfacesOwn()
    {
        AttachmentOptions options = Local with { CheckDevice = static device => device == "net_tap5" ? null : $"'{device}' is no device" };
        var table = new AttachmentTable(options);
        AttachmentRequest request = new() { Id = "vm5", Vpn = "red", Device = "net_tap5" };
        Attachment attached = Attach(table, request);
        Assert.Equal(("vm5", "net_tap5"), (attached.Port, attached.Device));
        Assert.True(Attach(table, request with { Addresses = [IpPrefix.Parse("10.0.0.1/32")] }).Version == 1);

        Refuse("device", "'net_tap6' is no device", request with { Id = "x", Device = "net_tap6" });
        Refuse("device", "is in the place of 'port': give one of them", request with { Id = "x", Port = "tap0" });
        Refuse("vlan", "what has a device of its own has no VLAN", request with { Id = "x", Vlan = 5 });
        Refuse("id", "'tap1' is a port of the configuration; a device's port has the interface's name", request with { Id = "tap1" });
        Refuse("device", "'vm5' is on net_tap5; detach it first", request with { Device = "net_tap6" });
        _ = Attach(table, new() { Id = "vm0", Vpn = "red", Port = "tap0" });
        Refuse("device", "'vm0' is on port tap0; detach it first", request with { Id = "vm0" });
        Assert.Equal("device", new AttachmentTable(Local).Plan(request, out _)?.Field);
        Assert.Equal("device", new AttachmentTable(Remote).Plan(request, out _)?.Field);

        var again = new AttachmentTable(options);
        AttachmentState.Read(Written(table), again, static (id, problem) => Assert.Fail($"{id}: {problem}"));
        Assert.True(table.Find("vm5")!.IsSame(again.Find("vm5")!));

        void Refuse(string field, string message, AttachmentRequest wrong)
        {
            AttachmentProblem? problem = table.Plan(wrong, out _);
            Assert.Equal((field, message), (problem?.Field, problem?.Message));
        }
    }

    [Fact]
    [Trait("Requirement", "AGT-07")]
    [Trait("Requirement", "MOB-06")]
    public void VersionsNeverDecreaseNotEvenAfterARestart()
    {
        var table = new AttachmentTable(Local);
        AttachmentRequest request = new() { Id = "vm1", Vpn = "red", Port = "tap0", Addresses = [IpPrefix.Parse("10.0.0.1/32")] };
        Assert.Equal(7u, Attach(table, request with { Version = 7 }).Version);
        Assert.Equal(7u, Attach(table, request with { Version = 7 }).Version);
        _ = table.Remove("vm1");
        Refuse(table);

        var again = new AttachmentTable(Local);
        AttachmentState.Read(Written(table), again, static (id, problem) => Assert.Fail($"{id}: {problem}"));
        Refuse(again);
        Assert.Equal(9u, Attach(again, request with { Version = 9 }).Version);

        void Refuse(AttachmentTable table)
        {
            AttachmentProblem? problem = table.Plan(request with { Id = "other", Version = 6 }, out _);
            Assert.Equal("version", problem?.Field);
            Assert.Equal("6 is lower than 7, which 10.0.0.1/32 in red had before; versions never decrease", problem!.Message);
        }
    }

    [Fact]
    [Trait("Requirement", "AGT-07")]
    public void WithoutAVersionItIsOneMoreThanAnybodyHad()
    {
        var table = new AttachmentTable(Local) { KnownElsewhere = static (_, prefix) => prefix.Address == IpAddress.Parse("10.0.0.2") ? 20u : 0u };
        AttachmentRequest request = new() { Id = "vm1", Vpn = "red", Port = "tap0", Addresses = [IpPrefix.Parse("10.0.0.1/32")] };
        Assert.Equal(1u, Attach(table, request).Version);
        Assert.Equal(1u, Attach(table, request).Version);
        Assert.Equal(21u, Attach(table, request with { Addresses = [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("10.0.0.2/32")] }).Version);
        _ = table.Remove("vm1");
        Assert.Equal(22u, Attach(table, request).Version);
    }

    [Fact]
    [Trait("Requirement", "XMP-06")]
    public void AnInterfaceWithoutAddressIsFine()
    {
        Attachment attached = Attach(new AttachmentTable(Local), new() { Id = "vm1", Vpn = "red", Port = "tap0" });
        Assert.Empty(attached.Addresses);
        Assert.Equal(0u, attached.Version);
    }

    [Fact]
    [Trait("Requirement", "EXT-03")]
    [Trait("Requirement", "AGT-05")]
    public void EveryInterfaceGetsAVlanOfItsOwnAndKeepsIt()
    {
        var table = new AttachmentTable(Remote);
        Assert.Equal<ushort?>(100, Attach(table, new() { Id = "a", Vpn = "red" }).Vlan);
        Assert.Equal<ushort?>(101, Attach(table, new() { Id = "b", Vpn = "red" }).Vlan);
        Assert.Equal<ushort?>(100, Attach(table, new() { Id = "a", Vpn = "blue" }).Vlan);
        _ = table.Remove("b");

        // One that was just given back is not the next.
        Assert.Equal<ushort?>(102, Attach(table, new() { Id = "c", Vpn = "red" }).Vlan);
        Assert.Equal<ushort?>(101, Attach(table, new() { Id = "d", Vpn = "red" }).Vlan);
        Assert.Equal("the VLANs 100 to 102 are all taken", table.Plan(new() { Id = "e", Vpn = "red" }, out _)?.Message);
        Assert.Equal("VLAN 101 is that of interface 'd'", table.Plan(new() { Id = "e", Vpn = "red", Vlan = 101 }, out _)?.Message);
        Assert.Equal("port", table.Plan(new() { Id = "e", Vpn = "red", Port = "tap0" }, out _)?.Field);

        var again = new AttachmentTable(Remote);
        AttachmentState.Read(Written(table), again, static (id, problem) => Assert.Fail($"{id}: {problem}"));
        Assert.Equal<(string, ushort?)>([("a", 100), ("c", 102), ("d", 101)], again.All.Select(static attachment => (attachment.Id, attachment.Vlan)).Order());
    }

    [Fact]
    [Trait("Requirement", "XMP-09")]
    [Trait("Requirement", "ARC-07")]
    public void LeavesHaveTheDocumentedNameUnlessItIsTaken()
    {
        var table = new AttachmentTable(Local);
        IpPrefix prefix = IpPrefix.Parse("10.0.0.1/32");
        Assert.Equal("02aa10c0ffee:10.0.0.1/32", Attach(table, new() { Id = "a", Vpn = "red", Port = "tap0", Addresses = [prefix] }).Addresses[0].Leaf);
        Assert.Equal("02aa10c0ffee:blue:10.0.0.1/32", Attach(table, new() { Id = "b", Vpn = "blue", Port = "tap1", Addresses = [prefix] }).Addresses[0].Leaf);

        // It stays when the other one goes, and across a restart.
        _ = table.Remove("a");
        Assert.Equal("02aa10c0ffee:blue:10.0.0.1/32",
            Attach(table, new() { Id = "b", Vpn = "blue", Port = "tap1", Addresses = [prefix], Version = 2 }).Addresses[0].Leaf);
        var again = new AttachmentTable(Local);
        AttachmentState.Read(Written(table), again, static (id, problem) => Assert.Fail($"{id}: {problem}"));
        Assert.True(table.Find("b")!.IsSame(again.Find("b")!));
    }

    [Fact]
    public void AnInterfaceWhosePortHasGoneIsLeftOut()
    {
        var table = new AttachmentTable(Local);
        _ = Attach(table, new() { Id = "a", Vpn = "red", Port = "tap0" });
        _ = Attach(table, new() { Id = "b", Vpn = "red", Port = "tap1" });
        var again = new AttachmentTable(Local with { Ports = new Dictionary<string, bool> { ["tap1"] = false } });
        var left = new List<string>();
        AttachmentState.Read(Written(table), again, (id, problem) => left.Add($"{id}: {problem}"));
        Assert.Equal(["a: 'port': there is no port 'tap0' for interfaces; there are tap1"], left);
        Assert.Equal(["b"], again.All.Select(static attachment => attachment.Id));
    }

    private static ReadOnlySpan<byte> Written(AttachmentTable table)
    {
        var into = new System.Buffers.ArrayBufferWriter<byte>();
        _ = AttachmentState.WriteAll(into, table);
        return into.WrittenSpan;
    }

    private static Attachment Attach(AttachmentTable table, AttachmentRequest request)
    {
        Assert.Null(table.Plan(request, out Attachment? planned));
        _ = table.Set(planned!);
        return planned!;
    }
}
