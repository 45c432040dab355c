using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Imported language models, with fused attention and an empty cache, compute in libtorch what they do in ONNX Runtime.</summary>
public sealed class ImportedModelTests
{
    public static TheoryData<string> Variants => [.. TinyCheckpoint.Variants];

    [Theory]
    [MemberData(nameof(Variants))]
    public void An_imported_model_agrees_with_ONNX_Runtime(string variant) => With(variant, OnnxRuntimeOracle.AssertAgrees);

    [Theory]
    [InlineData("llama-small-heads")]
    [InlineData("qwen2-window")]
    public void A_rotation_of_stream_and_values_changes_nothing(string variant) => With(variant, (model, batch) =>
    {
        var before = (float[])TorchInterpreter.Run(model, batch)["logits"].Data;
        var statistics = Calibrator.Collect(model, variant, WeightSites.Find(model), [batch], threads: 1, CancellationToken.None);
        var result = Redistributions.Get("rotation").Apply(model, statistics);

        var after = (float[])TorchInterpreter.Run(model, batch)["logits"].Data;
        for (var index = 0; index < before.Length; index++)
            Assert.Equal(before[index], after[index], 1e-3);
        // The residual stream, and the values of every attention whose groups can be told apart.
        Assert.True(result.Groups.Count(group => group.Reason is null) == (variant == "llama-small-heads" ? 3 : 1), string.Join(Environment.NewLine, result.Groups));
    });

    private static void With(string variant, Action<OnnxModel, CalibrationBatch> check)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            TinyCheckpoint.Of(variant).Write(folder);
            using var source = HuggingFaceModel.Open(folder);
            var made = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
            source.Import(made);
            using var model = OnnxModel.Load(Path.Combine(made, "model.onnx"));
            var inputs = new Dictionary<string, CalibrationTensor>
            {
                ["input_ids"] = new(new long[] { 1, 17, 3, 39, 8, 25, 0, 31, 12, 6, 5, 4, 3, 2 }, [2, 7]),
                ["attention_mask"] = new(Enumerable.Repeat(1L, 14).ToArray(), [2, 7]),
            };
            foreach (var input in model.Graph.Input.Where(input => input.Name.StartsWith("past", StringComparison.Ordinal)))
                inputs[input.Name] = new(Array.Empty<float>(), [2, source.Architecture.KeyValueHeads, 0, source.Architecture.HeadSize]);
            check(model, new CalibrationBatch(inputs));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
