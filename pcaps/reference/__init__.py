"""The reference side of the golden cases: frames and counters worked out from the specification with scapy."""
