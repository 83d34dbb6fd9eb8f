using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Dataplane.Bgp.Settings;
using Dataplane.Net;

namespace Dataplane.Bgp.Transport;

/// <summary>
/// A TCP-MD5 key (RFC 2385, SEC-07) of a socket: segments from and to the addresses of a prefix carry a digest, and segments without the
/// right one are dropped by the kernel. A listener holds the keys of all peers; each connection that it accepts takes its own over.
/// </summary>
/// <remarks><c>struct tcp_md5sig</c> of <c>linux/tcp.h</c>, 216 octets: address (sockaddr_storage, 128), flags (1), prefix length (1), key length
/// (2, host order), interface (4), key (80).</remarks>
public static class Md5Key
{
    private const int StructureSize = 216;
    private const int FlagsOffset = 128;
    private const int PrefixOffset = 129;
    private const int KeyLengthOffset = 130;
    private const int KeyOffset = 136;
    private const byte FlagPrefix = 1;
    private const ushort FamilyIpv4 = 2;
    private const ushort FamilyIpv6 = 10;

    /// <summary>Whether a text can be a key: 1…80 octets of UTF-8.</summary>
    public static bool IsPossible(string password) =>
        Encoding.UTF8.GetByteCount(password) is > 0 and <= PeerTransportSettings.MaximumPasswordBytes;

    /// <summary>Sets the key of the peers of a prefix, in place of an earlier one.</summary>
    /// <param name="socket">A socket of the prefix's family, listening or not yet connected.</param>
    /// <param name="peers">Whom it is for.</param>
    /// <param name="password">The key.</param>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public static void Set(Socket socket, IpPrefix peers, string password)
    {
        Span<byte> structure = stackalloc byte[StructureSize];
        Fill(structure, peers, password);
        Apply(socket, peers, structure);
    }

    /// <summary>Removes the key of a prefix. Connections that were accepted keep theirs.</summary>
    public static void Remove(Socket socket, IpPrefix peers)
    {
        Span<byte> structure = stackalloc byte[StructureSize];
        Fill(structure, peers, "");
        Apply(socket, peers, structure);
    }

    private static void Fill(Span<byte> structure, IpPrefix peers, string password)
    {
        structure.Clear();
        IpAddress address = peers.Address;
        MemoryMarshal.Write(structure, address.IsV6 ? FamilyIpv6 : FamilyIpv4);
        address.CopyTo(structure[(address.IsV6 ? 8 : 4)..]);
        structure[FlagsOffset] = peers.IsHost ? (byte)0 : FlagPrefix;
        structure[PrefixOffset] = peers.IsHost ? (byte)0 : peers.Length;
        var length = Encoding.UTF8.GetBytes(password, structure.Slice(KeyOffset, PeerTransportSettings.MaximumPasswordBytes));
        MemoryMarshal.Write(structure[KeyLengthOffset..], (ushort)length);
    }

    private static void Apply(Socket socket, IpPrefix peers, ReadOnlySpan<byte> structure)
    {
        if (peers.IsHost)
        {
            LinuxSocketOptions.SetMd5(socket, structure);
        }
        else
        {
            LinuxSocketOptions.SetMd5Prefix(socket, structure);
        }
    }
}
