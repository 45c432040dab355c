using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>
/// BatchNormalization with the stored statistics, or, while training, with those of the batch (Ioffe and Szegedy 2015), which
/// it leaves under the output's name.
/// </summary>
internal sealed class BatchNormalization : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["BatchNormalization"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var node = call.Node;
        if (node.GetInt("training_mode", 0) != 0 || node.Output.Skip(1).Any(output => output.Length > 0))
            throw call.Unsupported("training_mode");
        var epsilon = (double)node.GetFloat("epsilon", 1e-5f);
        if (call.BatchStatistics is not { } statistics)
            return [torch.nn.functional.batch_norm(call[0], call[3], call[4], call[1], call[2], training: false, 0, epsilon)];
        // With momentum 1 the running statistics become those of this batch.
        var (mean, variance) = (torch.zeros_like(call[3]), torch.zeros_like(call[4]));
        var y = torch.nn.functional.batch_norm(call[0], mean, variance, call[1], call[2], training: true, 1, epsilon);
        statistics[node.Output[0]] = new BatchStatistics(mean.DetachFromDisposeScope(), variance.DetachFromDisposeScope());
        return [y];
    }
}
