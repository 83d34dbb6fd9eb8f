using System.Collections.Concurrent;
using System.Globalization;

namespace Dataplane.Host.Bench;

/// <summary>
/// Where a bench is, for people: one line that is rewritten on a terminal, a line per change elsewhere, nothing when quiet.
/// The measuring thread only stores a text; another one shows it.
/// </summary>
internal sealed class BenchProgress : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private readonly TextWriter _output;
    private readonly bool _rewrites;
    private readonly bool _quiet;
    private readonly DateTime _started = DateTime.UtcNow;
    private readonly ConcurrentQueue<string> _unseen = new();
    private volatile string _text = "";
    private string _shown = "";

    /// <summary>Prepares it.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="isTerminal">Whether lines can be rewritten there.</param>
    /// <param name="quiet">Write nothing.</param>
    public BenchProgress(TextWriter output, bool isTerminal, bool quiet)
    {
        _output = output;
        _rewrites = isTerminal;
        _quiet = quiet;
    }

    /// <summary>Says where things are, between trials. Any thread.</summary>
    public void Say(string text)
    {
        _text = text;
        if (!_rewrites && !_quiet)
            _unseen.Enqueue(text);
    }

    /// <summary>Shows until <paramref name="isDone"/>.</summary>
    public void ShowWhile(Func<bool> isDone)
    {
        while (!isDone())
        {
            Show();
            Thread.Sleep(Period);
        }
        Show();
    }

    /// <summary>Ends the line.</summary>
    public void Dispose()
    {
        if (!_quiet && _rewrites && _shown.Length > 0)
            _output.Write("\r\x1b[K");
        _output.Flush();
    }

    private void Show()
    {
        if (_quiet)
            return;
        if (_rewrites)
        {
            _shown = _text;
            if (_shown.Length != 0)
                _output.Write($"\r\x1b[K{Line(_shown)}");
        }
        else
        {
            // A trial may be shorter than the period: whoever reads a log gets all of them.
            while (_unseen.TryDequeue(out string? text))
                _output.WriteLine(Line(text));
        }
        _output.Flush();
    }

    private string Line(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"[{(DateTime.UtcNow - _started).TotalSeconds,4:F0} s] {text}");
}
