using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Compression.Structured;

/// <summary>A weight that makes or contracts the units of a class.</summary>
/// <param name="Site">The layer.</param>
/// <param name="Lines">For each unit its rows (of a producer) or columns (of a consumer) in the site's matrix [outputs, inputs].</param>
/// <param name="Matrix">A copy of the weight, [outputs, inputs].</param>
/// <param name="Statistics">Of the layer's input; null without calibration or when the layer was not reached.</param>
/// <param name="Gradient">Of the stored weight, in its layout; null where there is none.</param>
public sealed record UnitSite(
    WeightSite Site, IReadOnlyList<IReadOnlyList<int>> Lines, float[] Matrix, InputStatistics? Statistics, WeightGradient? Gradient = null);

/// <summary>The weights around the units of a class, as matrices.</summary>
/// <param name="Class">The class.</param>
/// <param name="Producers">Weights whose rows are units.</param>
/// <param name="Consumers">Weights whose columns are units.</param>
public sealed record CoupledUnits(DimensionClass Class, IReadOnlyList<UnitSite> Producers, IReadOnlyList<UnitSite> Consumers)
{
    /// <summary>Finds the sites of a class.</summary>
    /// <param name="model">The model the class was found in.</param>
    /// <param name="class">The class.</param>
    /// <param name="sites">All sites of the model.</param>
    /// <param name="statistics">Of the dense model, or null.</param>
    /// <param name="gradients">Of the dense model, or null.</param>
    public static CoupledUnits Of(
        OnnxModel model, DimensionClass @class, IReadOnlyList<WeightSite> sites, CalibrationStatistics? statistics, WeightGradients? gradients = null)
    {
        var (producers, consumers) = (new List<UnitSite>(), new List<UnitSite>());
        foreach (var site in sites)
        {
            foreach (var member in @class.Members.Where(member => member.Tensor == site.StoredName))
            {
                var isOutput = member.Axis == OutputAxis(model, site);
                var lines = Enumerable.Range(0, @class.Size)
                    .Select(unit => (IReadOnlyList<int>)[.. member.Indices(unit).SelectMany(index => isOutput ? [index] : Columns(site, index))]).ToList();
                (isOutput ? producers : consumers).Add(
                    new UnitSite(site, lines, site.ReadMatrix(model), Whole(site, statistics), gradients?.For(site.StoredName)));
            }
        }
        return new CoupledUnits(@class, producers, consumers);
    }

    private static int OutputAxis(OnnxModel model, WeightSite site) => site.Transposed ? model.Weights[site.StoredName].Shape.Count - 1 : 0;

    private static IEnumerable<int> Columns(WeightSite site, int channel) =>
        Enumerable.Range(0, site.KernelPositions).Select(position => (position * site.Channels) + channel);

    // The groups of a convolution see different inputs; no criterion mixes them.
    private static InputStatistics? Whole(WeightSite site, CalibrationStatistics? statistics) =>
        site.Groups == 1 && statistics?.For(site) is { Reason: null } found ? InputStatistics.Merged([found.Fit[0], found.HoldOut[0]]) : null;
}
