namespace PruneBuild.Targeting;

/// <summary>
/// The facts about a target that kernels are chosen by. Rates are those of weights in the cache, for one core, in
/// dense-equivalent weights a second: one multiply-add for each weight and batch row.
/// </summary>
/// <param name="Id">Unique name, e.g. <c>raspberry-pi-5</c>.</param>
/// <param name="Rid">Runtime identifier that the device is built for.</param>
/// <param name="IsDefault">Whether it stands for its RID when no device is named. One device of a RID does.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Cores">Cores that share <see cref="MemoryBandwidth.AllCores"/>.</param>
/// <param name="IsaTiers">Kernel tiers the device has, best first, e.g. <c>avx2</c>.</param>
/// <param name="SaturatesInt8">
/// Whether unsigned times signed byte products saturate at 16 bits (x64 without VNNI, <c>vpmaddubsw</c>). Dense int8
/// weights must then stay within 7 bits, or the device answers otherwise than the model.
/// </param>
/// <param name="BandwidthBytesPerSecond">Read bandwidth of main memory.</param>
/// <param name="LastLevelCacheBytes">Size of the last cache before main memory.</param>
/// <param name="NodeOverheadSeconds">Time of a graph node that does no work.</param>
/// <param name="QuantizeSecondsPerElement">Time to quantize one activation, sparse kernels' and ONNX Runtime's alike.</param>
/// <param name="TransposeSecondsPerElement">Time to move one activation between channels-first and channels-last.</param>
/// <param name="DenseWeightsPerSecond">Rates of ONNX Runtime's own kernels, by weight precision: <c>fp32</c>, <c>int8</c>, <c>int4</c>.</param>
/// <param name="SparseWeightsPerSecond">Rates of the sparse kernels, by packed format (<see cref="Runtime.PackedFormat.Name"/>). A format without rates is not used.</param>
public sealed record Device(
    string Id,
    string Rid,
    bool IsDefault,
    string Description,
    Figure Cores,
    IReadOnlyList<string> IsaTiers,
    bool SaturatesInt8,
    MemoryBandwidth BandwidthBytesPerSecond,
    Figure LastLevelCacheBytes,
    NodeOverhead NodeOverheadSeconds,
    Figure QuantizeSecondsPerElement,
    Figure TransposeSecondsPerElement,
    IReadOnlyDictionary<string, DenseRate> DenseWeightsPerSecond,
    IReadOnlyDictionary<string, SparseRates> SparseWeightsPerSecond)
{
    /// <summary>Formats whose rates follow from another device's. The catalogue resolves them into <see cref="SparseWeightsPerSecond"/>.</summary>
    public IReadOnlyList<DerivedRates> DerivedSparseRates { get; init; } = [];

    /// <summary>Whether its cores compute with float16 (FEAT_FP16 of Armv8.2); where they do not, every read of one is a conversion.</summary>
    public bool HasHalfArithmetic { get; init; }

    /// <summary>Whether models can be planned for the device, but not built: ONNX Runtime's package for it is none that a build can use.</summary>
    public bool IsPlanOnly { get; init; }
}

/// <summary>Read bandwidth of main memory, bytes a second.</summary>
/// <param name="OneCore">One core alone.</param>
/// <param name="AllCores">All cores together.</param>
public sealed record MemoryBandwidth(Figure OneCore, Figure AllCores);

/// <summary>Time of a node that does no work, seconds.</summary>
/// <param name="BuiltIn">A node of ONNX Runtime.</param>
/// <param name="SparseMatMul">A custom node.</param>
public sealed record NodeOverhead(Figure BuiltIn, Figure SparseMatMul);

/// <summary>Rates of one dense kernel, multiply-adds a second on one core.</summary>
/// <param name="One">One row.</param>
/// <param name="Few">2 to 15 rows.</param>
/// <param name="Many">16 rows or more.</param>
public sealed record DenseRate(Figure One, Figure Few, Figure Many);

/// <summary>Rates of one sparse kernel, dense-equivalent multiply-adds a second on one core.</summary>
/// <param name="One">One row.</param>
/// <param name="Few">2 to 15 rows.</param>
/// <param name="Many">16 rows or more.</param>
public sealed record SparseRates(RateCurve One, RateCurve Few, RateCurve Many)
{
    /// <summary>The rates of a device that is slower or faster throughout.</summary>
    /// <param name="times">Factor for one row.</param>
    /// <param name="timesRows">Factor for more rows.</param>
    /// <param name="source">As <see cref="Figure.Source"/>.</param>
    public SparseRates Scaled(double times, double timesRows, string source) =>
        new(One.Scaled(times, source), Few.Scaled(timesRows, source), Many.Scaled(timesRows, source));
}

/// <summary>Rates that are those of another device times a factor.</summary>
/// <param name="Like">Id of the other device.</param>
/// <param name="Formats">Names of packed formats.</param>
/// <param name="Times">The factor.</param>
/// <param name="Source">As <see cref="Figure.Source"/>.</param>
/// <param name="TimesRows">The factor for two rows or more; null for <paramref name="Times"/>.</param>
public sealed record DerivedRates(string Like, IReadOnlyList<string> Formats, double Times, string Source, double? TimesRows = null);
