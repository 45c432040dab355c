using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What the planner predicts for the layers it compared kernels for, added up.</summary>
/// <param name="Chosen">Microseconds of the kernels that ship.</param>
/// <param name="DenseFp32">Microseconds of ONNX Runtime's float kernels in their place.</param>
/// <param name="Layers">Layers that both sums are over.</param>
internal sealed record PredictedTimes(double Chosen, double DenseFp32, int Layers)
{
    private const string Dense = "dense.fp32";

    public static PredictedTimes Of(IReadOnlyList<ArtifactLayer> layers)
    {
        var pairs = layers
            .Select(layer => (Chosen: ChosenOf(layer), Dense: layer.Candidates.FirstOrDefault(candidate => candidate.Kernel.StartsWith(Dense, StringComparison.Ordinal))))
            .Where(pair => pair is { Chosen: not null, Dense: not null })
            .ToList();
        return new PredictedTimes(pairs.Sum(pair => pair.Chosen!.PredictedMicroseconds), pairs.Sum(pair => pair.Dense!.PredictedMicroseconds), pairs.Count);
    }

    /// <summary>The candidate that became the layer's kernel, or null when the layer never came to a comparison.</summary>
    public static ArtifactCandidate? ChosenOf(ArtifactLayer layer) =>
        layer.Candidates.FirstOrDefault(candidate => candidate.Kernel == layer.Kernel && candidate.Refused is null);
}
