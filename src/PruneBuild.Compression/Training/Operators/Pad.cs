using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Pad with a constant, or mirrored or repeated edges; negative padding of a constant crops.</summary>
internal sealed class Pad : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Pad"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var x = call[0];
        var rank = x.shape.Length;
        var given = call.Longs(1) ?? [.. call.Node.GetInts("pads", [])];
        var axes = call.Longs(3) ?? [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        var (before, after) = (new long[rank], new long[rank]);
        for (var index = 0; index < axes.Length; index++)
        {
            var axis = OperatorCall.FromFront(axes[index], rank);
            (before[axis], after[axis]) = (given[index], given[index + axes.Length]);
        }
        var mode = call.Node.GetText("mode", "constant");
        if (mode == "constant")
        {
            var value = call.Optional(2) is { } scalar ? scalar.to_type(torch.ScalarType.Float64).item<double>() : call.Node.GetFloat("value", 0);
            var lastFirst = Enumerable.Range(0, rank).Reverse().SelectMany(axis => new[] { before[axis], after[axis] }).ToArray();
            return [torch.nn.functional.pad(x, lastFirst, value: value)];
        }
        var result = x.alias();
        for (var axis = 0; axis < rank; axis++)
            if (before[axis] != 0 || after[axis] != 0)
                result = result.index_select(axis, Places(call, mode, x.shape[axis], before[axis], after[axis]));
        return [result];
    }

    private static torch.Tensor Places(OperatorCall call, string mode, long size, long before, long after)
    {
        var places = new long[before + size + after];
        for (var index = 0; index < places.Length; index++)
        {
            var place = index - before;
            places[index] = mode switch
            {
                "edge" => Math.Clamp(place, 0, size - 1),
                "reflect" => place < 0 ? -place : place >= size ? (2 * (size - 1)) - place : place,
                "wrap" => ((place % size) + size) % size,
                _ => throw call.Unsupported($"mode = '{mode}'"),
            };
        }
        return TorchTensors.Of(places, [places.Length]);
    }
}
