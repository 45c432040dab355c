using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Targeting;

/// <summary>Runs a model as a device does.</summary>
internal static class LoweredRun
{
    public static float[] Random(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }

    public static float[] Run(OnnxModel model, string output, float[] x, params int[] shape)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-lowering");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            model.Save(path);
            using var session = ModelSession.Open(path, threads: 1);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x, shape))], [output]);
            return [.. results[0].AsTensor<float>()];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>‖actual − expected‖ / ‖expected‖.</summary>
    public static double RelativeError(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var error = expected.Zip(actual).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2));
        return Math.Sqrt(error / expected.Sum(value => (double)value * value));
    }
}
