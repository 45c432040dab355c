using PruneBuild.Graph;

namespace PruneBuild.Targeting;

/// <summary>The shapes of a model's layers, as the planner sees them. Reads no weights.</summary>
/// <param name="model">The model.</param>
/// <param name="sites">Its layers.</param>
/// <param name="batchSize">Activation rows of a layer whose input shape the graph does not give; samples of a Conv.</param>
internal sealed class LayerShapes(OnnxModel model, IReadOnlyList<WeightSite> sites, long batchSize)
{
    private readonly ActivationRows rows = new(model.Graph);
    private readonly SpatialSizes positions = new(model);

    private readonly long modelWeights = sites.DistinctBy(site => site.StoredName).Sum(site => (long)site.Outputs * site.Inputs);

    /// <summary>The shape of a layer, or null where the model does not give a Conv's output positions.</summary>
    public LayerShape? Of(WeightSite site)
    {
        var isConv = site.Kind == SiteKind.Conv;
        var batch = isConv
            ? rows.OfChannels(site.OutputName) ?? batchSize * positions.Of(site.OutputName)
            : rows.OfFeatures(site.InputName) ?? batchSize;
        if (batch is not { } count)
            return null;
        var shape = new LayerShape(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, count, site.Storage == WeightStorage.Int8PerOutput)
        {
            ModelWeights = modelWeights,
        };
        return !isConv ? shape : shape with
        {
            Channels = site.Channels,
            Activations = site.Channels * (long)site.Groups * (rows.OfChannels(site.InputName) ?? batchSize * positions.Of(site.InputName) ?? count),
        };
    }
}
