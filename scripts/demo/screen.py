"""Everything the demo prints. Colours and redrawing only on a terminal that wants them."""

import os
import sys

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def bold(text):
    return paint("1", text)


def dim(text):
    return paint("2", text)


class Report:
    """Sections of proofs, one line each."""

    def __init__(self):
        self.passed = self.failed = 0

    def section(self, title):
        print(f"\n{bold(title)}", flush=True)

    def proof(self, holds, label, detail):
        mark = paint("32", "ok  ") if holds else paint("1;31", "FAIL")
        print(f"  {mark}  {label:<44} {dim(detail)}", flush=True)
        if holds:
            self.passed += 1
        else:
            self.failed += 1

    def note(self, text):
        print(f"        {dim(text)}", flush=True)


def rate(value, unit):
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:6.2f} {prefix}{unit}"
    return f"{value:6.0f} {unit}"


class Rates:
    """The live table: one row per VPN and forwarder. On a terminal it redraws in place."""

    def __init__(self):
        self.lines = 0

    def show(self, rows, footer):
        """rows: [(forwarder, vrf, sent pps, sent bit/s, received pps, received bit/s)]."""
        lines = [bold(f"  {'':5} {'VPN':<9} {'into tunnels':>27} {'out of tunnels':>27}")]
        for forwarder, vrf, *values in rows:
            shown = [rate(values[0], "pps"), rate(values[1], "bit/s"), rate(values[2], "pps"), rate(values[3], "bit/s")]
            colour = {"red": "31", "blue": "34", "green": "32"}.get(vrf, "0")
            lines.append(f"  {forwarder:5} {paint(colour, f'{vrf:<9}')} {shown[0]:>12} {shown[1]:>14} {shown[2]:>12} {shown[3]:>14}")
        lines.append(dim(f"  {footer}"))
        if COLOUR and self.lines:
            sys.stdout.write(f"\033[{self.lines}A")
        sys.stdout.write("".join(("\033[2K" if COLOUR else "") + line + "\n" for line in lines))
        sys.stdout.flush()
        self.lines = len(lines)
