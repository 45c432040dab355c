using PruneBuild.Diagnostics;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>Squared error of intermediate values, each over the parent's mean square so that deep and shallow ones weigh alike.</summary>
/// <param name="values">Value names.</param>
/// <param name="isolated">
/// Whether no gradient crosses the values, so that each block fits its own parent's output from the student's stream.
/// </param>
internal sealed class FeatureLoss(IReadOnlyList<string> values, bool isolated) : IDistillationLoss
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Values { get; } = values;

    /// <inheritdoc/>
    public IReadOnlySet<string>? Boundaries { get; } = isolated ? values.ToHashSet(StringComparer.Ordinal) : null;

    /// <inheritdoc/>
    public torch.Tensor Of(IReadOnlyDictionary<string, torch.Tensor> student, IReadOnlyDictionary<string, torch.Tensor> teacher, torch.Tensor? tokens)
    {
        var total = torch.zeros([], dtype: torch.ScalarType.Float32);
        foreach (var value in Values)
        {
            if (!student[value].shape.AsSpan().SequenceEqual(teacher[value].shape))
                throw new PruneBuildException("PB3010", value, string.Join(" x ", student[value].shape), string.Join(" x ", teacher[value].shape));
            var error = (student[value] - teacher[value]).square();
            var scale = teacher[value].square().mean().Plus(Scalars.Of(1e-12));
            total = total.Plus(error.mean() / scale);
        }
        return total / Scalars.Of(Values.Count);
    }
}
