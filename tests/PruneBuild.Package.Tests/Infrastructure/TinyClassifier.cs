using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>
/// A model that needs no training: it passes its inputs through a 32 x 32 identity and answers the position of the largest of the first
/// ten, which is right in ten of eleven cases. Three quarters of the identity's 8 x 4 blocks are zero, so pruning 70 % changes nothing.
/// </summary>
internal static class TinyClassifier
{
    private const int Inputs = 32;
    private const int Classes = 10;
    private const int Cases = 400;

    /// <summary>Writes tiny.onnx, its cases and a harness with one floor on line 5.</summary>
    public static void Write(TestProject project, string minimumAccuracy)
    {
        WriteModel(project.Path("tiny.onnx"));
        WriteCases(project);
        WriteHarness(project, minimumAccuracy);
    }

    public static void WriteHarness(TestProject project, string minimumAccuracy) => project.Write(
        "harness.json",
        $$"""
        { "version": 1, "task": "classification", "classes": {{Classes}},
          "input": { "elementType": "float32", "shape": [{{Inputs}}], "layout": "none" },
          "cases": [ { "slice": "all", "tensors": "cases.f32", "labels": "cases.u8" } ],
          "floors": [
            { "dimension": "accuracy", "slice": "all", "min": {{minimumAccuracy}}, "maxDrop": 0.05 } ] }
        """);

    private static void WriteModel(string path)
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Node.Add(Gemm("first", "x", "w1", "b1", "h"));
        graph.Node.Add(Gemm("last", "h", "w2", "b2", "logits"));
        graph.Input.Add(Value("x", Inputs));
        graph.Output.Add(Value("logits", Classes));
        using var model = OnnxModel.FromProto(new ModelProto
        {
            IrVersion = 8,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        });
        model.SetWeight("w1", [Inputs, Inputs], Identity(Inputs));
        model.SetWeight("b1", [Inputs], new float[Inputs]);
        model.SetWeight("w2", [Classes, Inputs], Identity(Classes));
        model.SetWeight("b2", [Classes], new float[Classes]);
        model.Save(path);
    }

    /// <summary>The first rows of an identity matrix with <see cref="Inputs"/> columns.</summary>
    private static float[] Identity(int rows) =>
        [.. Enumerable.Range(0, rows * Inputs).Select(i => i / Inputs == i % Inputs ? 1f : 0f)];

    private static void WriteCases(TestProject project)
    {
        var random = new Random(1);
        var inputs = new float[Cases * Inputs];
        var labels = new byte[Cases];
        for (var i = 0; i < Cases; i++)
        {
            var row = inputs.AsSpan(i * Inputs, Inputs);
            foreach (ref var input in row)
                input = random.NextSingle() / 2;
            var largest = i % Classes;
            row[largest] = 1;
            // One label in eleven is wrong, so that a floor can be clearly missed.
            labels[i] = (byte)(i % 11 == 0 ? (largest + 1) % Classes : largest);
        }
        File.WriteAllBytes(project.Path("cases.f32"), MemoryMarshal.AsBytes(inputs.AsSpan()));
        File.WriteAllBytes(project.Path("cases.u8"), labels);
    }

    private static NodeProto Gemm(string name, string input, string weight, string bias, string output)
    {
        var node = new NodeProto { Name = name, OpType = "Gemm", Input = { input, weight, bias }, Output = { output } };
        node.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
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
