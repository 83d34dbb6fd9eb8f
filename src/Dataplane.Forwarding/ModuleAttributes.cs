using System.Runtime.CompilerServices;

// Stack scratch of the fast path is written before it is read; zeroing it would cost as much as a small burst.
[module: SkipLocalsInit]
