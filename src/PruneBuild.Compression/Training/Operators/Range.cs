using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Range from start to limit, without the limit.</summary>
internal sealed class Range : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Range"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var type = call[0].dtype;
        if (call[0].is_floating_point())
        {
            double At(int index) => call[index].to_type(torch.ScalarType.Float64).item<double>();
            var (first, stride) = (At(0), At(2));
            var floats = new double[Math.Max(0, (long)Math.Ceiling((At(1) - first) / stride))];
            for (var index = 0; index < floats.Length; index++)
                floats[index] = (index * stride) + first;
            return [TorchTensors.Of(floats, [floats.Length]).to_type(type)];
        }
        var (start, limit, step) = (call.Longs(0)![0], call.Longs(1)![0], call.Longs(2)![0]);
        var values = new List<long>();
        for (var value = start; step > 0 ? value < limit : value > limit; value += step)
            values.Add(value);
        return [TorchTensors.Of(values.ToArray(), [values.Count]).to_type(type)];
    }
}
