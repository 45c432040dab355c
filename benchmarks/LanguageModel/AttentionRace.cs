using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>An operator of attention.</summary>
/// <param name="Heads">Of queries.</param>
/// <param name="Groups">Of keys and values.</param>
/// <param name="Size">Features of a head.</param>
/// <param name="Cached">Positions that came before.</param>
/// <param name="New">Positions that are computed.</param>
internal sealed record AttentionShape(int Heads, int Groups, int Size, int Cached, int New);

/// <summary>GroupQueryAttention of both domains on the same numbers, the cache appended in place.</summary>
internal sealed class AttentionRace : IDisposable
{
    private static readonly string[] Domains = ["com.microsoft", "prunebuild"];

    private readonly AttentionShape shape;
    private readonly int threads;
    private readonly List<OrtValue> values = [];
    private readonly (InferenceSession Session, OrtIoBinding Binding)[] entrants;

    public AttentionRace(AttentionShape shape, int threads)
    {
        (this.shape, this.threads) = (shape, threads);
        entrants = [.. Domains.Select(Open)];
    }

    public static IReadOnlyList<AttentionShape> Shapes { get; } =
    [
        new(9, 3, 64, 140, 1), new(9, 3, 64, 1000, 1), new(32, 4, 64, 140, 1), new(32, 4, 64, 2000, 1), new(32, 8, 128, 140, 1), new(32, 8, 128, 2000, 1), new(32, 32, 96, 140, 1),
        new(32, 32, 96, 1500, 1), new(9, 3, 64, 0, 128), new(32, 4, 64, 0, 128), new(32, 4, 64, 0, 512), new(32, 4, 64, 0, 2000),
    ];

    public string Run()
    {
        var times = entrants.Select(_ => new List<double>()).ToArray();
        using var run = new RunOptions();
        for (var round = 0; round < (shape.New > 200 ? 20 : 600); round++)
        {
            for (var index = 0; index < entrants.Length; index++)
            {
                var start = Stopwatch.GetTimestamp();
                entrants[index].Session.RunWithBinding(run, entrants[index].Binding);
                times[index].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
        }
        var medians = times.Select(list => list.Order().ElementAt(list.Count / 2)).ToArray();
        return string.Create(CultureInfo.InvariantCulture,
            $"| {shape.Heads} / {shape.Groups} x {shape.Size} | {shape.Cached} | {shape.New} | {threads} | {medians[0]:0} | {medians[1]:0} | {medians[0] / medians[1]:0.00} |");
    }

    public void Dispose()
    {
        foreach (var (session, binding) in entrants)
        {
            binding.Dispose();
            session.Dispose();
        }
        foreach (var value in values)
            value.Dispose();
    }

    private (InferenceSession Session, OrtIoBinding Binding) Open(string domain)
    {
        var model = new ModelProto { IrVersion = 10, Graph = new GraphProto { Name = "attention" } };
        model.OpsetImport.Add([new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = domain, Version = 1 }]);
        var node = new NodeProto { OpType = "GroupQueryAttention", Domain = domain };
        model.Graph.Node.Add(node);
        node.Set("num_heads", shape.Heads);
        node.Set("kv_num_heads", shape.Groups);
        node.Set("do_rotary", 1);
        var capacity = shape.Cached + shape.New;
        var (pastKey, pastValue) = (Numbers(1, shape.Groups, capacity, shape.Size), Numbers(1, shape.Groups, capacity, shape.Size));
        (string Name, OrtValue Value)[] inputs =
        [
            ("query", Numbers(1, shape.New, shape.Heads * shape.Size)), ("key", Numbers(1, shape.New, shape.Groups * shape.Size)), ("value", Numbers(1, shape.New, shape.Groups * shape.Size)),
            ("past_key", pastKey), ("past_value", pastValue), ("seqlens_k", Integer(capacity - 1)), ("total_sequence_length", Integer(capacity)),
            ("cos_cache", Numbers(capacity, shape.Size / 2)), ("sin_cache", Numbers(capacity, shape.Size / 2)),
        ];
        (string Name, OrtValue Value)[] outputs = [("output", Numbers(1, shape.New, shape.Heads * shape.Size)), ("present_key", pastKey), ("present_value", pastValue)];
        foreach (var (name, value) in inputs)
        {
            node.Input.Add(name);
            model.Graph.Input.Add(Declared(name, (TensorProto.Types.DataType)(int)value.GetTensorTypeAndShape().ElementDataType));
        }
        foreach (var (name, _) in outputs)
        {
            node.Output.Add(name);
            model.Graph.Output.Add(Declared(name, TensorProto.Types.DataType.Float));
        }
        using var options = ModelSession.CreateOptions(threads, waitsActively: true);
        var session = new InferenceSession(model.ToByteArray(), options);
        var binding = session.CreateIoBinding();
        foreach (var (name, value) in inputs)
            binding.BindInput(name, value);
        foreach (var (name, value) in outputs)
            binding.BindOutput(name, value);
        return (session, binding);
    }

    private static ValueInfoProto Declared(string name, TensorProto.Types.DataType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };

    private OrtValue Numbers(params long[] dimensions)
    {
        var random = new Random(1);
        return Kept(OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, (int)dimensions.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f).ToArray(), dimensions));
    }

    private OrtValue Integer(int value) => Kept(OrtValue.CreateTensorValueFromMemory(new[] { value }, [1]));

    private OrtValue Kept(OrtValue value)
    {
        values.Add(value);
        return value;
    }
}
