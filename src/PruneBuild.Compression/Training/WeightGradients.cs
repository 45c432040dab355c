namespace PruneBuild.Compression.Training;

/// <summary>How a model's loss depends on the elements of one weight, in the layout of the stored initializer.</summary>
/// <param name="Mean">The gradient of the mean loss.</param>
/// <param name="MeanSquare">The mean over the samples of the squared gradient: the diagonal of the empirical Fisher information.</param>
public sealed record WeightGradient(float[] Mean, float[] MeanSquare);

/// <summary>The gradients of some weights of a model.</summary>
public sealed class WeightGradients
{
    private readonly Dictionary<string, WeightGradient> byName;

    internal WeightGradients(Dictionary<string, WeightGradient> byName, long samples) => (this.byName, Samples) = (byName, samples);

    /// <summary>Samples that they are means of.</summary>
    public long Samples { get; }

    /// <summary>The gradient of an initializer, or null when it was not asked for or is not float.</summary>
    public WeightGradient? For(string weight) => byName.GetValueOrDefault(weight);
}
