namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Sizes of the spatial axes after a sliding window (ONNX operator specification: Conv, MaxPool, AveragePool).</summary>
internal static class SpatialAxes
{
    public static long[] After(NodeScope scope, long[] input, IReadOnlyList<long> kernel)
    {
        var node = scope.Node;
        var count = kernel.Count;
        var ones = Enumerable.Repeat(1L, count).ToArray();
        var strides = node.GetInts("strides", ones);
        var dilations = node.GetInts("dilations", ones);
        var pads = node.GetInts("pads", [.. ones.Concat(ones).Select(_ => 0L)]);
        var auto = node.GetText("auto_pad", "NOTSET");
        var result = new long[count];
        for (var axis = 0; axis < count; axis++)
        {
            var size = input[axis + 2];
            if (SizeTable.IsSymbol(size))
            {
                result[axis] = scope.Sizes.Fresh();
                continue;
            }
            var window = (dilations[axis] * (kernel[axis] - 1)) + 1;
            var padded = auto is "NOTSET" ? size + pads[axis] + pads[axis + count] : size;
            var free = auto.StartsWith("SAME", StringComparison.Ordinal) ? size - 1 : padded - window;
            var steps = node.GetInt("ceil_mode", 0) != 0 ? (free + strides[axis] - 1) / strides[axis] : free / strides[axis];
            result[axis] = steps + 1;
        }
        return result;
    }

    /// <summary>A window sees neighbours, so nothing inside an image can go.</summary>
    public static void Freeze(NodeScope scope)
    {
        foreach (var (value, rank) in new[] { (scope.Node.Input[0], scope.In(0).Length), (scope.Node.Output[0], scope.Out(0).Length) })
            for (var axis = 2; axis < rank; axis++)
                scope.Freeze(value, axis, $"a spatial axis of {scope.Name}");
    }
}
