namespace PruneBuild.Compression.Calibration;

/// <summary>How to calibrate along an edited model.</summary>
public sealed record SequentialOptions
{
    /// <summary>Runs the dense model beside the edited one and gives <see cref="SequentialStep.Pairs"/>; twice the time.</summary>
    public bool Paired { get; init; }

    /// <summary>Threads of ONNX Runtime and of the statistics.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Folder for the activations on disk; they are removed afterwards, also on failure. The system's temporary folder by default.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}
