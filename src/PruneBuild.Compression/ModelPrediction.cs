using PruneBuild.Compression.Training;
using PruneBuild.Graph;

namespace PruneBuild.Compression;

/// <summary>What the first output of a model predicts, as far as its graph and its shape tell.</summary>
internal sealed class ModelPrediction
{
    private readonly List<(string Input, long Rows)> embeddings;
    private readonly long? softmaxAxis;

    private ModelPrediction(string logits, long? softmaxAxis, List<(string Input, long Rows)> embeddings) =>
        (Logits, this.softmaxAxis, this.embeddings) = (logits, softmaxAxis, embeddings);

    /// <summary>The first output, before its Softmax when it ends in one.</summary>
    public string Logits { get; }

    /// <summary>Reads it off the graph.</summary>
    public static ModelPrediction Of(OnnxModel model)
    {
        var logits = Distillation.Logits(model, given: null);
        var softmax = logits == model.Graph.Output[0].Name ? null : new GraphIndex(model.Graph).Producer(model.Graph.Output[0].Name);
        var opset = model.Proto.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 1;
        return new ModelPrediction(logits, softmax?.GetInt("axis", opset < 13 ? 1 : -1), Embeddings(model));
    }

    /// <summary>The input whose tokens logits [batch, tokens, vocabulary] continue: it indexes an embedding of as many rows. Null for other models.</summary>
    public string? TokenInput(IReadOnlyList<long> shape) =>
        shape is [_, _, var vocabulary] ? embeddings.FirstOrDefault(embedding => embedding.Rows == vocabulary).Input : null;

    /// <summary>Whether the last axis of the logits are classes: a Softmax follows, they are [batch, classes], or they continue tokens.</summary>
    public bool HasClasses(IReadOnlyList<long> shape) =>
        shape is [.., > 1] && (shape.Count == 2 || softmaxAxis == shape.Count - 1 || softmaxAxis == -1 || TokenInput(shape) is not null);

    private static List<(string Input, long Rows)> Embeddings(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        var inputs = model.Graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var found = new List<(string Input, long Rows)>();
        foreach (var node in model.Graph.Node.Where(node => node.OpType == "Gather" && node.GetInt("axis", 0) == 0))
        {
            var places = index.Producer(node.Input[1]) is { OpType: "Cast" } cast ? cast.Input[0] : node.Input[1];
            if (inputs.Contains(places) && model.Weights.TryGetValue(node.Input[0], out var table) && table.Shape.Count == 2)
                found.Add((places, table.Shape[0]));
        }
        return found;
    }
}
