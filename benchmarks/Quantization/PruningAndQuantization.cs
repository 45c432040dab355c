using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Drift;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Benchmarks.Quantization;

/// <summary>Prints what pruning and quantization do alone, together, and beyond their sum.</summary>
internal static class PruningAndQuantization
{
    /// <summary>A table for one way to quantize.</summary>
    /// <param name="name">What is written above.</param>
    /// <param name="path">The model file.</param>
    /// <param name="batches">Calibration data; pruning learns from the same.</param>
    /// <param name="labels">The right class of every case; null for a language model.</param>
    /// <param name="bits">8 with a scale for each output, or 4 in groups.</param>
    /// <param name="pruning">How to prune, and on how many threads.</param>
    public static void Print(string name, string path, IReadOnlyList<CalibrationBatch> batches, IReadOnlyList<int>? labels, int bits, PruneOptions pruning)
    {
        var threads = pruning.Threads;
        using var dense = OnnxModel.Load(path);
        var statistics = Calibrator.Collect(dense, path, WeightSites.Find(dense), batches, threads, CancellationToken.None);
        using var meter = new DriftMeter(dense, path, batches, [.. TransformerView.ResidualBlocks(dense).Select(block => block.Output)], threads);
        ModelDrift Of(bool prune, bool quantize)
        {
            using var edited = OnnxModel.Load(path);
            if (prune)
                ModelPruner.Prune(edited, pruning, statistics);
            if (quantize && bits == 8)
                ModelQuantizer.Quantize(edited, new QuantizeOptions());
            if (quantize && bits == 4)
            {
                // Statistics of the pruned model, as a build has them.
                var own = Calibrator.Collect(edited, path, WeightSites.Find(edited), batches, threads, CancellationToken.None);
                GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions { Method = GroupQuantizers.Get("gptq"), ProtectFirstLast = true, Threads = threads }, own);
            }
            return meter.Measure(edited, labels) with { Layers = LayerComparison.Measure(dense, edited, statistics, threads) };
        }
        var (pruned, quantized, both) = (Of(true, false), Of(false, true), Of(true, true));
        Console.WriteLine($"{name}, {bits} bits, {both.Logits.Rows:N0} rows; worst block cosine {pruned.BlockCosine:0.0000}, {quantized.BlockCosine:0.0000}, {both.BlockCosine:0.0000}");
        Console.WriteLine("| figure | pruning | quantization | both | rest |");
        Console.WriteLine("|---|---|---|---|---|");
        var terms = Interactions.Of(pruned, quantized, both);
        foreach (var (figure, term) in new (string Figure, Interaction? Term)[]
        {
            ("divergence, nats", terms.Kl), ("other top-1 answers", terms.Flips), ("loss, nats", terms.Loss), ("accuracy lost", terms.Accuracy),
            ("relative output error", terms.OutputError), ("mean relative error of layers", terms.LayerError),
        })
        {
            if (term is not null)
                Console.WriteLine(FormattableString.Invariant($"| {figure} | {term.Pruning:0.00000} | {term.Quantization:0.00000} | {term.Both:0.00000} | {term.Rest:0.00000} |"));
        }
    }
}
