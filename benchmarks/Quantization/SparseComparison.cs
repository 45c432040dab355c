using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Quantization;

/// <summary>
/// Pruned and quantized weights of a language model against dense ones of fewer bits: bytes of the linear layers and loss. Losses are those
/// of the weights that the levels stand for, in float; the output projection stays float.
/// </summary>
internal sealed class SparseComparison(string path, Stories text, int stories, int threads)
{
    private const string Corrected = "gptq, bias";

    private const string Skip = "logits*";

    public static void Header()
    {
        Console.WriteLine("| weights | levels | loss | bits a weight | bytes |");
        Console.WriteLine("|---|---|---|---|---|");
    }

    /// <summary>No zeros: groups of inputs with a float scale, of any number of bits.</summary>
    public void Dense(int bits, int group)
    {
        using var model = OnnxModel.Load(path);
        var statistics = Statistics(model);
        foreach (var (name, method) in Methods())
        {
            using var edited = OnnxModel.Load(path);
            long bytes = 0, weights = 0;
            foreach (var site in Sites(edited))
            {
                var runs = Groups(site, bits, group);
                var matrix = site.ReadMatrix(edited);
                Write(edited, site, matrix, method(matrix, runs, Whole(statistics.For(site))).ToSingles(), name == Corrected ? statistics : null);
                weights += (long)site.Outputs * site.Inputs;
                bytes += (((long)site.Outputs * site.Inputs * bits) + 7) / 8 + ((long)sizeof(float) * site.Outputs * runs.PerOutput);
            }
            Print($"dense, {bits} bits, groups of {group}", name, edited, bytes, weights);
        }
    }

    /// <summary>Pruned, recovered layer by layer, and then packed.</summary>
    public void Sequential(string pattern, double sparsity, IEnumerable<PackedFormat> formats)
    {
        using var model = OnnxModel.Load(path);
        var options = Options(pattern, sparsity, new SparseGpt(), RecoveryMethod.LeastSquares);
        SequentialPruner.Prune(model, path, options, text.Calibration(2 * stories));
        var weightsOf = Sites(model).Sum(site => (long)site.Outputs * site.Inputs);
        Print(Name(pattern, sparsity), "float", model, sizeof(float) * weightsOf, weightsOf);
        var file = Path.GetTempFileName();
        model.Save(file);
        using var saved = OnnxModel.Load(file);
        var statistics = Statistics(saved);
        foreach (var format in formats)
        {
            foreach (var (name, method) in Methods())
            {
                using var edited = OnnxModel.Load(file);
                long bytes = 0, weights = 0;
                foreach (var site in Sites(edited))
                {
                    var matrix = site.ReadMatrix(edited);
                    var levels = method(matrix, format.Runs(WeightMatrix.FromSingles(matrix, site.Outputs, site.Inputs)), Whole(statistics.For(site)));
                    var blob = format.Pack(levels);
                    Write(edited, site, matrix, format.Unpack(blob).ToSingles(), name == Corrected ? statistics : null);
                    bytes += blob.Length;
                    weights += matrix.Length;
                }
                Print(Name(pattern, sparsity), $"{format.Name}, {name}", edited, bytes, weights);
            }
        }
        File.Delete(file);
    }

    /// <summary>Mask and levels in one loop, layer by layer on what the compressed layers before give.</summary>
    public void OneLoop(string pattern, double sparsity, PackedFormat format)
    {
        foreach (var recovery in new[] { RecoveryMethod.None, RecoveryMethod.Bias })
        {
            using var model = OnnxModel.Load(path);
            var packed = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            SequentialPruner.Prune(model, path, Options(pattern, sparsity, new SparseGpt(), recovery) with { Levels = format, LevelsWithMask = true, Packed = packed }, text.Calibration(2 * stories));
            var sites = Sites(model);
            Print(
                Name(pattern, sparsity), $"{format.Name}, one loop{(recovery == RecoveryMethod.Bias ? ", bias" : "")}", model,
                sites.Sum(site => (long)packed[site.StoredName].Length), sites.Sum(site => (long)site.Outputs * site.Inputs));
        }
    }

    /// <summary>Mask, recovery and levels of a layer before the next layer is looked at.</summary>
    public void LayerByLayer(string pattern, double sparsity, PackedFormat format)
    {
        using var model = OnnxModel.Load(path);
        var packed = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var options = Options(pattern, sparsity, new SparseGpt(), RecoveryMethod.LeastSquares) with { Levels = format, Packed = packed };
        SequentialPruner.Prune(model, path, options, text.Calibration(2 * stories));
        var sites = Sites(model);
        Print(
            Name(pattern, sparsity), $"{format.Name}, gptq layer by layer", model,
            sites.Sum(site => (long)packed[site.StoredName].Length), sites.Sum(site => (long)site.Outputs * site.Inputs));
    }

    private static string Name(string pattern, double sparsity) => $"{pattern}, {sparsity * 100:0.#} %";

    private static IEnumerable<(string Name, Func<float[], ScaleRuns, InputStatistics, WeightLevels> Choose)> Methods()
    {
        yield return ("nearest", (weights, runs, _) => WeightLevels.Nearest(weights, runs));
        yield return ("gptq", (weights, runs, statistics) => RunGptq.Quantize(weights, runs, statistics).Levels);
        yield return (Corrected, (weights, runs, statistics) => RunGptq.Quantize(weights, runs, statistics, biasFollows: true).Levels);
    }

    /// <summary>Stores what levels stand for; with statistics a bias takes back what rounding takes from the mean.</summary>
    private static void Write(OnnxModel model, WeightSite site, float[] matrix, float[] near, CalibrationStatistics? statistics)
    {
        site.WriteMatrix(model, near);
        if (statistics is null || BiasCorrection.MeanShift(statistics.For(site), matrix, near) is not { } shift)
            return;
        var (product, bias) = (ValueNames.Fresh(model, site.OutputName + "_product"), ValueNames.Fresh(model, site.OutputName + "_bias"));
        model.SetWeight(bias, [site.Outputs], [.. shift.Select(value => (float)value)]);
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(site.Node) + 1, new NodeProto { OpType = "Add", Name = bias, Input = { product, bias }, Output = { site.OutputName } });
        site.Node.Output[0] = product;
    }

    private static ScaleRuns Groups(WeightSite site, int bits, int group)
    {
        var groups = (site.Inputs + group - 1) / group;
        return new ScaleRuns(
            site.Outputs, site.Inputs, [.. Enumerable.Range(0, site.Outputs * site.Inputs).Select(at => (short)(at % site.Inputs / group))],
            [.. Enumerable.Repeat(groups, site.Outputs)], -(1 << (bits - 1)), (1 << (bits - 1)) - 1, IsTwoLevel: true);
    }

    private static InputStatistics Whole(SiteStatistics known) => InputStatistics.Merged([known.Fit[0], known.HoldOut[0]]);

    private static IReadOnlyList<WeightSite> Sites(OnnxModel model) => [.. WeightSites.Find(model).Where(site => !site.OutputName.StartsWith("logits", StringComparison.Ordinal))];

    private PruneOptions Options(string pattern, double sparsity, IPruningCriterion criterion, RecoveryMethod recovery) => new()
    {
        Pattern = SparsityPattern.Parse(pattern), Sparsity = sparsity, Criterion = criterion, Recovery = recovery, Skip = ["*lm_head*", Skip], Threads = threads,
    };

    private CalibrationStatistics Statistics(OnnxModel model) =>
        Calibrator.Collect(model, path, WeightSites.Find(model), text.Calibration(2 * stories), threads, CancellationToken.None);

    private void Print(string weights, string levels, OnnxModel model, long bytes, long count) =>
        Console.WriteLine($"| {weights} | {levels} | {text.Loss(model, stories, threads):0.0000} | {8.0 * bytes / count:0.00} | {bytes:N0} |");
}
