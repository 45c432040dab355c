using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>Row counts that follow from the shapes a graph declares.</summary>
internal sealed class ActivationRows(GraphProto graph)
{
    private readonly Dictionary<string, TensorShapeProto> shapes = graph.ValueInfo.Concat(graph.Input).Concat(graph.Output)
        .Where(value => value.Type?.TensorType?.Shape is not null)
        .GroupBy(value => value.Name, StringComparer.Ordinal)
        .ToDictionary(values => values.Key, values => values.First().Type.TensorType.Shape, StringComparer.Ordinal);

    /// <summary>Rows of a value [rows..., features]: all dimensions but the last, or null when one is unknown.</summary>
    public long? OfFeatures(string value) => Product(value, dimensions => dimensions.SkipLast(1));

    /// <summary>Positions of a value [batch, channels, positions...], or null when a dimension is unknown.</summary>
    public long? OfChannels(string value) => Product(value, dimensions => dimensions.Where((_, axis) => axis != 1));

    private long? Product(
        string value, Func<IEnumerable<TensorShapeProto.Types.Dimension>, IEnumerable<TensorShapeProto.Types.Dimension>> counted)
    {
        if (!shapes.TryGetValue(value, out var shape))
            return null;
        var product = 1L;
        foreach (var dimension in counted(shape.Dim))
        {
            if (dimension.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || dimension.DimValue < 1)
                return null;
            product *= dimension.DimValue;
        }

        return product;
    }
}
