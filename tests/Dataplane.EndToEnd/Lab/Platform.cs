using System.Runtime.Versioning;

// Network namespaces, packet sockets, DPDK: there is nothing here that another system could run.
[assembly: SupportedOSPlatform("linux")]
