namespace PruneBuild.Runtime;

/// <summary>Where the sections of a packed blob lie. A function of the shape and the block count alone, so a header cannot lie about it.</summary>
internal readonly record struct PackedLayout(
    int Groups, int UnitsPerRow, long GroupStarts, long Indices, long Blocks, long OutputScales, long ZeroPointSums, long TotalBytes)
{
    public const int HeaderBytes = 64;
    private const int Alignment = 64;

    /// <summary>Lays out a blob: header, u32 group starts, u16 block indexes, 32-byte blocks, then (int8) f32 scales and i32 zero-point sums.</summary>
    public static PackedLayout Of(PackedFormat format, int outputs, int inputs, long blocks)
    {
        long groups = (outputs + (long)PackedFormat.OutputsPerBlock - 1) / PackedFormat.OutputsPerBlock;
        long units = (inputs + (long)format.InputsPerBlock - 1) / format.InputsPerBlock;
        var perOutput = format.IsQuantized ? groups * PackedFormat.OutputsPerBlock * sizeof(float) : 0;
        long starts = HeaderBytes;
        var indices = Align(starts + (groups + 1) * sizeof(uint));
        var values = Align(indices + blocks * sizeof(ushort));
        var scales = Align(values + blocks * PackedFormat.BlockBytes);
        var sums = Align(scales + perOutput);
        return new((int)groups, (int)units, starts, indices, values, scales, sums, Align(sums + perOutput));
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
