using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Quantization;

/// <summary>Prints what every weight of a model costs in fewer bits, and what choosing among precisions buys at several budgets.</summary>
internal static class Precisions
{
    private static readonly double[] Places = [0.1, 0.25, 0.5];

    /// <summary>A table of sensitivities and a table of budgets, from all weights at 4 bits to all at 8.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="batches">Calibration data.</param>
    /// <param name="groups">How weights of few bits are made.</param>
    /// <param name="loss">Loss of a model on other data.</param>
    public static void Print(string path, IReadOnlyList<CalibrationBatch> batches, GroupQuantizeOptions groups, Func<OnnxModel, double> loss)
    {
        using var dense = OnnxModel.Load(path);
        var statistics = Calibrator.Collect(dense, path, WeightSites.Find(dense), batches, groups.Threads, CancellationToken.None);
        var weights = PrecisionSensitivity.Measure(dense, path, new MixedOptions { Groups = groups }, batches, statistics);
        Console.WriteLine("| weight | bytes at 4 and 8 bits | divergence at 4 bits | at 8 bits |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var weight in weights)
        {
            string Cell(WeightPrecision precision, Func<MeasuredPrecision, string> text) => weight.Options.FirstOrDefault(option => option.Precision == precision) is { } found ? text(found) : "–";
            Console.WriteLine($"| {weight.Layers[0]} | {Cell(WeightPrecision.FourBit, option => $"{option.Bytes:N0}")}, {Cell(WeightPrecision.EightBit, option => $"{option.Bytes:N0}")} | {Cell(WeightPrecision.FourBit, option => $"{option.Kl:0.00000}")} | {Cell(WeightPrecision.EightBit, option => $"{option.Kl:0.00000}")} |");
        }

        using var divergence = new OutputDivergence(dense, path, batches, groups.Threads, CancellationToken.None);
        Console.WriteLine();
        Console.WriteLine("| choice | weights of 4, 8, 32 bits | bytes | sum of divergences | divergence | loss on other data |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Console.WriteLine($"| float | 0, 0, {weights.Count} | {weights.Sum(weight => dense.Weights[weight.Weight].Bytes):N0} | 0 | 0 | {loss(dense):0.0000} |");
        IReadOnlyList<IReadOnlyList<PrecisionOption>> options = [.. weights.Select(weight => weight.Options.Select(option => new PrecisionOption(option.Precision, option.Bytes, option.Kl)).ToList())];
        void Row(string name, PrecisionAllocation allocation)
        {
            var chosen = weights.Select((weight, index) => (weight.Weight, weight.Options[allocation.Chosen[index]].Precision)).ToDictionary(pair => pair.Weight, pair => pair.Precision);
            using var edited = OnnxModel.Load(path);
            MixedQuantizer.Quantize(edited, chosen, groups, statistics);
            string Count(WeightPrecision precision) => $"{chosen.Values.Count(value => value == precision)}";
            Console.WriteLine($"| {name} | {Count(WeightPrecision.FourBit)}, {Count(WeightPrecision.EightBit)}, {Count(WeightPrecision.FullPrecision)} | {allocation.Cost:N0} | {allocation.Loss:0.00000} | {divergence.Of(edited, CancellationToken.None):0.00000} | {loss(edited):0.0000} |");
        }
        PrecisionAllocation Uniform(WeightPrecision precision)
        {
            int[] chosen = [.. options.Select(all => Math.Max(0, all.ToList().FindIndex(option => option.Precision == precision)))];
            return new PrecisionAllocation(chosen, options.Select((all, index) => all[chosen[index]].Cost).Sum(), options.Select((all, index) => all[chosen[index]].Loss).Sum());
        }
        var (four, eight) = (Uniform(WeightPrecision.FourBit), Uniform(WeightPrecision.EightBit));
        Row("4 bits", four);
        Row("8 bits", eight);
        foreach (var place in Places)
        {
            var budget = Math.Floor(four.Cost + (place * (eight.Cost - four.Cost)));
            foreach (var search in PrecisionSearches.Names)
                Row($"{search}, at most {budget:N0}", PrecisionSearches.Get(search).Within(options, budget)!);
        }
    }
}
