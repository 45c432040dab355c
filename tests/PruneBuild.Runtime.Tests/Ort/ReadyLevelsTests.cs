using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>What ships runs as ONNX Runtime multiplies with the weights that the levels stand for.</summary>
public sealed class ReadyLevelsTests
{
    private const int Outputs = 43;
    private const int Inputs = 150;
    private const int Rows = 5;

    public static TheoryData<string> Formats =>
        [.. PackedFormats.All.Where(format => format.Precision != WeightPrecision.FullPrecision && format.IsExecutable).Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_kernel_multiplies_with_the_levels(string format)
    {
        var test = new KernelCase(format, Outputs, Inputs, Rows, 0.6, false, SparseActivation.None);
        var runs = test.Packed.Runs(WeightMatrix.FromSingles(test.FloatWeights(), Outputs, Inputs));
        var random = new Random(3);
        var levels = WeightLevels.Nearest(test.FloatWeights(), runs);
        // Not the nearest ones: one step beside where there is room.
        var moved = levels with
        {
            Levels = [.. levels.Levels.Zip(runs.Of, (level, run) => (sbyte)(run == ScaleRuns.None ? 0 : Math.Clamp(level + random.Next(-1, 2), runs.Lowest, runs.Highest)))],
        };
        var blob = test.Packed.Pack(moved);
        // Whole multiples of a 63rd of the largest magnitude: seven bits hold them exactly.
        var x = Enumerable.Range(0, Rows * Inputs).Select(at => at % Inputs == 0 ? 63f : random.Next(-63, 64)).ToArray();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", Inputs)
            .Output("sparse", OnnxWriter.Float, "rows", Outputs).Output("dense", OnnxWriter.Float, "rows", Outputs)
            .Initializer("packed", OnnxWriter.UInt8, [blob.Length], blob)
            .Initializer("weights", OnnxWriter.Float, [Inputs, Outputs], MemoryMarshal.AsBytes<float>(Transposed(moved.ToSingles())))
            .Node("prunebuild", "SparseMatMul", ["x", "packed"], ["sparse"], ("K", Inputs), ("N", Outputs), ("format", format))
            .Node("", "MatMul", ["x", "weights"], ["dense"]).ToBytes();
        using var session = SparseModel.Open(model);
        using var input = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(x, [Rows, Inputs]);
        using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
        using var results = session.Run(options, ["x"], [input], ["sparse", "dense"]);
        var (sparse, dense) = (results[0].GetTensorDataAsSpan<float>().ToArray(), results[1].GetTensorDataAsSpan<float>().ToArray());
        var largest = dense.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.All(sparse.Zip(dense), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * largest));
    }

    private static float[] Transposed(float[] weights)
    {
        var turned = new float[weights.Length];
        for (var output = 0; output < Outputs; output++)
            for (var input = 0; input < Inputs; input++)
                turned[(input * Outputs) + output] = weights[(output * Inputs) + input];
        return turned;
    }
}
