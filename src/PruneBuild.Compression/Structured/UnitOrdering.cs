using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// Sorts the units of a class by importance inside the model, which computes the same afterwards; any narrower model is then the
/// first so many units (Muralidharan et al. 2024, Minitron).
/// </summary>
public static class UnitOrdering
{
    /// <summary>Units from the most to the least important; ties by index.</summary>
    public static IReadOnlyList<int> Descending(IReadOnlyList<double> scores) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(unit => scores[unit]).ThenBy(unit => unit)];

    /// <summary>Reorders a class; classes must be analyzed anew afterwards.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3020: the class is frozen.</exception>
    public static void Sort(OnnxModel model, DimensionClass @class, IReadOnlyList<double> scores) =>
        DimensionEdit.Select(model, @class, Descending(scores));
}
