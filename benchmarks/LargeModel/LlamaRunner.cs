using System.Diagnostics;
using System.Globalization;
using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Graph;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>
/// Calibrates, prunes and saves a synthetic Llama within a memory budget. Options: [layers] [criterion] [sequences of 128 tokens] [budget
/// in MB]; 22, sparsegpt, 8 and 1024 by default. 22 layers are 1.1 billion parameters.
/// </summary>
internal static class LlamaRunner
{
    private const double Megabyte = 1 << 20;

    public static int Run(string[] args)
    {
        var layers = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 22;
        var criterion = PruningCriteria.Get(args.Length > 1 ? args[1] : "sparsegpt");
        var sequences = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 8;
        var budget = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1024;
        Natives.Use();
        var folder = Directory.CreateTempSubdirectory("prunebuild-large-");
        try
        {
            var path = Path.Combine(folder.FullName, "dense.onnx");
            SyntheticLlama.Write(path, layers);
            Console.WriteLine($"command          LargeModel llama {string.Join(' ', args)}");
            Console.WriteLine($"cpu              {Cpu.Name()}, {Environment.ProcessorCount} cores");
            using var model = OnnxModel.Load(path);
            Console.WriteLine($"weights          {model.WeightBytes / Megabyte:F0} MB, {model.WeightBytes / 4e9:F2} billion parameters");
            var clock = Stopwatch.StartNew();
            var file = Path.Combine(folder.FullName, "statistics.bin");
            var options = new CalibrationOptions { Threads = Environment.ProcessorCount, MemoryBudget = (long)(budget * Megabyte), ScratchFolder = folder.FullName };
            var run = Calibrator.CollectToFile(file, model, path, WeightSites.Find(model), Batches(sequences), options, CancellationToken.None);
            Console.WriteLine($"calibrated       {run.Segments} segments, {new FileInfo(file).Length / Megabyte:F0} MB of statistics, {clock.Elapsed.TotalSeconds:F0} s, peak {PeakMemory.Bytes() / Megabyte:F0} MB {run.Reason}");
            clock.Restart();
            var reports = ModelPruner.Prune(model, new PruneOptions
            {
                Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, Criterion = criterion, Skip = ["logits"], Threads = Environment.ProcessorCount,
            }, CalibrationStatistics.Open(file));
            Console.WriteLine($"pruned           {criterion.Name} 8x4, {clock.Elapsed.TotalSeconds:F0} s, peak {PeakMemory.Bytes() / Megabyte:F0} MB");
            clock.Restart();
            model.Save(Path.Combine(folder.FullName, "pruned.onnx"), externalData: true);
            Console.WriteLine($"saved            {clock.Elapsed.TotalSeconds:F0} s, peak {PeakMemory.Bytes() / Megabyte:F0} MB");
            Console.WriteLine($"sparsity         {reports.Where(report => report.Pattern != "dense").Min(report => report.Sparsity):0.0000} in {reports.Count(report => report.Pattern != "dense")} layers");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<CalibrationBatch> Batches(int sequences)
    {
        var random = new Random(1);
        for (var sequence = 0; sequence < sequences; sequence++)
            yield return new CalibrationBatch(new Dictionary<string, CalibrationTensor>
            {
                ["input_ids"] = new(Enumerable.Range(0, SyntheticLlama.Tokens).Select(_ => random.NextInt64(SyntheticLlama.Vocabulary)).ToArray(), [1, SyntheticLlama.Tokens]),
            });
    }
}
