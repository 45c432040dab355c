namespace PruneBuild.Runtime;

/// <summary>What the formats of single non-zeros share: an item is a non-zero weight, wherever it is (NaN counts as non-zero).</summary>
public abstract class UnstructuredFormat : PackedFormat
{
    private protected UnstructuredFormat(string name, int id) : base(name, id)
    {
    }

    /// <inheritdoc/>
    public override string Pattern => "unstructured";

    /// <inheritdoc/>
    public override bool QuantizesActivations => false;

    /// <inheritdoc/>
    public override int InputsPerUnit => 1;

    /// <inheritdoc/>
    public override int MaxInputs => 1 << 24;

    /// <inheritdoc/>
    public override PatternFit Measure(WeightMatrix weights)
    {
        var obstacle = weights.Inputs > MaxInputs ? $"{weights.Inputs} inputs are more than the format's {MaxInputs}"
            : Precision == WeightPrecision.FullPrecision && weights.Singles is null ? "the weights are int8"
            : null;
        var zeros = weights.Quantized is { } quantized ? quantized.Count(weight => weight == 0) : weights.Singles!.Count(weight => weight == 0);
        var all = (long)weights.Outputs * weights.Inputs;
        return new((double)zeros / all, new(all - zeros), obstacle);
    }

    /// <inheritdoc/>
    public override PackedCounts ExpectedCounts(int outputs, int inputs, double sparsity) => new((long)Math.Round((double)outputs * inputs * (1 - sparsity)));

    internal override (long Items, long Overflow) MaxCounts(int outputs, int inputs) => ((long)outputs * inputs, 0);
}
