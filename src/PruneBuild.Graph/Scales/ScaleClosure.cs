using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Graph.Scales;

/// <summary>
/// Finds where a positive scale of every channel can move between the weights before and after it without changing what a model
/// returns (positive homogeneity; Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
/// section 4.1, here for any graph): every operator says whether it passes a scale on, takes it in or pins it.
/// </summary>
public static class ScaleClosure
{
    /// <summary>
    /// The groups that something makes and something reads, in the order of the nodes that make them, and those that are pinned. The values of
    /// attention heads are found by <see cref="ValuePath"/>.
    /// </summary>
    public static IReadOnlyList<ScaleGroup> Analyze(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        var order = model.Graph.Node.Select((node, position) => (Output: node.Output.FirstOrDefault() ?? "", position))
            .DistinctBy(pair => pair.Output).ToDictionary(pair => pair.Output, pair => pair.position, StringComparer.Ordinal);
        return [.. DimensionClosure.Analyze(model).SelectMany(found => Groups(model, index, found))
            .Where(group => group.Producers.Count > 0 && (group.Consumers.Count > 0 || group.Reason is not null))
            .OrderBy(group => group.Producers.Min(producer => order[producer.Node.Output[0]]))];
    }

    private static IEnumerable<ScaleGroup> Groups(OnnxModel model, GraphIndex index, DimensionClass found)
    {
        var scope = new ScaleScope(model, index, found);
        var repeated = found.Occurrences.GroupBy(occurrence => found.Closure.Graph.Name(occurrence.Axis)!.Value.Value).Where(places => places.Count() > 1).Select(places => places.Key);
        foreach (var node in model.Graph.Node.Where(node => node.Input.Concat(node.Output).Any(scope.Carries)))
        {
            scope.Node = node;
            ScaleRules.Visit(scope);
        }
        foreach (var value in repeated)
            scope.Pin(value, $"'{value}' holds the channels in two axes");
        foreach (var value in found.Values)
        {
            if (found.InActivationProduct)
                scope.Pin(value, "a product of activations sees the channels");
            if (index.Uses(value).Any(use => use.InputIndex < 0))
                scope.Pin(value, $"a subgraph reads '{value}'");
            if (index.IsOutput(value))
                scope.Pin(value, $"'{value}' is an output of the model");
            if (index.Producer(value) is null)
                scope.Pin(value, $"'{value}' is an input of the model");
        }
        return scope.Groups();
    }
}
