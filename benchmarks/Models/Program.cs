// Whole models at 50 % block sparsity, lowered by PruneBuild, against ONNX Runtime's dense int8 and float32 of the same run.
using System.CommandLine;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Benchmarks.Models;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Targeting;

var seconds = new Option<double>("--seconds", "-s") { DefaultValueFactory = _ => 20, Description = "Seconds a table.", Recursive = true };
var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => 1, Description = "Threads of every session.", Recursive = true };
var batch = new Option<int>("--batch", "-b") { DefaultValueFactory = _ => 1, Description = "Images at once." };
var path = new Argument<string>("model") { Description = "A convolutional classifier, one input [N, C, H, W] in float32." };
var positions = new Option<int>("--positions", "-p") { DefaultValueFactory = _ => 128, Description = "Tokens at once." };
var blocks = new Option<int>("--blocks") { DefaultValueFactory = _ => 12, Description = "Transformer blocks." };
var quantize = new Option<bool>("--quantize") { DefaultValueFactory = _ => true, Description = "false keeps sparse weights in float32." };
quantize.Recursive = true;

var cnn = new Command("cnn", "A CNN against its static int8 (QLinearConv).") { path, batch };
cnn.SetAction(parsed =>
{
    var folded = Protos.Folded(parsed.GetValue(path)!);
    var dimensions = folded.Graph.Input[0].Type.TensorType.Shape.Dim.Skip(1).Select(dimension => dimension.DimValue).ToArray();
    long[] shape = [parsed.GetValue(batch), .. dimensions];
    var random = new Random(1);
    float[] Image(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() * 4 - 2)];
    var size = dimensions.Aggregate(1L, (product, dimension) => product * dimension);
    var int8 = StaticInt8.Quantize(folded, [.. Enumerable.Range(0, 4).Select(_ => Image(size))], [1, .. dimensions]);
    using var race = new Race($"{Path.GetFileName(parsed.GetValue(path))}, batch {shape[0]}", Image(size * shape[0]), shape, parsed.GetValue(threads));
    // The rival needs its pairs of QuantizeLinear and DequantizeLinear fused, which our own sessions switch off.
    SessionOptions Options()
    {
        var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = parsed.GetValue(threads) };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    using var options = Options();
    race.Add("ORT static int8", int8, int8.Length, options);
    Console.WriteLine($"ORT static int8 runs {Protos.Operators(int8, Options)}");
    var dense = folded.ToByteArray();
    race.Add("ORT float32", dense, dense.Length, options);
    AddSparse(race, folded, shape[0], parsed.GetValue(quantize));
    race.Run(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
    Console.Write(race.ToMarkdown());
});

var transformer = new Command("transformer", "A transformer encoder of hidden size 768 against its dynamic int8 (DynamicQuantizeMatMul).") { positions, blocks };
transformer.SetAction(parsed =>
{
    var (count, tokens) = (parsed.GetValue(blocks), parsed.GetValue(positions));
    var dense = Transformer.Create(count, tokens);
    var random = new Random(1);
    float[] x = [.. Enumerable.Range(0, tokens * 768).Select(_ => random.NextSingle() * 2 - 1)];
    using var race = new Race($"{count} blocks of hidden 768, {tokens} token(s)", x, [1, tokens, 768], parsed.GetValue(threads));
    var int8 = Transformer.CreateInt8(count, tokens).ToByteArray();
    race.Add("ORT dynamic int8", int8, int8.Length);
    var float32 = dense.ToByteArray();
    race.Add("ORT float32", float32, float32.Length);
    AddSparse(race, dense, tokens, parsed.GetValue(quantize));
    race.Run(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
    Console.Write(race.ToMarkdown());
});

var command = new RootCommand("Races whole models at 50 % block sparsity against ONNX Runtime's dense ones: interleaved, medians.") { cnn, transformer, seconds, threads, quantize };
return command.Parse(args).Invoke();

static void AddSparse(Race race, ModelProto dense, long rows, bool quantize)
{
    using var model = OnnxModel.FromProto(dense);
    var pattern = quantize ? "8x4" : "8x1";
    ModelPruner.Prune(model, new() { Pattern = SparsityPattern.Parse(pattern), Sparsity = 0.5, ProtectFirstLast = false });
    if (quantize)
        ModelQuantizer.Quantize(model, new());
    var device = DeviceCatalogue.Find(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier is var rid && DeviceCatalogue.Rids.Contains(rid) ? rid : "linux-x64");
    var layers = ModelLowering.Lower(model, device, new() { BatchSize = rows });
    foreach (var group in layers.GroupBy(layer => layer.Kernel))
        Console.WriteLine($"{group.Count()} layers: {group.Key}");
    Console.WriteLine();
    var bytes = Protos.Bytes(model);
    race.Add($"PruneBuild {pattern} 50 % {(quantize ? "int8" : "float32")}", bytes, bytes.Length);
}
