namespace PruneBuild.Compression.Structured;

/// <summary>How important each unit of a class is.</summary>
public interface IUnitCriterion
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="Score"/> needs statistics of the inputs of the sites.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Whether <see cref="Score"/> needs the gradients of the sites' weights.</summary>
    bool NeedsGradients => false;

    /// <summary>Scores the units; higher is more important.</summary>
    /// <returns>[units], or null when what the criterion needs is not there.</returns>
    double[]? Score(CoupledUnits units);
}
