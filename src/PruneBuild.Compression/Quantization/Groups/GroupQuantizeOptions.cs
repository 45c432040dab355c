using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>How to quantize a model's matrices in groups.</summary>
public sealed record GroupQuantizeOptions
{
    /// <summary>Bits and groups.</summary>
    public GroupFormat Format { get; init; } = new(4, 32, IsSymmetric: true);

    /// <summary>
    /// How levels are chosen. Where it says <see cref="IGroupQuantizer.ScalesFirst"/>, the caller runs <see cref="ActivationAwareScaling"/>
    /// before and passes on the statistics that it returns.
    /// </summary>
    public IGroupQuantizer Method { get; init; } = new RoundToNearest();

    /// <summary>
    /// What the operator may do with activations (its attribute <c>accuracy_level</c>): 0 keeps floats, 4 rounds them to int8 group by
    /// group, which is faster.
    /// </summary>
    public int AccuracyLevel { get; init; } = 4;

    /// <summary>Layers or weights to leave as they are: names, or globs with * and ?.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Layers that get 8 bits however many the others have: names or globs.</summary>
    public IReadOnlyList<string> EightBit { get; init; } = [];

    /// <summary>Whether the first and the last layer get 8 bits too.</summary>
    public bool ProtectFirstLast { get; init; }

    /// <summary>
    /// Bits of every layer, 4 or 8, or null to leave it as it is; wins over <see cref="Format"/>, <see cref="EightBit"/> and
    /// <see cref="ProtectFirstLast"/>. Null where those decide.
    /// </summary>
    public Func<WeightSite, int?>? Bits { get; init; }

    /// <summary>
    /// Whether biases take back what rounding takes from the mean output of layers whose inputs are known. A layer without a bias gets one, as an operand
    /// of the same operator.
    /// </summary>
    public bool BiasCorrection { get; init; }

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;
}
