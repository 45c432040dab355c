using System.Runtime.InteropServices;
using PruneBuild.Evaluation.Tests.Runs;

namespace PruneBuild.Evaluation.Tests.Tasks;

/// <summary>Small harnesses of every task.</summary>
internal static class TaskFiles
{
    public static (Harness Harness, CaseSet Cases) Create(TemporaryFolder folder, string task, string keys, string cases, string floors, string dimensions = "")
    {
        var text = $$"""
            {
              "version": 1, "task": "{{task}}", {{keys}}
              "cases": [ {{cases}} ],
              {{dimensions}}
              "floors": [ {{floors}} ]
            }
            """;
        var harness = Harness.Load(folder.Write("harness.json", text));
        return (harness, CaseSet.Load(harness));
    }

    /// <summary>A regression of one number a case: the inputs are what is predicted by a model that gives its input back.</summary>
    public static (Harness Harness, CaseSet Cases) Regression(TemporaryFolder folder, string floors, float[] inputs, float[] targets, string dimensions = "")
    {
        folder.Write("x.f32", MemoryMarshal.AsBytes(inputs.AsSpan()).ToArray());
        folder.Write("y.f32", MemoryMarshal.AsBytes(targets.AsSpan()).ToArray());
        return Create(
            folder, "regression", """ "input": { "elementType": "float32", "shape": [1], "layout": "none" }, """,
            """{ "slice": "common", "tensors": "x.f32", "targets": "y.f32" }""", floors, dimensions);
    }

    public static ModelOutputs Rows(IEnumerable<float> numbers) => new([.. numbers.Select(number => (float[])[number])]);

    /// <summary>Judges parent against candidate; the only check.</summary>
    public static FloorCheck Check((Harness Harness, CaseSet Cases) loaded, ModelOutputs parent, ModelOutputs candidate) =>
        Assert.Single(Gate.Judge(loaded.Harness, loaded.Cases, new EvaluatedModels(parent, candidate), "linux-x64").Verdict.Checks);

    /// <summary>A language model in which only the last token matters: row t holds the logits of what follows t.</summary>
    public static string Bigrams(TemporaryFolder folder, float[][] logits) => folder.Write("bigrams.onnx", TinyOnnx.Table(logits));

    public static double LogProbability(float[] logits, int token) => logits[token] - Math.Log(logits.Sum(logit => Math.Exp(logit)));

    public static float[][] Random(int rows, int width, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 4 - 2)).ToArray())];
    }
}
