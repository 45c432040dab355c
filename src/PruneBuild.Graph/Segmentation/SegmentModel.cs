using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Segmentation;

/// <summary>Writes a segment as a model of its own.</summary>
public static class SegmentModel
{
    /// <summary>Before this version every initializer had to be a graph input as well.</summary>
    private const int FirstIrVersionWithFreeInitializers = 4;

    /// <summary>
    /// Writes the segment's nodes and the initializers they read. Payloads are streamed to <c>path + ".data"</c>: memory holds one
    /// slice of one weight, and nothing of the other segments is read.
    /// </summary>
    /// <param name="model">The model that the segment is of.</param>
    /// <param name="segment">What to write.</param>
    /// <param name="inputs">Element type and, where known, dimensions of each of <see cref="Segment.Inputs"/>.</param>
    /// <param name="path">The <c>.onnx</c> file to write.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB6002: the folder cannot be written. PB2006: a source file was cut short.</exception>
    public static void Save(OnnxModel model, Segment segment, IReadOnlyList<ValueInfoProto> inputs, string path)
    {
        var proto = new ModelProto { IrVersion = Math.Max(FirstIrVersionWithFreeInitializers, model.Proto.IrVersion), Graph = new GraphProto { Name = model.Graph.Name } };
        proto.OpsetImport.Add(model.Proto.OpsetImport);
        proto.Functions.Add(model.Proto.Functions);
        proto.Graph.Node.Add(segment.Nodes);
        proto.Graph.Input.Add(inputs);
        proto.Graph.Output.Add(segment.Outputs.Select(name => new ValueInfoProto { Name = name }));
        var read = segment.Nodes.SelectMany(ValueReferences.Of).ToHashSet(StringComparer.Ordinal);
        proto.Graph.SparseInitializer.Add(model.Graph.SparseInitializer.Where(sparse => read.Contains(sparse.Values.Name)));
        OnnxModel.Save(proto, model.Weights.Values.Where(weight => read.Contains(weight.Name)), path, externalData: true);
    }
}
