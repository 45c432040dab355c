using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>The removal of whole residual blocks, before anything else is pruned.</summary>
/// <param name="Blocks">How many go.</param>
/// <param name="At">Where the recipe says so.</param>
public sealed record DepthStep(int Blocks, SourceLocation At)
{
    /// <summary>The way that <see cref="Compression.Depth.BlockInfluence"/> alone decides.</summary>
    public const string Influence = "block-influence";

    /// <summary>loss or block-influence.</summary>
    public string By { get; init; } = "loss";

    /// <summary>Only so many blocks, those of the least influence, are tried; null for all.</summary>
    public int? Candidates { get; init; }
}
