namespace PruneBuild.Compression.Calibration;

/// <summary>How to calibrate.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Threads of ONNX Runtime and of the statistics.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Bytes that weights, activations of one batch and statistics may take together. Where the whole model needs more, it runs in
    /// segments. The statistics are the same for any budget.
    /// </summary>
    public long MemoryBudget { get; init; } = long.MaxValue;

    /// <summary>Folder for activations on disk; they are removed afterwards, also on failure. The system's temporary folder by default.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}

/// <summary>How a model was calibrated.</summary>
/// <param name="Segments">Segments that ran one after the other; 1 for the whole graph at once.</param>
/// <param name="SpooledBytes">Bytes that waited on disk between them for one batch, model inputs not counted.</param>
/// <param name="Reason">Why a segment needed more than the budget, or null.</param>
public sealed record CalibrationRun(int Segments, long SpooledBytes, string? Reason);
