using Dataplane.Net;
using Dataplane.Routing.Loop;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>
/// An uplink that makes known only what is behind ports that this forwarder serves at present (EXT-10). VPNs are joined and addresses held all the
/// same, so that taking over a port needs nothing from its hosts (EXT-12). What is no longer served stays known for a while: whoever serves it now
/// makes it known first, and until then packets that come to us are delivered. Routing loop.
/// </summary>
public sealed class ServedPorts : IUplink
{
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly IUplink _uplink;
    private readonly Func<string, AddressFamily, bool> _isServed;
    private readonly TimeSpan _linger;
    private readonly LoopTimer _timer;

    /// <summary>Starts with nothing.</summary>
    /// <param name="loop">The loop that everything runs on.</param>
    /// <param name="uplink">Where it is made known.</param>
    /// <param name="isServed">Whether we serve the hosts behind a port, for the family of an address.</param>
    /// <param name="linger">For how long what is no longer served stays known.</param>
    public ServedPorts(RoutingLoop loop, IUplink uplink, Func<string, AddressFamily, bool> isServed, TimeSpan linger)
    {
        _uplink = uplink;
        _isServed = isServed;
        _linger = linger;
        _timer = loop.CreateTimer(Forget);
    }

    /// <summary>Publications that are held back.</summary>
    public int HeldBack => _held.Values.Count(static held => !held.IsTold);

    /// <inheritdoc/>
    public void Join(Membership membership) => _uplink.Join(membership);

    /// <inheritdoc/>
    public void Leave(Membership membership) => _uplink.Leave(membership);

    /// <inheritdoc/>
    public void Publish(Publication publication)
    {
        var isTold = _held.TryGetValue(publication.Leaf, out Held before) && before.IsTold;
        var isServed = IsServed(publication);
        if (isServed || isTold)
        {
            _uplink.Publish(publication);
        }

        _held[publication.Leaf] = new(publication, isServed || isTold);
        if (isTold && !isServed && !_timer.IsRunning)
        {
            // It may have moved behind a port that another one serves.
            _timer.Restart(_linger);
        }
    }

    /// <inheritdoc/>
    public void Withdraw(string leaf)
    {
        if (_held.Remove(leaf, out Held held) && held.IsTold)
        {
            _uplink.Withdraw(leaf);
        }
    }

    /// <summary>We may serve other ports than before.</summary>
    public void Changed()
    {
        var lingers = false;
        foreach (Held held in _held.Values.ToArray())
        {
            if (IsServed(held.Publication))
            {
                Publish(held.Publication);
            }
            else
            {
                lingers |= held.IsTold;
            }
        }

        if (lingers)
        {
            _timer.Restart(_linger);
        }
    }

    private bool IsServed(Publication publication) => publication.Port is not { } port || _isServed(port, publication.Prefix.Family);

    private void Forget()
    {
        foreach (Held held in _held.Values.Where(held => held.IsTold && !IsServed(held.Publication)).ToArray())
        {
            _uplink.Withdraw(held.Publication.Leaf);
            _held[held.Publication.Leaf] = held with { IsTold = false };
        }
    }

    private readonly record struct Held(Publication Publication, bool IsTold);
}
