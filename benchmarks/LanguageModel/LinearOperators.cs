using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>
/// The linear operators of a model and nothing else, each with its own weights on one row: what a token costs where attention, norms and the
/// loop are free. Dense int4 are ONNX Runtime's own operators, which read every weight once.
/// </summary>
internal sealed class LinearOperators : IDisposable
{
    private static readonly string[] Names = ["MatMulNBits", "MatMul", "SparseMatMul"];

    private readonly InferenceSession session;
    private readonly Dictionary<string, OrtValue> inputs;
    private readonly RunOptions options = new();
    private readonly OrtIoBinding binding;

    public LinearOperators(string path, int threads)
    {
        using var model = OnnxModel.Load(path);
        var nodes = model.Graph.Node.Where(node => Names.Contains(node.OpType) && model.Weights.ContainsKey(node.Input[1])).Select(node => node.Clone()).ToList();
        var graph = new GraphProto { Name = "linear" };
        foreach (var node in nodes)
        {
            var features = node.OpType == "MatMul" ? model.Weights[node.Input[1]].Shape[0] : node.Attribute.Single(attribute => attribute.Name == "K").I;
            node.Input[0] = $"x{features}";
            // A residual that is added on the way is another row of as many numbers as the output has.
            if (node.OpType == "SparseMatMul" && node.Input.Count > 3)
                node.Input.RemoveAt(3);
            graph.Node.Add(node);
            graph.Output.Add(new ValueInfoProto { Name = node.Output[0] });
        }
        inputs = nodes.Select(node => node.Input[0]).Distinct().ToDictionary(name => name, name => Row(int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var name in inputs.Keys)
            graph.Input.Add(Row(name));
        var kept = nodes.SelectMany(node => node.Input.Skip(1)).Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        foreach (var name in model.Weights.Keys.Except(kept).ToList())
            model.RemoveWeight(name);
        model.Proto.Graph = graph;
        var file = Path.Combine(Path.GetDirectoryName(path)!, "..", Path.GetRandomFileName() + ".onnx");
        model.Save(file, externalData: true);
        session = ModelSession.Open(file, threads, waitsActively: true);
        binding = session.CreateIoBinding();
        foreach (var (name, value) in inputs)
            binding.BindInput(name, value);
        foreach (var name in session.OutputNames)
            binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>Median of some runs.</summary>
    public double Milliseconds(int runs)
    {
        var times = new double[runs];
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            session.RunWithBinding(options, binding);
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[runs / 2];
    }

    public void Dispose()
    {
        binding.Dispose();
        options.Dispose();
        session.Dispose();
        foreach (var value in inputs.Values)
            value.Dispose();
    }

    private static OrtValue Row(int features)
    {
        var random = new Random(features);
        return OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, features).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), [1, features]);
    }

    private static ValueInfoProto Row(string name) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 1 }, new TensorShapeProto.Types.Dimension { DimValue = int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture) } } },
            },
        },
    };
}
