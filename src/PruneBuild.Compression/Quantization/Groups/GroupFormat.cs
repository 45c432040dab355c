using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Weights of few bits whose scale is shared by a group of consecutive inputs of one output: what ONNX Runtime's
/// <c>MatMulNBits</c> reads (com.microsoft operator specification).
/// </summary>
/// <param name="Bits">4 or 8.</param>
/// <param name="GroupSize">Inputs of a group: a power of two from 16 to 256. The last group of an output may be shorter.</param>
/// <param name="IsSymmetric">Whether the zero point is the middle of the levels; otherwise every group has its own.</param>
public sealed record GroupFormat(int Bits, int GroupSize, bool IsSymmetric)
{
    private const int SmallestGroup = 16;
    private const int LargestGroup = 256;

    /// <summary>The highest level; the lowest is 0.</summary>
    public int HighestLevel => (1 << Bits) - 1;

    /// <summary>The level that stands for 0 where groups have no zero point.</summary>
    public int Middle => 1 << (Bits - 1);

    /// <summary>Groups of an output.</summary>
    public int Groups(int inputs) => (inputs + GroupSize - 1) / GroupSize;

    /// <summary>Bits that a weight takes, scales of 32 bits and zero points of <see cref="Bits"/> included.</summary>
    public double BitsPerWeight => Bits + ((32.0 + (IsSymmetric ? 0 : Bits)) / GroupSize);

    /// <summary>Refuses what no operator reads.</summary>
    /// <exception cref="PruneBuildException">PB1012: neither 4 nor 8 bits, or a group size that is no power of two from 16 to 256.</exception>
    public GroupFormat Checked() =>
        Bits is not (4 or 8) ? throw new PruneBuildException("PB1012", Bits, "bits", "use 4 or 8")
        : GroupSize is < SmallestGroup or > LargestGroup || (GroupSize & (GroupSize - 1)) != 0
            ? throw new PruneBuildException("PB1012", GroupSize, "group", $"use a power of two from {SmallestGroup} to {LargestGroup}")
        : this;
}
