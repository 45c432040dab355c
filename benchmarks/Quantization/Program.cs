// What weights of few bits cost a language model, and what choosing them costs in time and memory.
using System.CommandLine;
using System.Diagnostics;
using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Benchmarks.Quantization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;
using PruneBuild.Runtime;

var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads.", Recursive = true };
var path = new Argument<string>("model") { Description = "A language model, ONNX." };
var data = new Argument<string>("data") { Description = "Folder of {calibration,gate}.txt." };
var tokenizer = new Argument<string>("tokenizer") { Description = "A llama2.c tokenizer file." };
var stories = new Option<int>("--stories") { DefaultValueFactory = _ => 40, Description = "Stories to judge on; twice as many to calibrate." };
var bits = new Option<int[]>("--bits") { DefaultValueFactory = _ => [8, 4], AllowMultipleArgumentsPerToken = true };
var groups = new Option<int[]>("--group") { DefaultValueFactory = _ => [32], AllowMultipleArgumentsPerToken = true, Description = "Weights that share a scale." };
var methods = new Option<string[]>("--methods") { DefaultValueFactory = _ => [.. GroupQuantizers.Names], AllowMultipleArgumentsPerToken = true };
var accuracy = new Option<int[]>("--accuracy-level") { DefaultValueFactory = _ => [0, 4], AllowMultipleArgumentsPerToken = true };
var rows = new Option<string[]>("--embeddings") { DefaultValueFactory = _ => ["float"], AllowMultipleArgumentsPerToken = true, Description = "How embeddings are stored: float, int8, int4." };

var corrected = new Option<bool>("--bias-correction") { Description = "Biases take back what rounding takes from mean outputs." };

bool[] zeroPoints = [true, false];

var language = new Command("language", "Next-token loss on the gate text.") { path, data, tokenizer, stories, bits, groups, methods, accuracy, rows, corrected };
language.SetAction(parsed =>
{
    Natives.Use();
    var (model, text) = (parsed.GetValue(path)!, new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!));
    var (cores, count) = (parsed.GetValue(threads), parsed.GetValue(stories));
    using var dense = OnnxModel.Load(model);
    var statistics = Calibrator.Collect(dense, model, WeightSites.Find(dense), text.Calibration(2 * count), cores, CancellationToken.None);
    Console.WriteLine($"dense {text.Loss(dense, count, cores):0.0000}, {dense.WeightBytes:N0} bytes");
    Console.WriteLine("| bits | group | zero points | method | accuracy level | embeddings | loss | bytes | s |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    foreach (var width in parsed.GetValue(bits)!)
        foreach (var group in parsed.GetValue(groups)!)
            foreach (var symmetric in zeroPoints)
                foreach (var method in parsed.GetValue(methods)!)
                {
                    if (method == "hqq" && symmetric)
                        continue;
                    foreach (var level in parsed.GetValue(accuracy)!)
                        foreach (var table in parsed.GetValue(rows)!)
                        {
                            using var edited = OnnxModel.Load(model);
                            var clock = Stopwatch.StartNew();
                            var options = new GroupQuantizeOptions
                            {
                                Format = new GroupFormat(width, group, symmetric), Method = GroupQuantizers.Get(method), AccuracyLevel = level, BiasCorrection = parsed.GetValue(corrected), Threads = cores,
                            };
                            var known = options.Method.ScalesFirst ? new ActivationAwareScaling(options).Apply(edited, statistics).Statistics : statistics;
                            if (table != "float")
                                EmbeddingQuantizer.Quantize(edited, options.Format with { Bits = table == "int4" ? 4 : 8 }, _ => false, cores);
                            GroupModelQuantizer.Quantize(edited, options, known);
                            var seconds = clock.Elapsed.TotalSeconds;
                            Console.WriteLine($"| {width} | {group} | {(symmetric ? "middle" : "each")} | {method} | {level} | {table} | {text.Loss(edited, count, cores):0.0000} | {edited.WeightBytes:N0} | {seconds:0.0} |");
                        }
                }
});

var side = new Option<int>("--side") { DefaultValueFactory = _ => 4096, Description = "Inputs and outputs." };
var repeat = new Option<int>("--repeat") { DefaultValueFactory = _ => 1, Description = "How often; 66 layers of 4096 x 4096 are 1.1 billion weights." };
var layer = new Command("layer", "One layer from ready statistics.") { side, bits, groups, methods, repeat };
layer.SetAction(parsed =>
{
    Natives.Use();
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

var images = new Argument<string>("data") { Description = "Folder of {calibration,gate}.{images,labels}.u8." };
var judged = new Option<int>("--images") { DefaultValueFactory = _ => int.MaxValue, Description = "Images to judge on at most." };
var calibrated = new Option<int>("--calibration") { DefaultValueFactory = _ => 1000, Description = "Images to calibrate on." };
var save = new Option<string?>("--save") { Description = "Folder to keep the quantized models in." };
var split = new Option<string>("--split") { DefaultValueFactory = _ => "gate", Description = "Split to judge on." };
var only = new Option<string[]>("--variants") { DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true, Description = "Names of the only variants to try, such as min-max-w8-corrected." };
var cifar = new Command("cifar", "Static int8 of a CIFAR-10 network.") { path, images, judged, calibrated, split, only, save };
cifar.SetAction(parsed =>
{
    var (model, folder, cores, most) = (parsed.GetValue(path)!, parsed.GetValue(images)!, parsed.GetValue(threads), parsed.GetValue(judged));
    var files = parsed.GetValue(save) is { } wanted ? Directory.CreateDirectory(wanted) : Directory.CreateTempSubdirectory("prunebuild-cifar-");
    var (dense, labels) = CifarQuantization.Answers(model, folder, parsed.GetValue(split)!, most, cores);
    Console.WriteLine(FormattableString.Invariant($"dense {CifarQuantization.Equal(dense, labels):0.00} % of {labels.Length} images, {new FileInfo(model).Length:N0} bytes"));
    Console.WriteLine("| calibration | weights | scales of weights | zero points | bias correction | right, % | answers as the dense model, % | bytes | s |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    List<CifarVariant> variants =
    [
        .. RangeMethods.Names.SelectMany(method => new[] { new CifarVariant(method), new CifarVariant(method, BiasCorrection: false) }),
        .. RangeMethods.Names.Select(method => new CifarVariant(method, PerTensor: true)),
        .. RangeMethods.Names.Select(method => new CifarVariant(method, IsSymmetric: true)),
        .. RangeMethods.Names.Select(method => new CifarVariant(method, Bits: 7)),
        .. RangeMethods.Names.Select(method => new CifarVariant(method, PerTensor: true, BiasCorrection: false)),
    ];
    var nodes = "";
    var names = parsed.GetValue(only)!;
    foreach (var variant in variants.Where(variant => names.Length == 0 || names.Contains(variant.Name)))
    {
        var file = Path.Combine(files.FullName, variant.Name + ".onnx");
        (var seconds, nodes) = new CifarQuantization(model, folder, parsed.GetValue(calibrated), cores).Write(variant, file);
        var (answers, _) = CifarQuantization.Answers(file, folder, parsed.GetValue(split)!, most, cores);
        Console.WriteLine(FormattableString.Invariant($"| {variant.Method} | {variant.Bits} bits | {(variant.PerTensor ? "one" : "each output")} | {(variant.IsSymmetric ? "middle" : "each")} | {(variant.BiasCorrection ? "yes" : "no")} | {CifarQuantization.Equal(answers, labels):0.00} | {CifarQuantization.Equal(answers, dense):0.00} | {new FileInfo(file).Length:N0} | {seconds:0.0} |"));
    }
    Console.WriteLine($"Nodes: {nodes}.");
    if (parsed.GetValue(save) is null)
        files.Delete(recursive: true);
});

var candidates = new Argument<string[]>("models") { Arity = ArgumentArity.OneOrMore, Description = "Models, the dense one first." };
var judge = new Command("judge", "Right answers of ready models, for example in an emulator of another processor.") { images, candidates, judged, split };
judge.SetAction(parsed =>
{
    byte[]? dense = null;
    foreach (var model in parsed.GetValue(candidates)!)
    {
        var clock = Stopwatch.StartNew();
        var (answers, labels) = CifarQuantization.Answers(model, parsed.GetValue(images)!, parsed.GetValue(split)!, parsed.GetValue(judged), parsed.GetValue(threads));
        dense ??= answers;
        Console.WriteLine(FormattableString.Invariant($"| {Path.GetFileNameWithoutExtension(model)} | {CifarQuantization.Equal(answers, labels):0.00} | {CifarQuantization.Equal(answers, dense):0.00} | {clock.Elapsed.TotalSeconds:0.0} s |"));
    }
});

var method = new Option<string>("--method") { DefaultValueFactory = _ => "gptq", Description = "How levels of 4 and 8 bits are chosen." };
var mixed = new Command("mixed", "Precisions by what each weight costs a language model, against one precision for all.") { path, data, tokenizer, stories, method };
mixed.SetAction(parsed =>
{
    Natives.Use();
    var (text, cores, count) = (new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!), parsed.GetValue(threads), parsed.GetValue(stories));
    Precisions.Print(parsed.GetValue(path)!, [.. text.Calibration(2 * count)], new GroupQuantizeOptions { Method = GroupQuantizers.Get(parsed.GetValue(method)!), Threads = cores },
        model => text.Loss(model, count, cores));
});

var optionalTokenizer = new Argument<string?>("tokenizer") { Description = "A llama2.c tokenizer file; without it the model is a CIFAR-10 ResNet.", Arity = ArgumentArity.ZeroOrOne };
var recovery = new Option<string>("--recovery") { DefaultValueFactory = _ => "least-squares", Description = "What repairs pruned layers." };
var pattern = new Option<string>("--pattern") { DefaultValueFactory = _ => "8x4" };
var sparsity = new Option<double>("--sparsity") { DefaultValueFactory = _ => 0.5 };
var interaction = new Command("interaction", "Weights pruned, fewer bits, and both: drift from the dense model on calibration data.") { path, data, optionalTokenizer, stories, bits, recovery, pattern, sparsity };
interaction.SetAction(parsed =>
{
    Natives.Use();
    var (model, cores) = (parsed.GetValue(path)!, parsed.GetValue(threads));
    IReadOnlyList<CalibrationBatch> batches;
    IReadOnlyList<int>? labels = null;
    if (parsed.GetValue(optionalTokenizer) is { } file)
    {
        batches = [.. new Stories(parsed.GetValue(data)!, file).Calibration(parsed.GetValue(stories))];
    }
    else
    {
        using var dense = OnnxModel.Load(model);
        batches = [.. new Cifar(parsed.GetValue(data)!).Calibration(dense, 512, 64)];
        labels = [.. File.ReadAllBytes(Path.Combine(parsed.GetValue(data)!, "calibration.labels.u8")).Take(512).Select(label => (int)label)];
    }
    var pruning = new PruneOptions
    {
        Pattern = SparsityPattern.Parse(parsed.GetValue(pattern)!), Sparsity = parsed.GetValue(sparsity), Recovery = RecoveryMethods.Parse(parsed.GetValue(recovery)!),
        ProtectFirstLast = true, Skip = ["*lm_head*", "logits*"], Threads = cores,
    };
    foreach (var width in parsed.GetValue(bits)!)
        PruningAndQuantization.Print($"{parsed.GetValue(pattern)} at {parsed.GetValue(sparsity)}", model, batches, labels, width, pruning);
});

var patterns = new Option<string[]>("--patterns") { DefaultValueFactory = _ => ["8x4:0.5", "8x4:0.25", "2:4:0.5", "8:16:0.5"], AllowMultipleArgumentsPerToken = true, Description = "pattern:sparsity." };
var widths = new Option<string[]>("--dense") { DefaultValueFactory = _ => ["4:32", "3:32", "3:64", "2:32", "2:16"], AllowMultipleArgumentsPerToken = true, Description = "bits:group of dense weights." };
var sparse = new Command("sparse", "Pruned and quantized weights against dense ones of fewer bits.") { path, data, tokenizer, stories, patterns, widths };
sparse.SetAction(parsed =>
{
    Natives.Use();
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

return new RootCommand("Quantization.") { language, layer, cifar, judge, mixed, interaction, sparse, threads }.Parse(args).Invoke();
