using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Calibration;

/// <summary>The sizes of a model's values, which few models declare.</summary>
internal static class ValueSizes
{
    /// <summary>Bytes of every tensor that the targets need, of the first batch; the model runs from one target to the next.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stream">Its batches; stays where it is.</param>
    /// <param name="targets">Values of the model.</param>
    /// <param name="cancellation">Observed between segments.</param>
    public static IReadOnlyDictionary<string, long> Measure(
        OnnxModel model, ActivationStream stream, IReadOnlyList<string> targets, CancellationToken cancellation)
    {
        var flow = new DataFlow(model);
        var order = targets.OrderBy(flow.Producer).ToList();
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        using var first = stream.Twin(model, mostBatches: 1);
        foreach (var input in model.Graph.Input.Where(input => first.Has(input.Name)))
        {
            using var value = first.Read(input.Name, 0);
            sizes[input.Name] = value.GetTensorMutableRawData().Length;
        }
        for (var index = 0; index < order.Count; index++)
        {
            first.Advance(new StreamRequest([order[index]], order[(index + 1)..]) { VisitAll = true },
                (name, _, value) => sizes[name] = value.GetTensorMutableRawData().Length, cancellation);
        }
        return sizes;
    }
}
