using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>The Reduce operators. The result keeps the input's type, where libtorch would widen integers.</summary>
internal sealed class Reduction : ITorchOperator
{
    private static readonly Dictionary<string, Func<torch.Tensor, long[], bool, torch.Tensor>> Functions = new(StringComparer.Ordinal)
    {
        ["ReduceSum"] = static (x, axes, keep) => x.sum(axes, keep),
        ["ReduceMean"] = static (x, axes, keep) => x.mean(axes, keep),
        ["ReduceMax"] = static (x, axes, keep) => x.amax(axes, keep),
        ["ReduceMin"] = static (x, axes, keep) => x.amin(axes, keep),
        ["ReduceL1"] = static (x, axes, keep) => x.abs().sum(axes, keep),
        ["ReduceL2"] = static (x, axes, keep) => x.square().sum(axes, keep).sqrt(),
        ["ReduceSumSquare"] = static (x, axes, keep) => x.square().sum(axes, keep),
        ["ReduceLogSum"] = static (x, axes, keep) => x.sum(axes, keep).log(),
        ["ReduceLogSumExp"] = static (x, axes, keep) => LogSumExp(x, axes, keep),
    };

    public IReadOnlyList<string> Types { get; } = [.. Functions.Keys];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var x = call[0];
        var axes = call.Axes(1) ?? [];
        if (axes.Length == 0)
        {
            if (call.Node.GetInt("noop_with_empty_axes", 0) == 1)
                return [x.alias()];
            axes = [.. Enumerable.Range(0, x.shape.Length).Select(axis => (long)axis)];
        }
        return [Functions[call.Node.OpType](x, axes, call.Node.GetInt("keepdims", 1) == 1).to_type(x.dtype)];
    }

    private static torch.Tensor LogSumExp(torch.Tensor x, long[] axes, bool keep)
    {
        // Less the maximum, or large values overflow.
        var top = x.detach().amax(axes, true);
        var sum = (x - top).exp().sum(axes, true).log().Plus(top);
        return keep ? sum : sum.amax(axes, false);
    }
}
