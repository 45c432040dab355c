using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>What the packed formats would skip in the weights of one layer.</summary>
public abstract class LayerZeros
{
    /// <summary>What this format would skip, and what would keep it from packing the weights.</summary>
    public abstract PatternFit Of(PackedFormat format);
}

/// <summary>The zeros that the weights have. A format is measured when it is asked for: most never are.</summary>
/// <param name="weights">The matrix.</param>
public sealed class MeasuredZeros(WeightMatrix weights) : LayerZeros
{
    private readonly Dictionary<PackedFormat, PatternFit> fits = [];

    /// <inheritdoc/>
    public override PatternFit Of(PackedFormat format) =>
        fits.TryGetValue(format, out var fit) ? fit : fits[format] = format.Measure(weights);
}

/// <summary>Zeros that the weights would have once they are pruned: nothing is read.</summary>
/// <param name="pattern">What they are pruned to; null when each format may get the pattern it is made for.</param>
/// <param name="sparsity">Fraction of zeros, 0 to 1. A pattern N:M fixes its own.</param>
/// <param name="outputs">Rows.</param>
/// <param name="inputs">Columns.</param>
public sealed class AssumedZeros(ZeroPattern? pattern, double sparsity, int outputs, int inputs) : LayerZeros
{
    /// <inheritdoc/>
    public override PatternFit Of(PackedFormat format)
    {
        var own = ZeroPattern.Parse(format.Pattern);
        var kept = own.FixedSparsity ?? sparsity;
        var obstacle = inputs > format.MaxInputs ? $"{inputs} inputs are more than the format's {format.MaxInputs}"
            : pattern is not null && !own.SkipsZerosOf(pattern) ? $"weights pruned to {pattern} have no zeros that {own} skips"
            : pattern is null && kept > sparsity ? $"{own} has more zeros than the sparsity allows"
            : null;
        return new(kept, format.ExpectedCounts(outputs, inputs, kept), obstacle);
    }
}
