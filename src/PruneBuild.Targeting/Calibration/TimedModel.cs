using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting.Calibration;

/// <summary>A model of <see cref="NodeModels"/> that is open and has its input: what is left is to run it.</summary>
internal sealed class TimedModel : IDisposable
{
    private static readonly string[] Inputs = [NodeModels.Input];
    private static readonly string[] Outputs = [NodeModels.Output];

    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly OrtValue[] input;
    private readonly OrtValue[] output;
    private readonly float[] result;

    /// <param name="model">The bytes of the model.</param>
    /// <param name="threads">Threads of a node.</param>
    /// <param name="fill">The value of every input; null for values between -1 and 1, always the same.</param>
    public TimedModel(byte[] model, int threads = 1, float? fill = null)
    {
        using var sessionOptions = ModelSession.CreateOptions(threads);
        session = new InferenceSession(model, sessionOptions);
        var random = new Random(2);
        var (inputShape, outputShape) = (Shape(session.InputMetadata), Shape(session.OutputMetadata));
        var values = new float[Count(inputShape)];
        for (var i = 0; i < values.Length; i++)
            values[i] = fill ?? 2 * random.NextSingle() - 1;
        result = new float[Count(outputShape)];
        input = [OrtValue.CreateTensorValueFromMemory(values, inputShape)];
        output = [OrtValue.CreateTensorValueFromMemory(result, outputShape)];
    }

    /// <summary>The output of the last run.</summary>
    public IReadOnlyList<float> Result => result;

    public void Run() => session.Run(options, Inputs, input, Outputs, output);

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
        input[0].Dispose();
        output[0].Dispose();
    }

    private static long[] Shape(IReadOnlyDictionary<string, NodeMetadata> values) => [.. values.Values.Single().Dimensions.Select(size => (long)size)];

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}
