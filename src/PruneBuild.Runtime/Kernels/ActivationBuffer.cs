namespace PruneBuild.Runtime;

/// <summary>
/// What a kernel reads instead of, or beside, the rows of x: their scales, and quantized rows or transposed panels.
/// A row scale of NaN marks a row with a NaN or an infinity.
/// </summary>
internal readonly unsafe struct ActivationBuffer
{
    private const int Alignment = 64;

    private readonly PackedWeights packed;
    private readonly ActivationLayout layout;
    private readonly int rows;
    private readonly nint scaleBytes;
    private readonly nint quantizedStride;

    public ActivationBuffer(PackedWeights packed, ActivationLayout layout, int rows)
    {
        (this.packed, this.layout, this.rows) = (packed, layout, rows);
        scaleBytes = Align((nint)rows * sizeof(float));
        quantizedStride = packed.Format.QuantizesActivations ? (nint)packed.Format.Units(packed.Inputs) * packed.Format.InputsPerUnit : 0;
        BytesPerRow = packed.Format.QuantizesActivations ? quantizedStride : (nint)packed.Inputs * sizeof(float);
        var panelRows = layout.PanelRows == 0 ? 0 : (nint)(rows + layout.PanelRows - 1) / layout.PanelRows * layout.PanelRows;
        Bytes = Alignment + scaleBytes + rows * quantizedStride + panelRows * packed.Inputs * sizeof(float);
    }

    /// <summary>Scratch to hand to <see cref="Prepare"/>.</summary>
    public nint Bytes { get; }

    /// <summary>Activations that a kernel reads for one row.</summary>
    public nint BytesPerRow { get; }

    /// <summary>Fills the scratch from x and points the job at it.</summary>
    public void Prepare(float* x, byte* scratch, SparseJob* job)
    {
        scratch = (byte*)Align((nint)scratch);
        job->RowScales = (float*)scratch;
        job->Quantized = scratch + scaleBytes;
        job->QuantizedStride = quantizedStride;
        job->X = x;
        job->XStride = packed.Inputs;
        for (var row = 0; row < rows; row++)
        {
            var source = x + (nint)row * packed.Inputs;
            var scale = 1f;
            var isFinite = packed.Format.QuantizesActivations
                ? ActivationQuantizer.Quantize(source, packed.Inputs, job->Quantized + row * quantizedStride, (int)quantizedStride, out scale)
                : ActivationQuantizer.IsFinite(new(source, packed.Inputs));
            job->RowScales[row] = isFinite ? scale : float.NaN;
        }

        if (layout.PanelRows == 0)
            return;
        var panels = (float*)(job->Quantized + rows * quantizedStride);
        PanelTransposition.Fill(x, rows, packed.Inputs, layout.PanelRows, panels);
        job->X = panels;
        job->XStride = 0;
    }

    private static nint Align(nint offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
