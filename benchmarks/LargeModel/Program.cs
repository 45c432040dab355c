using System.Diagnostics;
using PruneBuild.Benchmarks.LargeModel;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

if (args is ["calibrate", .. var rest])
    return CalibrationRunner.Run(rest);
if (args is ["llama", .. var options])
    return LlamaRunner.Run(options);

// Prunes a model that is larger than the memory it may take. Options: [layers] [width]; 12 and 8192 make 3.2 GB of weights.
var layers = args.Length > 0 ? int.Parse(args[0]) : 12;
var width = args.Length > 1 ? int.Parse(args[1]) : 8192;
const double sparsity = 0.5;
const double megabyte = 1 << 20;

var folder = Directory.CreateTempSubdirectory("prunebuild-large-");
try
{
    var source = Path.Combine(folder.FullName, "dense.onnx");
    var target = Path.Combine(folder.FullName, "pruned.onnx");
    SyntheticModel.Write(source, layers, width);
    var start = PeakMemory.Bytes();

    var clock = Stopwatch.StartNew();
    IReadOnlyList<LayerReport> reports;
    using (var model = OnnxModel.Load(source))
    {
        reports = ModelPruner.Prune(model, new PruneOptions
        {
            Pattern = SparsityPattern.Parse("8x4"),
            Sparsity = sparsity,
            Recovery = RecoveryMethod.None,
        });
        model.Save(target, externalData: true);
    }
    clock.Stop();

    Console.WriteLine($"command          LargeModel {layers} {width}");
    Console.WriteLine($"cpu              {Cpu.Name()}, {Environment.ProcessorCount} cores");
    Console.WriteLine($"weights          {new FileInfo(source + ".data").Length / megabyte:F0} MB in {layers} MatMuls of {width} x {width}");
    Console.WriteLine($"written          {new FileInfo(target + ".data").Length / megabyte:F0} MB, sparsity {reports.Min(report => report.Sparsity)} to {reports.Max(report => report.Sparsity)}");
    Console.WriteLine($"peak resident    {PeakMemory.Bytes() / megabyte:F0} MB ({start / megabyte:F0} MB after the model was made)");
    Console.WriteLine($"prune and save   {clock.Elapsed.TotalSeconds:F1} s");
    return reports.All(report => Math.Abs(report.Sparsity - sparsity) < 0.001) ? 0 : 1;
}
finally
{
    folder.Delete(recursive: true);
}
