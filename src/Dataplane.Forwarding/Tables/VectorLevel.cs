namespace Dataplane.Forwarding.Tables;

/// <summary>Width of the vectors that lookups use. All levels give the same answers on every machine: what the machine
/// lacks, the runtime composes of narrower operations.</summary>
public enum VectorLevel
{
    /// <summary>One word at a time: the specification that the others are tested against.</summary>
    Scalar = 0,

    /// <summary>256 bits.</summary>
    Avx2 = 256,

    /// <summary>512 bits.</summary>
    Avx512 = 512,
}
