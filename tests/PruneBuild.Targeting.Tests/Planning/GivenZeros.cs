using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>Zeros as a test says them: a format that it does not name cannot pack the weights.</summary>
internal sealed class GivenZeros(LayerShape layer, params (string Format, double Sparsity)[] given) : LayerZeros
{
    public override PatternFit Of(PackedFormat format)
    {
        var isGiven = given.Any(entry => entry.Format == format.Name);
        var sparsity = given.FirstOrDefault(entry => entry.Format == format.Name).Sparsity;
        return new(sparsity, format.ExpectedCounts(layer.Outputs, layer.Inputs, sparsity), isGiven ? null : "not given");
    }
}

/// <summary>Weights without any zero.</summary>
internal sealed class DenseZeros(int outputs, int inputs) : LayerZeros
{
    private readonly WeightMatrix weights = WeightMatrix.FromSingles([.. Enumerable.Repeat(1f, outputs * inputs)], outputs, inputs);

    public override PatternFit Of(PackedFormat format) => format.Measure(weights);
}
