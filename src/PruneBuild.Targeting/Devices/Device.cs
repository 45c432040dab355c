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
/// <param name="DenseWeightsPerSecond">Rates of ONNX Runtime's own kernels, by weight precision: <c>fp32</c>, <c>int8</c>, <c>int4</c>.</param>
/// <param name="SparseWeightsPerSecond">Rates of the sparse kernels, by packed format (<see cref="Runtime.PackedFormat.Name"/>).</param>
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
    IReadOnlyDictionary<string, DenseRate> DenseWeightsPerSecond,
    IReadOnlyDictionary<string, SparseRates> SparseWeightsPerSecond);

/// <summary>Read bandwidth of main memory, bytes a second.</summary>
/// <param name="OneCore">One core alone.</param>
/// <param name="AllCores">All cores together.</param>
public sealed record MemoryBandwidth(Figure OneCore, Figure AllCores);

/// <summary>Time of a node that does no work, seconds.</summary>
/// <param name="BuiltIn">A node of ONNX Runtime.</param>
/// <param name="SparseMatMul">A custom node.</param>
public sealed record NodeOverhead(Figure BuiltIn, Figure SparseMatMul);

/// <summary>Rates of one dense kernel, weights a second on one core.</summary>
/// <param name="Gemv">One batch row.</param>
/// <param name="Batch">Many rows; multiply-adds a second.</param>
public sealed record DenseRate(Figure Gemv, Figure Batch);

/// <summary>Rates of one sparse kernel.</summary>
/// <param name="Gemv">One batch row.</param>
/// <param name="Batch">Many rows; dense-equivalent multiply-adds a second.</param>
public sealed record SparseRates(RateCurve Gemv, RateCurve Batch);
