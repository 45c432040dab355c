namespace PruneBuild.Compression.Criteria;

/// <summary>Decides which weights of a layer go, and what the others become.</summary>
public interface IPruningCriterion
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it needs statistics of the layer's input.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Prunes one weight; the same result for any number of threads.</summary>
    /// <exception cref="ArgumentException">Statistics are needed and missing, or do not fit the weight.</exception>
    PrunedLayer Prune(LayerProblem problem);
}
