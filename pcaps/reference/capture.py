"""Classic pcap files (little endian, microseconds, LINKTYPE_ETHERNET), written without any clock or host detail."""
import struct

EPOCH = 1_700_000_000          # capture time of every case starts here, in seconds
STEP = 10_000                  # default distance of two input packets, in microseconds

_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


def capture_bytes(frames):
    """frames: iterable of (microseconds since EPOCH, frame bytes)."""
    parts = [_FILE_HEADER]
    for micros, frame in frames:
        parts.append(struct.pack("<IIII", EPOCH + micros // 1_000_000, micros % 1_000_000, len(frame), len(frame)))
        parts.append(frame)
    return b"".join(parts)
