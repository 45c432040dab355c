// What weights of few bits cost a language model, and what choosing them costs in time and memory.
using System.CommandLine;
using System.Diagnostics;
using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Benchmarks.Quantization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Runtime;

Natives.Use();
var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads.", Recursive = true };
var path = new Argument<string>("model") { Description = "A language model, ONNX." };
var data = new Argument<string>("data") { Description = "Folder of {calibration,gate}.txt." };
var tokenizer = new Argument<string>("tokenizer") { Description = "A llama2.c tokenizer file." };
var stories = new Option<int>("--stories") { DefaultValueFactory = _ => 40, Description = "Stories to judge on; twice as many to calibrate." };
var bits = new Option<int[]>("--bits") { DefaultValueFactory = _ => [8, 4], AllowMultipleArgumentsPerToken = true };
var groups = new Option<int[]>("--group") { DefaultValueFactory = _ => [32], AllowMultipleArgumentsPerToken = true, Description = "Weights that share a scale." };
var methods = new Option<string[]>("--methods") { DefaultValueFactory = _ => [.. GroupQuantizers.Names], AllowMultipleArgumentsPerToken = true };
var accuracy = new Option<int[]>("--accuracy-level") { DefaultValueFactory = _ => [0, 4], AllowMultipleArgumentsPerToken = true };

bool[] zeroPoints = [true, false];

var language = new Command("language", "Next-token loss on the gate text.") { path, data, tokenizer, stories, bits, groups, methods, accuracy };
language.SetAction(parsed =>
{
    var (model, text) = (parsed.GetValue(path)!, new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!));
    var (cores, count) = (parsed.GetValue(threads), parsed.GetValue(stories));
    using var dense = OnnxModel.Load(model);
    var statistics = Calibrator.Collect(dense, model, WeightSites.Find(dense), text.Calibration(2 * count), cores, CancellationToken.None);
    Console.WriteLine($"dense {text.Loss(dense, count, cores):0.0000}, {dense.WeightBytes:N0} bytes");
    Console.WriteLine("| bits | group | zero points | method | accuracy level | loss | bytes | s |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|");
    foreach (var width in parsed.GetValue(bits)!)
        foreach (var group in parsed.GetValue(groups)!)
            foreach (var symmetric in zeroPoints)
                foreach (var method in parsed.GetValue(methods)!)
                {
                    if (method == "hqq" && symmetric)
                        continue;
                    foreach (var level in parsed.GetValue(accuracy)!)
                    {
                        using var edited = OnnxModel.Load(model);
                        var clock = Stopwatch.StartNew();
                        GroupModelQuantizer.Quantize(edited, new GroupQuantizeOptions
                        {
                            Format = new GroupFormat(width, group, symmetric), Method = GroupQuantizers.Get(method), AccuracyLevel = level, Threads = cores,
                        }, statistics);
                        var seconds = clock.Elapsed.TotalSeconds;
                        Console.WriteLine($"| {width} | {group} | {(symmetric ? "middle" : "each")} | {method} | {level} | {text.Loss(edited, count, cores):0.0000} | {edited.WeightBytes:N0} | {seconds:0.0} |");
                    }
                }
});

var side = new Option<int>("--side") { DefaultValueFactory = _ => 4096, Description = "Inputs and outputs." };
var repeat = new Option<int>("--repeat") { DefaultValueFactory = _ => 1, Description = "How often; 66 layers of 4096 x 4096 are 1.1 billion weights." };
var layer = new Command("layer", "One layer from ready statistics.") { side, bits, groups, methods, repeat };
layer.SetAction(parsed =>
{
    var size = parsed.GetValue(side);
    var random = new Random(1);
    var weights = new float[size * size];
    foreach (ref var weight in weights.AsSpan())
        weight = (random.NextSingle() - 0.5f) * 0.1f;
    var needed = parsed.GetValue(methods)!.Any(method => GroupQuantizers.Get(method).NeedsStatistics);
    var statistics = needed ? Synthetic.Statistics(size) : null;
    Console.WriteLine($"ready: peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    foreach (var width in parsed.GetValue(bits)!)
        foreach (var group in parsed.GetValue(groups)!)
            foreach (var method in parsed.GetValue(methods)!)
            {
                var problem = new GroupProblem(weights, size, size, new GroupFormat(width, group, IsSymmetric: true)) { Statistics = statistics, Threads = parsed.GetValue(threads) };
                var clock = Stopwatch.StartNew();
                for (var index = 0; index < parsed.GetValue(repeat); index++)
                    GroupQuantizers.Get(method).Quantize(problem);
                Console.WriteLine($"{parsed.GetValue(repeat)} x {size} x {size}, {width} bits in groups of {group}, {method}: {clock.Elapsed.TotalSeconds:0.0} s, "
                    + $"{(double)parsed.GetValue(repeat) * weights.Length / clock.Elapsed.TotalSeconds / 1e6:0} million weights a second, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
            }
});

var patterns = new Option<string[]>("--patterns") { DefaultValueFactory = _ => ["8x4:0.5", "8x4:0.25", "2:4:0.5", "8:16:0.5"], AllowMultipleArgumentsPerToken = true, Description = "pattern:sparsity." };
var widths = new Option<string[]>("--dense") { DefaultValueFactory = _ => ["4:32", "3:32", "3:64", "2:32", "2:16"], AllowMultipleArgumentsPerToken = true, Description = "bits:group of dense weights." };
var sparse = new Command("sparse", "Pruned and quantized weights against dense ones of fewer bits.") { path, data, tokenizer, stories, patterns, widths };
sparse.SetAction(parsed =>
{
    var text = new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!);
    var comparison = new SparseComparison(parsed.GetValue(path)!, text, parsed.GetValue(stories), parsed.GetValue(threads));
    SparseComparison.Header();
    foreach (var width in parsed.GetValue(widths)!)
        comparison.Dense(int.Parse(width.Split(':')[0]), int.Parse(width.Split(':')[1]));
    foreach (var name in parsed.GetValue(patterns)!)
    {
        var (pattern, sparsity) = (name[..name.LastIndexOf(':')], double.Parse(name[(name.LastIndexOf(':') + 1)..]));
        var formats = PackedFormats.All.Where(format => format.IsExecutable && format.Pattern == pattern && format.Precision != WeightPrecision.FullPrecision).ToList();
        comparison.Sequential(pattern, sparsity, formats);
        foreach (var format in formats)
        {
            comparison.LayerByLayer(pattern, sparsity, format);
            comparison.OneLoop(pattern, sparsity, format);
        }
    }
});

return new RootCommand("Quantization.") { language, layer, sparse, threads }.Parse(args).Invoke();
