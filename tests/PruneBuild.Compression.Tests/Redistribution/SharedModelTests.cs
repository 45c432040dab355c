using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Redistribution;

/// <summary>Real models, where they are present: what a redistribution leaves alone and what it changes.</summary>
public sealed class SharedModelTests
{
    public static TheoryData<string, string> Cases => new(
    [
        .. new[] { "cifar-resnet/resnet20.onnx", "stories260K/model.onnx" }.SelectMany(model => Redistributions.Names.Select(name => (model, name))),
        ("cifar-resnet/resnet56.onnx", "scale-folding"), ("magika/model.onnx", "equalization"),
    ]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_outputs_stay_and_the_statistics_follow(string file, string name)
    {
        using var model = Open(file);
        var batches = Batches(file);
        var before = Outputs(model, batches[0]);
        var statistics = Calibrator.Collect(model, file, WeightSites.Find(model), batches, threads: 2, CancellationToken.None);
        var result = Redistributions.Get(name).Apply(model, statistics);

        AssertClose(before, Outputs(model, batches[0]));
        var again = Calibrator.Collect(model, file, WeightSites.Find(model), batches, threads: 2, CancellationToken.None);
        foreach (var site in WeightSites.Find(model))
        {
            var (ours, theirs) = (result.Statistics!.For(site), again.For(site));
            Assert.Equal(theirs.Reason, ours.Reason);
            foreach (var (mine, measured) in ours.Fit.Zip(theirs.Fit))
            {
                var scale = Math.Sqrt(Enumerable.Range(0, measured.Inputs).Max(input => measured.Gram(input, input)) / Math.Max(1, measured.Count));
                for (var input = 0; input < measured.Inputs; input++)
                    Assert.Equal(measured.Sum[input] / Math.Max(1, measured.Count), mine.Sum[input] / Math.Max(1, mine.Count), 1e-3 * scale);
            }
        }
    }

    [Theory]
    [InlineData("cifar-resnet/resnet20.onnx", "scale-folding", 10)]
    [InlineData("cifar-resnet/resnet20.onnx", "rotation", 0)]
    [InlineData("stories260K/model.onnx", "scale-folding", 21)]
    [InlineData("stories260K/model.onnx", "rotation", 6)]
    public void What_is_not_exact_is_refused_with_a_reason(string file, string name, int edited)
    {
        using var model = Open(file);
        var statistics = Calibrator.Collect(model, file, WeightSites.Find(model), Batches(file), threads: 2, CancellationToken.None);
        var result = Redistributions.Get(name).Apply(model, statistics);
        Assert.True(edited == result.Groups.Count(group => group.Reason is null), string.Join(Environment.NewLine, result.Groups));
        Assert.All(result.Groups.Where(group => group.Reason is not null), group => Assert.NotEqual("", group.Reason));
    }

    private static OnnxModel Open(string file)
    {
        var path = Path.Combine([PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", .. file.Split('/')]);
        Assert.SkipUnless(File.Exists(path), "the model is not on this machine");
        return OnnxModel.Load(path);
    }

    private static CalibrationBatch[] Batches(string file) => [.. Enumerable.Range(0, 2).Select(seed => file switch
    {
        "stories260K/model.onnx" => Tokens("input_ids", seed, 512, number => (long)number, 2, 64),
        "magika/model.onnx" => Tokens("bytes", seed, 257, number => number, 1, 2048),
        _ => TestModels.Batch("input", TestModels.Random(seed, 3 * 32 * 32, 2), 1, 3, 32, 32),
    })];

    private static CalibrationBatch Tokens<T>(string input, int seed, int count, Func<int, T> of, params long[] shape)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(_ => of(random.Next(3, count))).ToArray();
        return new CalibrationBatch(new Dictionary<string, CalibrationTensor> { [input] = new(values, shape) });
    }

    private static float[] Outputs(OnnxModel model, CalibrationBatch batch)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var session = new InferenceSession(path);
            using var run = new RunOptions();
            var (name, tensor) = batch.Inputs.Single();
            using var value = tensor.Data switch
            {
                float[] numbers => OrtValue.CreateTensorValueFromMemory(numbers, tensor.Shape),
                int[] numbers => OrtValue.CreateTensorValueFromMemory(numbers, tensor.Shape),
                _ => OrtValue.CreateTensorValueFromMemory((long[])tensor.Data, tensor.Shape),
            };
            using var results = session.Run(run, new Dictionary<string, OrtValue> { [name] = value }, session.OutputNames);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * scale));
    }
}
