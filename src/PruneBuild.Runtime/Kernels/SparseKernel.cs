namespace PruneBuild.Runtime;

/// <summary>How many rows of activations a kernel is made for; each computes any number of rows.</summary>
public enum RowBucket
{
    /// <summary>One row (decode).</summary>
    One,

    /// <summary>2 to 15 rows (small batches).</summary>
    Few,

    /// <summary>16 rows or more (prefill, encoders, convolutions).</summary>
    Many,
}

/// <summary>What a kernel takes as activations.</summary>
/// <param name="PanelRows">
/// 0: rows, float or quantized as the format says. Else panels of that many rows, transposed: [panel, inputs, PanelRows] floats,
/// rows beyond the last as zeros.
/// </param>
internal readonly record struct ActivationLayout(int PanelRows)
{
    public static ActivationLayout Rows => default;
}

/// <summary>One registered kernel. Not a record: the Native AOT compiler fails on a record's printing of a function pointer.</summary>
/// <param name="format">The name of the packed format.</param>
/// <param name="tier">The instruction set it needs.</param>
/// <param name="rows">What it is made for.</param>
/// <param name="run">Multiplies rows [row, rowEnd) by groups [group, groupEnd).</param>
/// <param name="convolve">The same with <see cref="SparseJob.Offsets"/>, or null when the format cannot.</param>
internal sealed unsafe class SparseKernel(
    string format, KernelTier tier, RowBucket rows, delegate*<SparseJob*, int, int, int, int, void> run, delegate*<SparseJob*, int, int, int, int, void> convolve = null)
{
    public string Format { get; } = format;

    public KernelTier Tier { get; } = tier;

    public RowBucket Rows { get; } = rows;

    public delegate*<SparseJob*, int, int, int, int, void> Run { get; } = run;

    public delegate*<SparseJob*, int, int, int, int, void> Convolve { get; } = convolve;

    public ActivationLayout Layout { get; init; }
}
