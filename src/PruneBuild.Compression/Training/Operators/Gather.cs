using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Gather along an axis by indices of any shape; negative ones count from the end.</summary>
internal sealed class Gather : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Gather"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (x, indices) = (call[0], call[1]);
        var axis = (int)OperatorCall.FromFront(call.Node.GetInt("axis", 0), x.shape.Length);
        var picked = x.index_select(axis, FromFront(indices, x.shape[axis]).reshape(-1));
        return [picked.reshape([.. x.shape[..axis], .. indices.shape, .. x.shape[(axis + 1)..]])];
    }

    /// <summary>Indices as int64, counted from the front.</summary>
    public static torch.Tensor FromFront(torch.Tensor indices, long size)
    {
        var exact = indices.to_type(torch.ScalarType.Int64);
        return torch.where(exact.lt(Scalars.OfInteger(0)), exact.Plus(Scalars.OfInteger(size)), exact);
    }
}
