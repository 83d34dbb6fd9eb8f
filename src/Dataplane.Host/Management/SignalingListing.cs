using System.Globalization;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp;
using Dataplane.Xmpp.Gateway;
using Microsoft.AspNetCore.Http;

namespace Dataplane.Host.Management;

/// <summary>
/// A question for clients of a gateway, or for what they have, answered in pages and in pieces: each visit of the routing thread takes about a millisecond,
/// what many there are of is sorted between two visits. A cursor is the client and the number of the item that come next.
/// </summary>
/// <typeparam name="THandle">Names an item.</typeparam>
/// <typeparam name="TView">What is told of it.</typeparam>
internal sealed class SignalingListing<THandle, TView>
    where TView : class
{
    private static readonly TimeSpan Visit = TimeSpan.FromMilliseconds(1);

    // Items between two looks at the clock, and the most that are sorted during a visit.
    private const int Stride = 64;

    private readonly GatewayAccess _access;
    private readonly Jid? _only;
    private readonly int _limit;
    private readonly (uint Client, long Number) _from;
    private readonly List<TView> _found = [];
    private PublisherId[] _clients = [];
    private THandle[]? _items;
    private bool _isSorted;
    private int _nextClient;
    private int _nextItem;

    /// <summary>The question of a request.</summary>
    public SignalingListing(GatewayAccess access, HttpContext context, params ReadOnlySpan<string> further)
    {
        _access = access;
        var query = new RequestQuery(context, ["limit", "cursor", .. further]);
        _limit = query.Limit();
        _only = query.Text("client") is not { } text ? null
            : Jid.TryParse(text, out Jid jid) ? jid : throw Problem.BadRequest($"'client': '{text}' is no address of an end-system.");
        if (query.Text("cursor") is { } cursor && !TryRead(cursor, out _from))
        {
            throw Problem.BadRequest($"'cursor': '{cursor}' is no cursor of an answer.");
        }
    }

    /// <summary>The items of a client; a new array, in no order.</summary>
    public required Func<SignalingGateway, PublisherId, THandle[]> ItemsOf { get; init; }

    /// <summary>The place of an item among those of its client.</summary>
    public required Func<THandle, long> NumberOf { get; init; }

    /// <summary>What is told of an item; null when it has gone.</summary>
    public required Func<SignalingGateway, THandle, TView?> ViewOf { get; init; }

    /// <summary>Looks until there are enough, or no more.</summary>
    /// <returns>The items, and the cursor of the next page; null without.</returns>
    public async Task<(IReadOnlyList<TView> Items, string? Cursor)> RunAsync(CancellationToken cancellation)
    {
        _clients = await _access.Loop.InvokeAsync(Clients);
        Array.Sort(_clients, static (one, other) => one.Value.CompareTo(other.Value));
        _nextClient = Array.FindIndex(_clients, client => client.Value >= _from.Client);
        while (_nextClient >= 0 && await _access.Loop.InvokeAsync(Look))
        {
            cancellation.ThrowIfCancellationRequested();
            Sort();
        }

        return (_found, Cursor());
    }

    private static bool TryRead(string text, out (uint Client, long Number) cursor)
    {
        cursor = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && uint.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out cursor.Client)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out cursor.Number);
    }

    private SignalingGateway Gateway =>
        _access.Signaling?.Gateway ?? throw Problem.NotFound("The gateway has no 'xmpp' in its configuration.");

    private PublisherId[] Clients() => _only is not { } jid ? Gateway.ClientIds : Gateway.ClientIdOf(jid) is { } id ? [id] : [];

    // True: there is more to look at.
    private bool Look()
    {
        TimeProvider time = _access.Loop.Time;
        var start = time.GetTimestamp();
        for (var looked = 1; _nextClient < _clients.Length && _found.Count < _limit; looked++)
        {
            if (_items is null)
            {
                _items = ItemsOf(Gateway, _clients[_nextClient]);
                _isSorted = false;
                if (_items.Length > Stride)
                {
                    return true;
                }

                Sort();
            }

            if (_nextItem == _items.Length)
            {
                _items = null;
                _nextClient++;
            }
            else if (ViewOf(Gateway, _items[_nextItem++]) is { } view)
            {
                _found.Add(view);
            }

            if (looked % Stride == 0 && time.GetElapsedTime(start) > Visit)
            {
                return true;
            }
        }

        return false;
    }

    private void Sort()
    {
        if (_items is null || _isSorted)
        {
            return;
        }

        Array.Sort(_items, (one, other) => NumberOf(one).CompareTo(NumberOf(other)));
        _isSorted = true;
        _nextItem = 0;
        if (_clients[_nextClient].Value == _from.Client)
        {
            while (_nextItem < _items.Length && NumberOf(_items[_nextItem]) < _from.Number)
            {
                _nextItem++;
            }
        }
    }

    private string? Cursor()
    {
        if (_nextClient >= 0 && _items is not null && _nextItem < _items.Length)
        {
            return Of(_nextClient, NumberOf(_items[_nextItem]));
        }

        var next = _nextClient + (_items is null ? 0 : 1);
        return _nextClient >= 0 && next < _clients.Length ? Of(next, 0) : null;

        string Of(int client, long number) => string.Create(CultureInfo.InvariantCulture, $"{_clients[client].Value}-{number}");
    }
}
