namespace PruneBuild.Compression.Structured;

/// <summary>How to make the residual stream of a transformer narrower.</summary>
public sealed record HiddenSizeOptions
{
    /// <summary>Fraction of the channels to keep, 0 to 1; rounded up to <see cref="Align"/>.</summary>
    public double Remaining { get; init; } = 0.75;

    /// <summary>The kept width is a multiple of this; by default 64 where there are 256 channels or more, 8 for fewer.</summary>
    public int? Align { get; init; }

    /// <summary>The channels to keep instead of those of the highest importance; distinct.</summary>
    public IReadOnlyList<int>? Channels { get; init; }

    /// <summary>Whether the scale of every normalization makes up for the mean over fewer channels.</summary>
    public bool CorrectScales { get; init; } = true;

    /// <summary>Threads of ONNX Runtime.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Folder for activations on disk; they are removed afterwards, also on failure. The system's temporary folder by default.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}

/// <summary>What happened to the scale of a normalization.</summary>
/// <param name="Name">The node that applies it.</param>
/// <param name="Factor">What it was multiplied by; null when it was left alone.</param>
/// <param name="Reason">Why it was left alone though a factor was wanted, or null.</param>
public sealed record ScaleReport(string Name, double? Factor, string? Reason);

/// <summary>A narrower residual stream.</summary>
/// <param name="Channels">Channels before.</param>
/// <param name="Kept">Channels that stay, ascending.</param>
/// <param name="Importance">Of every channel before; higher is more important.</param>
/// <param name="Scales">One report a normalization.</param>
/// <param name="Macs">Multiply-accumulates before and after, sizes known only at run time taken as 1.</param>
/// <param name="Bytes">Bytes of all initializers before and after.</param>
public sealed record HiddenSizeReport(
    int Channels, IReadOnlyList<int> Kept, IReadOnlyList<double> Importance, IReadOnlyList<ScaleReport> Scales, (long Before, long After) Macs,
    (long Before, long After) Bytes);
