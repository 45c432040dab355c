namespace PruneBuild.Evaluation.Scorers;

/// <summary>Two embeddings: of two texts that were judged for similarity, or of one text by parent and candidate.</summary>
/// <param name="First">The one vector.</param>
/// <param name="Second">The other, of the same length.</param>
/// <param name="Similarity">How similar people find the two, on any scale; only for <c>sts.spearman</c>.</param>
public sealed record EmbeddingPair(IReadOnlyList<float> First, IReadOnlyList<float> Second, double? Similarity = null);
