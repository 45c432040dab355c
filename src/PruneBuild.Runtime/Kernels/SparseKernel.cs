namespace PruneBuild.Runtime;

/// <summary>How many rows of activations a kernel takes at once.</summary>
public enum RowBucket
{
    /// <summary>One row (decode).</summary>
    One,

    /// <summary>A multiple of four rows (batch, sequence).</summary>
    Four,
}

/// <summary>One registered kernel. Not a record: the Native AOT compiler fails on a record's printing of a function pointer.</summary>
/// <param name="format">The name of the packed format.</param>
/// <param name="tier">The instruction set it needs.</param>
/// <param name="rows">Rows at once.</param>
/// <param name="run">Multiplies rows [row, rowEnd) by groups [group, groupEnd).</param>
internal sealed unsafe class SparseKernel(string format, KernelTier tier, RowBucket rows, delegate*<SparseJob*, int, int, int, int, void> run)
{
    public string Format { get; } = format;

    public KernelTier Tier { get; } = tier;

    public RowBucket Rows { get; } = rows;

    public delegate*<SparseJob*, int, int, int, int, void> Run { get; } = run;
}
