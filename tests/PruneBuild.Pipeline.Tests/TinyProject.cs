using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>
/// A folder with a small classifier, its cases, a harness and a recipe. The wide layer has large weights in about 15 % of its
/// 8 x 4 blocks and next to nothing elsewhere, so that pruning 80 % of the blocks is harmless and pruning nearly all is not.
/// The labels are the parent's own answers.
/// </summary>
internal sealed class TinyProject : IDisposable, IWorkReporter
{
    public const int Inputs = 32;
    public const int Wide = 256;
    public const int Classes = 10;
    public const int Cases = 600;

    /// <summary>The section of a recipe that names the calibration data of the folder.</summary>
    public const string Calibration = """
        "calibration": { "tensors": "calibration.f32", "input": { "elementType": "float32", "shape": [32], "layout": "none" } }
        """;

    public TinyProject()
    {
        Folder = Directory.CreateTempSubdirectory("prunebuild-pipeline-").FullName;
        WriteModel(seed: 1);
        WriteCases("common", seed: 2, Cases);
        WriteInputs("calibration.f32", seed: 4, 256);
        WriteHarness("""{ "dimension": "accuracy", "slice": "common", "min": 0.90, "maxDrop": 0.05 }""");
        WriteRecipe("""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8 }, "quantize": { "precision": "int8" } }""");
    }

    public string Folder { get; }

    public string ModelPath => Path.Combine(Folder, "model.onnx");

    public string HarnessPath => Path.Combine(Folder, "harness.json");

    public string RecipePath => Path.Combine(Folder, "recipe.json");

    public string RequestPath => Path.Combine(Folder, "request.json");

    public List<Diagnostic> Diagnostics { get; } = [];

    public List<string> ProgressLines { get; } = [];

    public WorkRequest Request => new()
    {
        Version = WorkRequest.CurrentVersion,
        Name = "tiny",
        Model = ModelPath,
        Recipe = RecipePath,
        Harness = HarnessPath,
        Rid = HostRid,
        StagesFolder = Path.Combine(Folder, "obj", "stages"),
        ArtifactFolder = Path.Combine(Folder, "obj", HostRid, "artifact"),
        StampFile = Path.Combine(Folder, "obj", HostRid, "stamp.json"),
        ToolVersion = "test",
        WorkerHash = "0",
        Position = new RequestPosition(Path.Combine(Folder, "app.csproj"), 3, 5),
    };

    public static string HostRid =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64");

    /// <summary>Runs the stages of a request in order, as the build does: it stops at the first that reports an error.</summary>
    public bool Build(WorkRequest? request = null, CancellationToken cancellation = default)
    {
        request ??= Request;
        Diagnostics.Clear();
        ProgressLines.Clear();
        File.WriteAllText(RequestPath, Newtonsoft.Json.JsonConvert.SerializeObject(request));
        request = WorkRequest.Load(RequestPath);
        foreach (var stage in StageRunner.Stages)
        {
            StageRunner.Run(stage, request, this, cancellation);
            if (Diagnostics.Exists(diagnostic => diagnostic.Severity == Severity.Error))
                return false;
        }
        return true;
    }

    /// <summary>Names of the finished stages.</summary>
    public IReadOnlyList<string> Stages(string stage) => Directory.Exists(Request.StagesFolder)
        ? [.. Directory.EnumerateDirectories(Request.StagesFolder, $"{stage}-*").Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    public void WriteRecipe(string json) => File.WriteAllText(RecipePath, json);

    public void WriteHarness(params string[] floors) => File.WriteAllText(HarnessPath, $$"""
        {
          "version": 1, "task": "classification", "classes": {{Classes}},
          "input": { "elementType": "float32", "shape": [{{Inputs}}], "layout": "none" },
          "cases": [ { "slice": "common", "tensors": "common.f32", "labels": "common.u8" } ],
          "floors": [
            {{string.Join(",\n    ", floors)}}
          ]
        }
        """);

    public void WriteModel(int seed)
    {
        var random = new Random(seed);
        float[] Draw(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2 - 1) * scale))];
        var wide = Draw(Wide * Wide, 1);
        for (var row = 0; row < Wide; row += 8)
            for (var column = 0; column < Wide; column += 4)
            {
                var factor = random.NextDouble() < 0.15 ? 0.25f : 1e-4f;
                for (var i = 0; i < 8; i++)
                    for (var j = 0; j < 4; j++)
                        wide[(row + i) * Wide + column + j] *= factor;
            }
        var graph = new GraphProto { Name = "tiny" };
        graph.Node.Add(Gemm("first", "x", "w1", "b1", "h1"));
        graph.Node.Add(new NodeProto { Name = "relu1", OpType = "Relu", Input = { "h1" }, Output = { "a1" } });
        graph.Node.Add(Gemm("wide", "a1", "w2", "b2", "h2"));
        graph.Node.Add(new NodeProto { Name = "relu2", OpType = "Relu", Input = { "h2" }, Output = { "a2" } });
        graph.Node.Add(Gemm("last", "a2", "w3", "b3", "logits"));
        graph.Input.Add(Value("x", Inputs));
        graph.Output.Add(Value("logits", Classes));
        using var model = OnnxModel.FromProto(new ModelProto
        {
            IrVersion = 8,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        });
        model.SetWeight("w1", [Wide, Inputs], Draw(Wide * Inputs, 0.3));
        model.SetWeight("b1", [Wide], Draw(Wide, 0.1));
        model.SetWeight("w2", [Wide, Wide], wide);
        model.SetWeight("b2", [Wide], Draw(Wide, 0.1));
        model.SetWeight("w3", [Classes, Wide], Draw(Classes * Wide, 0.3));
        model.SetWeight("b3", [Classes], Draw(Classes, 0.1));
        model.Save(ModelPath);
    }

    public void WriteCases(string slice, int seed, int count)
    {
        float[] logits = RunParent(WriteInputs($"{slice}.f32", seed, count));
        var labels = new byte[count];
        for (var i = 0; i < count; i++)
        {
            var row = logits.AsSpan(i * Classes, Classes).ToArray();
            labels[i] = (byte)Array.IndexOf(row, row.Max());
        }
        File.WriteAllBytes(Path.Combine(Folder, $"{slice}.u8"), labels);
    }

    /// <summary>What the dense parent says, [rows, classes].</summary>
    public float[] RunParent(float[] inputs)
    {
        using var session = ModelSession.Open(ModelPath, 1);
        using var value = OrtValue.CreateTensorValueFromMemory(inputs, [inputs.Length / Inputs, Inputs]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["x"], [value], ["logits"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public float[] WriteInputs(string name, int seed, int count)
    {
        var random = new Random(seed);
        var inputs = new float[count * Inputs];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = (float)(random.NextDouble() * 2 - 1);
        File.WriteAllBytes(Path.Combine(Folder, name), MemoryMarshal.AsBytes(inputs.AsSpan()).ToArray());
        return inputs;
    }

    /// <summary>Every file below a folder with its content, to compare before and after.</summary>
    public static string Snapshot(string folder) => string.Join("\n", Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(file => string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(folder, file)} {FileFingerprints.Hash(file)}")));

    void IWorkReporter.Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);

    void IWorkReporter.Progress(string stage, string message, double? fraction) => ProgressLines.Add($"{stage}: {message}");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static NodeProto Gemm(string name, string input, string weight, string bias, string output)
    {
        var node = new NodeProto { Name = name, OpType = "Gemm", Input = { input, weight, bias }, Output = { output } };
        node.Set("transB", 1);
        return node;
    }

    private static ValueInfoProto Value(string name, int features) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = features } },
                },
            },
        },
    };
}
