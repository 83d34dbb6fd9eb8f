namespace Dataplane.Host.Bench.Report;

/// <summary>The page's style sheet. No child combinators: the page is written as XML, which would escape them.</summary>
internal static class ReportStyle
{
    /// <summary>The sheet; colours that stay apart for colour-blind readers, in light and dark.</summary>
    public const string Text = """
        :root { color-scheme: light dark; --bg: #fbfbfa; --card: #ffffff; --ink: #1d2329; --dim: #5a6570; --line: #dde1e5; --accent: #1b6ca8;
          --soft: #e7f0f8; --warn: #8a4b00; --warnbg: #fdf3e1;
          --s0: #1b6ca8; --s1: #d1730f; --s2: #2b8a5b; --s3: #a34b86; --s4: #8a7410; --s5: #b23b3b; --s6: #4d5bb0; --s7: #5b6b73; --on: #ffffff; }
        @media (prefers-color-scheme: dark) { :root { --bg: #14181c; --card: #1b2126; --ink: #e8ecef; --dim: #9aa6b0; --line: #343d45; --accent: #6db3e8;
          --soft: #1f3346; --warn: #f0bd72; --warnbg: #33280f;
          --s0: #5fa8e0; --s1: #f0a04a; --s2: #5fc492; --s3: #d68fc0; --s4: #cdb84f; --s5: #ec8080; --s6: #98a4f0; --s7: #a9b7bf; --on: #10151a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 26px; margin: 0 0 4px; letter-spacing: -0.01em; }
        h2 { font-size: 18px; margin: 0 0 10px; }
        p { margin: 6px 0; max-width: 78ch; }
        .dim, figcaption { color: var(--dim); }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-top: 18px; }
        .badges { display: flex; flex-wrap: wrap; gap: 8px; margin: 10px 0 0; padding: 0; list-style: none; }
        .badges li { border: 1px solid var(--line); border-radius: 99px; padding: 1px 12px; font-size: 13px; background: var(--card); }
        .badges .warn, .note { background: var(--warnbg); color: var(--warn); border-color: var(--warn); }
        .note { border-left: 4px solid var(--warn); border-radius: 4px; padding: 8px 14px; margin-top: 14px; }
        .note ul { margin: 4px 0; padding-left: 20px; }
        figure { margin: 8px 0 14px; }
        figcaption { font-size: 13px; margin-top: 4px; max-width: 90ch; }
        svg { width: 100%; height: auto; display: block; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        .grid2 { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 8px 18px; }
        text { fill: var(--ink); }
        .tick, .axis { fill: var(--dim); }
        .mid { text-anchor: middle; } .end { text-anchor: end; }
        .value { font-weight: 600; font-size: 13px; }
        .on { fill: var(--on); font-size: 11px; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .bar { fill: var(--s0); opacity: 0.82; }
        .atleast { fill: none; stroke: var(--s0); stroke-width: 1.6; stroke-dasharray: 5 4; opacity: 1; }
        .whisker { stroke: var(--ink); stroke-width: 1.6; fill: none; }
        .dot { fill: var(--card); stroke: var(--ink); stroke-width: 1.2; }
        .series polyline { fill: none; stroke: currentColor; stroke-width: 2; } .series { fill: currentColor; }
        .stage { fill: currentColor; } .stage .on { fill: var(--on); }
        .s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); }
        .s4 { color: var(--s4); } .s5 { color: var(--s5); } .s6 { color: var(--s6); } .s7 { color: var(--s7); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 4px 0; padding: 0; font-size: 13px; }
        .legend span { font-size: 15px; margin-right: 6px; }
        .scroll { overflow-x: auto; margin-top: 6px; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
        caption { text-align: left; color: var(--dim); padding: 4px 0; }
        th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        thead th { color: var(--dim); font-weight: 600; }
        .n { font-variant-numeric: tabular-nums; white-space: nowrap; }
        code, pre { font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
        pre { background: var(--soft); padding: 10px 12px; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 6px 0; }
        details { margin-top: 10px; } summary { cursor: pointer; color: var(--accent); }
        .wide { min-width: 26em; } .word { min-width: 9em; }
        .digest { overflow-wrap: anywhere; }
        @media print { section { break-inside: avoid; } }
        """;
}
