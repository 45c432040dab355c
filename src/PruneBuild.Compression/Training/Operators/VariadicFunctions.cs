using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Max, Min, Sum and Mean of any number of inputs, with broadcasting.</summary>
internal sealed class VariadicFunctions : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Max", "Min", "Sum", "Mean"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var result = call[0].alias();
        for (var index = 1; index < call.Inputs.Count; index++)
        {
            result = call.Node.OpType switch
            {
                "Max" => torch.maximum(result, call[index]),
                "Min" => torch.minimum(result, call[index]),
                _ => result.Plus(call[index]),
            };
        }
        return [call.Node.OpType == "Mean" ? result / Scalars.Of(call.Inputs.Count) : result];
    }
}
