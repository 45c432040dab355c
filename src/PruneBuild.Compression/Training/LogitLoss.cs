using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// T² KL(softmax(z_t/T) ‖ softmax(z_s/T)) over the last dimension, averaged over cases or tokens (Hinton, Vinyals and Dean 2015).
/// </summary>
/// <param name="logits">The value that holds the logits, [N, C] or [N, T, V].</param>
/// <param name="temperature">T.</param>
internal sealed class LogitLoss(string logits, double temperature) : IDistillationLoss
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Values { get; } = [logits];

    /// <inheritdoc/>
    public IReadOnlySet<string>? Boundaries => null;

    /// <inheritdoc/>
    public torch.Tensor Of(IReadOnlyDictionary<string, torch.Tensor> student, IReadOnlyDictionary<string, torch.Tensor> teacher, torch.Tensor? tokens)
    {
        var (heat, square) = (Scalars.Of(temperature), Scalars.Of(temperature * temperature));
        var own = (student[logits] / heat).log_softmax(-1);
        var target = (teacher[logits] / heat).log_softmax(-1);
        var divergence = (target.exp() * (target - own)).sum(-1) * square;
        return tokens is null ? divergence.mean() : (divergence * tokens).sum() / tokens.sum().clamp(min: Scalars.Of(1));
    }
}
