using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>An axis of a value or initializer.</summary>
/// <param name="Value">Its name.</param>
/// <param name="Axis">From 0.</param>
internal readonly record struct ValueAxis(string Value, int Axis);

/// <summary>Small integer values that shapes are made of.</summary>
/// <param name="Items">Numbers or symbols of <see cref="SizeTable"/>.</param>
/// <param name="Sources">For each item the axis whose size it is, or null for a plain number.</param>
internal sealed record IntegerContents(long[] Items, ValueAxis?[] Sources)
{
    public static IntegerContents Plain(long[] items) => new(items, new ValueAxis?[items.Length]);

    public IntegerContents Pick(IEnumerable<int> positions)
    {
        var chosen = positions.ToArray();
        return new IntegerContents([.. chosen.Select(index => Items[index])], [.. chosen.Select(index => Sources[index])]);
    }
}

/// <summary>What is known of the values of a graph without running it: shapes, and the contents of small integer tensors.</summary>
internal sealed class ValueShapes
{
    private const int MostItems = 64;

    private readonly Dictionary<string, long[]> shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IntegerContents> contents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> named = new(StringComparer.Ordinal);

    public ValueShapes(OnnxModel model)
    {
        foreach (var weight in model.Weights.Values)
        {
            shapes[weight.Name] = [.. weight.Shape];
            if (Integers(weight) is { } items)
                contents[weight.Name] = IntegerContents.Plain(items);
        }
        foreach (var input in model.Graph.Input.Where(input => !model.Weights.ContainsKey(input.Name)))
            Declare(input);
    }

    public SizeTable Sizes { get; } = new();

    public long[]? Shape(string value) => shapes.GetValueOrDefault(value);

    public IntegerContents? Contents(string value) => contents.GetValueOrDefault(value);

    public void SetShape(string value, long[] shape) => shapes[value] = shape;

    public void SetContents(string value, IntegerContents items)
    {
        if (items.Items.Length <= MostItems)
            contents[value] = items;
    }

    /// <summary>Takes over a shape that the file declares; nothing when it declares none.</summary>
    public void Declare(ValueInfoProto info)
    {
        if (info.Type?.TensorType?.Shape is not { } shape)
            return;
        shapes[info.Name] = [.. shape.Dim.Select(dimension => dimension.ValueCase switch
        {
            TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dimension.DimValue >= 0 => dimension.DimValue,
            TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => Named(dimension.DimParam),
            _ => Sizes.Fresh(),
        })];
    }

    private long Named(string name) => named.TryGetValue(name, out var size) ? size : named[name] = Sizes.Fresh();

    private static long[]? Integers(WeightTensor weight) => weight.Shape.Count > 1 || weight.Elements > MostItems ? null : weight.Type switch
    {
        TensorProto.Types.DataType.Int64 => weight.Read<long>(),
        TensorProto.Types.DataType.Int32 => Array.ConvertAll(weight.Read<int>(), value => (long)value),
        _ => null,
    };
}
