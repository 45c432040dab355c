using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Slice with steps of either sign; its ranges are attributes before opset 10 and inputs since.</summary>
internal sealed class Slice : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Slice"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var x = call[0];
        var starts = call.Longs(1) ?? [.. call.Node.GetInts("starts", [])];
        var ends = call.Longs(2) ?? [.. call.Node.GetInts("ends", [])];
        var axes = call.Axes(3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = call.Longs(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        var result = x.alias();
        for (var index = 0; index < starts.Length; index++)
        {
            var axis = OperatorCall.FromFront(axes[index], x.shape.Length);
            result = Along(result, axis, starts[index], ends[index], steps[index]);
        }
        return [result];
    }

    private static torch.Tensor Along(torch.Tensor x, long axis, long start, long end, long step)
    {
        var size = x.shape[axis];
        var (low, high) = step > 0 ? (0L, size) : (-1L, size - 1);
        var first = Math.Clamp(start < 0 ? start + size : start, Math.Max(0, low), Math.Max(0, high));
        // The smallest numbers stand for "from the very end", which adding the size would take for a place.
        var last = Math.Clamp(end < 0 ? Math.Max(end, long.MinValue + size) + size : end, low, high);
        if (step > 0)
            return x.slice(axis, first, Math.Max(first, last), step);
        var places = new List<long>();
        for (var place = first; place > last; place += step)
            places.Add(place);
        return x.index_select(axis, TorchTensors.Of(places.ToArray(), [places.Count]));
    }
}
