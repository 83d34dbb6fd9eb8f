using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>
/// A connection as a stream of XMPP: items in, octets out, TLS put in between on request. While nothing comes it waits with no buffer (a read of no
/// octets), so that an idle session costs little. One read and one write at a time.
/// </summary>
internal sealed class StreamTransport : IDisposable
{
    private readonly StreamParser _parser;
    private readonly TimeProvider _time;
    private readonly Socket? _socket;
    private Stream _stream;
    private TokenBucket _stanzas;
    private TokenBucket _octets;
    private bool _isFast;

    /// <summary>Takes over a connection.</summary>
    /// <param name="stream">Its octets; disposed with the transport.</param>
    /// <param name="remote">The other end.</param>
    /// <param name="limits">What the peer may send.</param>
    /// <param name="time">Time, for rates.</param>
    public StreamTransport(Stream stream, IPEndPoint remote, StreamLimits limits, TimeProvider time)
    {
        _stream = stream;
        _socket = (stream as NetworkStream)?.Socket;
        _time = time;
        _parser = new(limits);
        Remote = remote;
        long now = time.GetTimestamp();
        _stanzas = new(limits.StanzasPerSecond, limits.StanzaBurst, time.TimestampFrequency, now);
        _octets = new(limits.OctetsPerSecond, limits.OctetBurst, time.TimestampFrequency, now);
    }

    /// <summary>The other end.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Octets that came after the last item.</summary>
    public int UnreadOctets => _parser.UnreadOctets;

    /// <summary>Expects a new stream.</summary>
    public void Restart() => _parser.Restart();

    /// <summary>Allows stanzas of full length.</summary>
    public void AllowStanzas() => _parser.AllowStanzas();

    /// <summary>The next item; one of kind None: the connection ended.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public async ValueTask<StreamItem> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            StreamItem item = _isFast ? StreamItem.Of(StreamFault.TooFast()) : _parser.Read();
            if (item.Kind != StreamItemKind.None)
            {
                return item.Kind == StreamItemKind.Fault || _stanzas.TryTake(1, _time.GetTimestamp()) ? item : StreamItem.Of(StreamFault.TooFast());
            }

            if (_parser.UnreadOctets == 0)
            {
                _ = await _stream.ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
            }

            int count = await _stream.ReadAsync(_parser.GetRoom(), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                return default;
            }

            _parser.Advance(count);
            _isFast = !_octets.TryTake(count, _time.GetTimestamp());
        }
    }

    /// <summary>Reads and drops until the peer has closed its side.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        byte[] dropped = new byte[1024];
        while (await _stream.ReadAsync(dropped, cancellation).ConfigureAwait(false) > 0)
        {
        }
    }

    /// <summary>Writes everything.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellation) => _stream.WriteAsync(octets, cancellation);

    /// <summary>Begins TLS as the server.</summary>
    /// <exception cref="AuthenticationException">The client showed no certificate, or none that is accepted.</exception>
    public async Task<PeerIdentity> AuthenticateAsServerAsync(SslServerAuthenticationOptions options, CancellationToken cancellation)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(options, cancellation).ConfigureAwait(false);
        return Identity(tls);
    }

    /// <summary>Begins TLS as the client.</summary>
    /// <exception cref="AuthenticationException">The server's certificate is not accepted, or is of another server.</exception>
    public async Task<PeerIdentity> AuthenticateAsClientAsync(SslClientAuthenticationOptions options, CancellationToken cancellation)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        return Identity(tls);
    }

    /// <summary>Tells the peer that nothing more is written.</summary>
    public async Task EndWritesAsync()
    {
        if (_stream is SslStream { IsAuthenticated: true } tls)
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
        }

        _socket?.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Cuts the connection off.</summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>Gives the reader's memory back. Only when nobody reads.</summary>
    public void DisposeReader() => _parser.Dispose();

    /// <summary>Whether an exception means that the connection failed, or was cut off by us.</summary>
    public static bool IsFailure(Exception exception) => exception
        is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException
        or InvalidOperationException or System.ComponentModel.Win32Exception;

    private PeerIdentity Identity(SslStream tls)
    {
        using X509Certificate2? copy = tls.RemoteCertificate is { } certificate and not X509Certificate2
            ? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData())
            : null;
        return CertificateNames.Read(copy ?? (X509Certificate2)tls.RemoteCertificate!, Remote);
    }
}
