using Dataplane.Net;

namespace Dataplane.Xmpp.Gateway;

/// <content>
/// Its own restart: what clients published and subscribed to is remembered in a file and in force again, stale, before the first of them is back, as if
/// their sessions had been lost at the start; so BGP peers and subscribers see no change of what did not change, however late a client is
/// (<see href="https://www.rfc-editor.org/rfc/rfc4724">RFC 4724</see> asks the same of BGP; SIG-14, AGT-09, ADR-0013).
/// </content>
public sealed partial class SignalingGateway
{
    private PublicationJournal? _journal;

    /// <summary>
    /// Takes up what an earlier process remembered and remembers from now on. When the VRFs are there, before the first session.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">
    /// How old it may be to be in force again. What is older has been given up by those who had it from us over BGP, and is only waited for: no snapshot
    /// is called whole before those clients have published it again, or for <see cref="SignalingGatewaySettings.StaleTime"/>.
    /// </param>
    /// <param name="failed">Told that the file cannot be read or written.</param>
    /// <returns>What is in force again and what is waited for; null when nothing was remembered, and nothing is known of what there was.</returns>
    public (int Restored, int Awaited)? Remember(string path, TimeSpan longest, Action<string>? failed = null)
    {
        _journal = new PublicationJournal(path, _context.Loop, Present) { Failed = failed };
        (int Restored, int Awaited)? result = null;
        try
        {
            if (_journal.Load(out TimeSpan age) is { } remembered)
            {
                result = Restore(remembered, isInForce: age <= longest);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            failed?.Invoke($"what end-systems had published cannot be read: {problem.Message}");
        }

        _journal.Begin();
        _context.Journal = _journal;
        return result;
    }

    /// <summary>Ends what <see cref="Remember"/> began, so that the next process knows when this one ended.</summary>
    public void EndRemembering()
    {
        _context.Journal = null;
        _journal?.End();
        _journal = null;
    }

    private (int Restored, int Awaited) Restore(RememberedState remembered, bool isInForce)
    {
        var restored = 0;
        var clients = new HashSet<GatewayClient>();
        foreach (RememberedSubscription subscription in isInForce ? remembered.Subscriptions : [])
        {
            _subscriptions.Restore(Returning(subscription.Client, subscription.Proved), subscription);
        }

        foreach (RememberedPublication publication in remembered.Publications)
        {
            if (!isInForce || publication.IsAwaited)
            {
                _context.Awaited.Add((publication.Client, publication.Key), publication with { IsAwaited = true });
                continue;
            }

            restored += _publications.Restore(Returning(publication.Client, publication.Proved), publication) ? 1 : 0;
        }

        foreach (GatewayClient client in clients)
        {
            client.LostAt = _context.Now;
            StartStaleTimer(client);
            ForgetIfGone(client);
        }

        var awaited = _context.Awaited.Count;
        if (awaited != 0)
        {
            _context.Loop.CreateTimer(_context.Awaited.Clear).Restart(_context.Settings.StaleTime);
        }

        _delivery.KnowsWhatThereWas = true;
        return (restored, awaited);

        GatewayClient Returning(Jid jid, IReadOnlyList<IpAddress> proved)
        {
            GatewayClient client = ClientOf(jid);
            if (clients.Add(client) || !proved.SequenceEqual(client.Proved))
            {
                client.Proved = proved;
                Admit(client);
            }

            return client;
        }
    }

    private RememberedState Present()
    {
        IEnumerable<RememberedPublication> present = _clients.Values
            .SelectMany(static client => client.Leaves.Values, static (client, leaf) => (Client: client, Leaf: leaf))
            .Where(static publication => publication.Leaf.Vpn is not null)
            .OrderBy(static publication => publication.Leaf.Order)
            .Select(static publication => Publications.Remembered(publication.Client, publication.Leaf));
        return new(
            _context.Awaited.Values.Concat(present),
            _clients.Values.SelectMany(static client => client.Subscriptions.Values).Select(Subscriptions.Remembered));
    }
}
