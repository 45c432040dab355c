// What pruning costs in accuracy, without training, and what SparseGPT costs in time and memory.
using System.CommandLine;
using System.Diagnostics;
using PruneBuild.Benchmarks.Pruning;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Permutation;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Compression.Statistics;
using PruneBuild.Compression.Structured;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

Natives.Use();
var path = new Argument<string>("model") { Description = "A CIFAR-10 ResNet, ONNX." };
var data = new Argument<string>("data") { Description = "Folder of {calibration,gate}.{images,labels}.u8." };
var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads.", Recursive = true };
var images = new Option<int>("--images") { DefaultValueFactory = _ => 512, Description = "Calibration images." };
var patterns = new Option<string[]>("--patterns") { DefaultValueFactory = _ => ["unstructured", "2:4", "8x4", "8x1"], AllowMultipleArgumentsPerToken = true };
var criteria = new Option<string[]>("--criteria") { DefaultValueFactory = _ => [.. PruningCriteria.Names], AllowMultipleArgumentsPerToken = true };
var recoveries = new Option<string[]>("--recovery") { DefaultValueFactory = _ => ["none", "least-squares"], AllowMultipleArgumentsPerToken = true };
var ratios = new Option<string>("--ratios") { DefaultValueFactory = _ => "uniform", Description = "How sparsity is divided among the layers." };
var permute = new Option<bool>("--permute") { Description = "Reorder channels first." };
var redistribute = new Option<string[]>("--redistribute") { DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true, Description = "Move importance between weights first, one way after the other: " + string.Join(", ", Redistributions.Names) + "." };
var split = new Option<string>("--split") { DefaultValueFactory = _ => "gate", Description = "What to judge on: dev or gate." };
var sequential = new Option<bool>("--sequential") { Description = "Each layer on what the pruned ones before it give." };
var normalize = new Option<bool>("--normalize") { Description = "Re-estimate batch normalization." };
var distill = new Option<double>("--distill") { Description = "Minutes of distillation from the dense model afterwards." };
var steps = new Option<int>("--steps") { DefaultValueFactory = _ => int.MaxValue, Description = "Most optimizer steps of it." };
var rate = new Option<double>("--rate") { DefaultValueFactory = _ => 0.02, Description = "Learning rate of it." };
var structured = new Option<double>("--macs") { DefaultValueFactory = _ => 1, Description = "Remove channels first until this fraction of the MACs stays." };
var unitCriterion = new Option<string>("--units") { DefaultValueFactory = _ => "l2", Description = "How channels are scored." };
var widths = new Option<bool>("--uniform-widths") { Description = "The same fraction of all channels instead of where it costs least." };
var unitRecovery = new Option<string>("--unit-recovery") { DefaultValueFactory = _ => "least-squares", Description = "What repairs the layers that read them." };
var skip = new Option<string[]>("--skip") { DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true, Description = "Layers whose channels stay." };
var method = new Option<string>("--method") { DefaultValueFactory = _ => "distillation", Description = "distillation, feature (the last residual block) or blockwise." };
var batch = new Option<int?>("--batch") { Description = "Cases of a step: 100 images, or 16 stories." };
var adam = new Option<bool>("--adamw") { Description = "AdamW instead of momentum." };
var still = new Option<bool>("--still") { Description = "Batch normalization keeps its statistics while training." };
var layers = new Option<bool>("--layers") { Description = "Every layer's relative output error." };
var sparsity = new Option<double>("--sparsity") { DefaultValueFactory = _ => 0.5 };

var cifar = new Command("cifar", "All layers but the first and the last of a ResNet.") { path, data, images, patterns, criteria, recoveries, sparsity, ratios, redistribute, split, permute, sequential, normalize, distill, steps, rate, structured, unitCriterion, widths, unitRecovery, skip, method, batch, adam, still, layers };
cifar.SetAction(parsed =>
{
    var (model, images_) = (parsed.GetValue(path)!, new Cifar(parsed.GetValue(data)!));
    var cores = parsed.GetValue(threads);
    using var dense = OnnxModel.Load(model);
    var clock = Stopwatch.StartNew();
    var statistics = Calibrator.Collect(dense, model, WeightSites.Find(dense), images_.Calibration(dense, parsed.GetValue(images), 64), cores, CancellationToken.None);
    Console.WriteLine($"dense {images_.Accuracy(dense, parsed.GetValue(split)!, cores):0.00}; statistics of {parsed.GetValue(images)} images {clock.Elapsed.TotalSeconds:0.0} s");
    Console.WriteLine("| pattern | criterion | recovery | accuracy | normalized | mean relative output error | s |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    foreach (var pattern in parsed.GetValue(patterns)!)
    {
        foreach (var criterion in parsed.GetValue(criteria)!)
        {
            foreach (var recovery in parsed.GetValue(recoveries)!)
            {
                using var edited = OnnxModel.Load(model);
                clock.Restart();
                var isDense = pattern == "dense";
                var options = Options(parsed, isDense ? "unstructured" : pattern, criterion, recovery) with { ProtectFirstLast = true };
                var known = Redistributed(parsed, edited, statistics);
                if (parsed.GetValue(structured) is < 1 and var macs)
                {
                    var units = StructuredPruner.Prune(edited, new StructuredOptions
                    {
                        Budget = new StructuredBudget(BudgetUnit.Macs, macs),
                        Widths = parsed.GetValue(widths) ? WidthRule.Uniform : WidthRule.OutputError,
                        Criterion = UnitCriteria.Get(parsed.GetValue(unitCriterion)!),
                        Recovery = RecoveryMethods.Parse(parsed.GetValue(unitRecovery)!),
                        Skip = parsed.GetValue(skip)!,
                        Threads = cores,
                    }, statistics, UnitCriteria.Get(parsed.GetValue(unitCriterion)!).NeedsGradients
                        ? GradientCollector.Collect(edited, WeightSites.Find(edited), images_.Calibration(edited, parsed.GetValue(images), 64), cores, CancellationToken.None) : null);
                    Console.WriteLine($"    MACs {units.Macs.Before:N0} to {units.Macs.After:N0}, bytes {units.Bytes.Before:N0} to {units.Bytes.After:N0} in {clock.Elapsed.TotalSeconds:0.0} s: accuracy {images_.Accuracy(edited, parsed.GetValue(split)!, cores):0.00}");
                    foreach (var found in parsed.GetValue(layers) ? units.Classes : [])
                        Console.WriteLine($"    {found.Name}: {found.Kept.Count} of {found.Units} {found.Reason}");
                    if (!isDense)
                        known = Calibrator.Collect(edited, model, WeightSites.Find(edited), images_.Calibration(edited, parsed.GetValue(images), 64), cores, CancellationToken.None);
                }
                if (parsed.GetValue(permute))
                {
                    (known, var classes) = ChannelPermutation.Run(edited, options, known);
                    foreach (var permuted in classes)
                        Console.WriteLine($"    {permuted.Name}, {permuted.Units} units: {permuted.Before:0.0000} to {permuted.After:0.0000} {permuted.Reason}");
                    Console.WriteLine($"    permuted in {clock.Elapsed.TotalSeconds:0.0} s: accuracy {images_.Accuracy(edited, parsed.GetValue(split)!, cores):0.00}");
                }
                var reports = isDense ? [] : parsed.GetValue(sequential)
                    ? SequentialPruner.Prune(edited, model, options, images_.Calibration(edited, parsed.GetValue(images), 64), known)
                    : ModelPruner.Prune(edited, options, known);
                var before = images_.Accuracy(edited, parsed.GetValue(split)!, cores);
                if (parsed.GetValue(normalize))
                    BatchNormReestimation.Apply(edited, images_.Calibration(edited, 1000, 250));
                if (parsed.GetValue(distill) is > 0 and var minutes)
                {
                    var data = TrainingData.FromBatches(images_.Calibration(edited, 1000, 250));
                    var training = new TrainingOptions { Steps = parsed.GetValue(steps), Time = TimeSpan.FromMinutes(minutes), BatchSize = parsed.GetValue(batch) ?? 100, LearningRate = parsed.GetValue(rate), Threads = cores, Augmentation = new ImageAugmentation(), Optimizer = parsed.GetValue(adam) ? OptimizerKind.AdamW : OptimizerKind.NesterovSgd, TrainBatchNorm = !parsed.GetValue(still) };
                    var blocks = TransformerView.ResidualBlocks(edited).Select(block => block.Output).ToList();
                    ITrainingRecovery recover = parsed.GetValue(method) switch
                    {
                        "feature" => new FeatureDistillation([blocks[^1]]),
                        "blockwise" => new BlockwiseDistillation(blocks),
                        _ => new FullTuning(Temperature: 3),
                    };
                    var report = recover.Recover(edited, dense, data, training);
                    Console.WriteLine($"    {report.Steps} steps, {report.Elapsed.TotalSeconds / report.Steps:0.00} s each, loss {report.LossBefore:0.000} to {report.LossAfter:0.000}, {report.StopReason}: accuracy {images_.Accuracy(edited, parsed.GetValue(split)!, cores):0.00}");
                }
                var seconds = clock.Elapsed.TotalSeconds;
                var error = reports.Select(report => report.RelativeErrorRecovered ?? 0).DefaultIfEmpty().Average();
                Console.WriteLine($"| {pattern} | {criterion} | {recovery} | {before:0.00} | {images_.Accuracy(edited, parsed.GetValue(split)!, cores):0.00} | {error:0.000} | {seconds:0.0} |");
                foreach (var report in parsed.GetValue(layers) ? reports : [])
                    Console.WriteLine($"    {report.Name} {report.Outputs} x {report.Inputs}: {report.Sparsity:0.000} zeros, error {report.RelativeErrorPruned:0.0000}, recovered {report.RelativeErrorRecovered:0.0000} ({report.Recovery}) {report.Reason}");
            }
        }
    }
});

var tokenizer = new Argument<string>("tokenizer") { Description = "A llama2.c tokenizer file." };
var stories = new Option<int>("--stories") { DefaultValueFactory = _ => 40, Description = "Stories to judge on; twice as many to calibrate." };
var language = new Command("language", "A small language model: next-token loss on the gate text.") { path, data, tokenizer, stories, patterns, criteria, recoveries, sparsity, ratios, redistribute, permute, sequential, distill, steps, rate, batch };
language.SetAction(parsed =>
{
    var (model, text) = (parsed.GetValue(path)!, new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!));
    var (cores, count) = (parsed.GetValue(threads), parsed.GetValue(stories));
    using var dense = OnnxModel.Load(model);
    var statistics = Calibrator.Collect(dense, model, WeightSites.Find(dense), text.Calibration(2 * count), cores, CancellationToken.None);
    Console.WriteLine($"dense {text.Loss(dense, count, cores):0.000}");
    Console.WriteLine("| pattern | criterion | recovery | loss | s |");
    Console.WriteLine("|---|---|---|---|---|");
    foreach (var pattern in parsed.GetValue(patterns)!)
    {
        foreach (var criterion in parsed.GetValue(criteria)!)
        {
            foreach (var recovery in parsed.GetValue(recoveries)!)
            {
                using var edited = OnnxModel.Load(model);
                var clock = Stopwatch.StartNew();
                var options = Options(parsed, pattern, criterion, recovery) with { Skip = ["*lm_head*", "logits*"] };
                var known = Redistributed(parsed, edited, statistics);
                if (parsed.GetValue(permute))
                    (known, _) = ChannelPermutation.Run(edited, options, known);
                _ = parsed.GetValue(sequential)
                    ? SequentialPruner.Prune(edited, model, options, text.Calibration(2 * count), known)
                    : ModelPruner.Prune(edited, options, known);
                Console.WriteLine($"| {pattern} | {criterion} | {recovery} | {text.Loss(edited, count, cores):0.000} | {clock.Elapsed.TotalSeconds:0.0} |");
                if (parsed.GetValue(distill) is > 0 and var minutes)
                {
                    var training = new TrainingOptions
                    {
                        Steps = parsed.GetValue(steps), Time = TimeSpan.FromMinutes(minutes), BatchSize = parsed.GetValue(batch) ?? 16, Optimizer = OptimizerKind.AdamW,
                        LearningRate = parsed.GetValue(rate), WarmupSteps = 20, Threads = cores, HoldOut = 0.03,
                    };
                    var report = new FullTuning(Temperature: 1).Recover(edited, dense, TrainingData.FromBatches(text.Windows(16)), training);
                    Console.WriteLine($"    {report.Steps} steps, {report.Elapsed.TotalSeconds / report.Steps:0.00} s each, loss {report.LossBefore:0.000} to {report.LossAfter:0.000}, {report.StopReason}: {text.Loss(edited, count, cores):0.000}");
                }
            }
        }
    }
});

var unitCriteria = new Option<string[]>("--criteria") { DefaultValueFactory = _ => [.. UnitCriteria.Names], AllowMultipleArgumentsPerToken = true };
var remaining = new Option<double>("--remaining") { DefaultValueFactory = _ => 0.8, Description = "Fraction of the neurons that stay." };
var groups = new Option<int>("--groups") { DefaultValueFactory = _ => 3, Description = "Key-value groups that stay." };
var narrow = new Command("units", "Neurons or heads of a small language model removed: next-token loss on the gate text.") { path, data, tokenizer, stories, unitCriteria, remaining, groups };
narrow.SetAction(parsed =>
{
    var (model, text) = (parsed.GetValue(path)!, new Stories(parsed.GetValue(data)!, parsed.GetValue(tokenizer)!));
    var (cores, count) = (parsed.GetValue(threads), parsed.GetValue(stories));
    using var dense = OnnxModel.Load(model);
    var sites = WeightSites.Find(dense);
    var statistics = Calibrator.Collect(dense, model, sites, text.Calibration(2 * count), cores, CancellationToken.None);
    var clock = Stopwatch.StartNew();
    var gradients = GradientCollector.Collect(dense, sites, text.Calibration(2 * count), cores, CancellationToken.None);
    Console.WriteLine($"dense {text.Loss(dense, count, cores):0.000}; gradients of {gradients.Samples} stories {clock.Elapsed.TotalSeconds:0.0} s");
    Console.WriteLine("| criterion | neurons | neurons, linear recovery | heads | heads, linear recovery |");
    Console.WriteLine("|---|---|---|---|---|");
    foreach (var criterion in parsed.GetValue(unitCriteria)!.Select(UnitCriteria.Get))
    {
        double Loss(Action<OnnxModel> prune)
        {
            using var edited = OnnxModel.Load(model);
            prune(edited);
            return text.Loss(edited, count, cores);
        }
        double Neurons(RecoveryMethod recovery) => Loss(edited => StructuredPruner.Prune(
            edited, new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Units, parsed.GetValue(remaining)), Align = 1, Criterion = criterion, Recovery = recovery }, statistics, gradients));
        double Heads(RecoveryMethod recovery) => Loss(edited => HeadPruner.Prune(
            edited, new HeadOptions { Groups = parsed.GetValue(groups), Criterion = criterion, Recovery = recovery }, statistics, gradients));
        Console.WriteLine($"| {criterion.Name} | {Neurons(RecoveryMethod.None):0.000} | {Neurons(RecoveryMethod.Linear):0.000} | {Heads(RecoveryMethod.None):0.000} | {Heads(RecoveryMethod.Linear):0.000} |");
    }
});

var side = new Option<int>("--side") { DefaultValueFactory = _ => 4096, Description = "Inputs and outputs." };
var layer = new Command("layer", "SparseGPT of one layer from a ready Hessian.") { side, patterns };
layer.SetAction(parsed =>
{
    var size = parsed.GetValue(side);
    var random = new Random(1);
    var weights = new float[size * size];
    foreach (ref var weight in weights.AsSpan())
        weight = (random.NextSingle() - 0.5f) * 0.1f;
    var statistics = Synthetic.Statistics(size);
    Console.WriteLine($"Hessian ready: peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    foreach (var pattern in parsed.GetValue(patterns)!)
    {
        var clock = Stopwatch.StartNew();
        var pruned = new SparseGpt().Prune(new LayerProblem(weights, size, size, SparsityPattern.Parse(pattern), 0.5) { Statistics = statistics, Threads = parsed.GetValue(threads) });
        Console.WriteLine($"{size} x {size}, {pattern}: {clock.Elapsed.TotalSeconds:0.0} s, {pruned.Keep.Count(kept => !kept) / (double)pruned.Keep.Length:0.0000} zeros, "
            + $"peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB{(pruned.Reason is null ? "" : "; " + pruned.Reason)}");
    }
});

var recipeFile = new Argument<string>("recipe") { Description = "A recipe file." };
var harness = new Argument<string>("harness") { Description = "A harness file." };
var recipe_ = new Command("recipe", "A recipe as a build runs it, with the verdict of its harness.") { path, recipeFile, harness };
recipe_.SetAction(parsed => RecipeRun.Run(parsed.GetValue(path)!, parsed.GetValue(recipeFile)!, parsed.GetValue(harness)!, parsed.GetValue(threads)));

return new RootCommand("Pruning and recovery.") { cifar, language, narrow, layer, recipe_, threads }.Parse(args).Invoke();

CalibrationStatistics Redistributed(ParseResult parsed, OnnxModel model, CalibrationStatistics statistics) =>
    parsed.GetValue(redistribute)!.Aggregate(statistics, (known, name) => Redistributions.Get(name).Apply(model, known).Statistics!);

PruneOptions Options(ParseResult parsed, string pattern, string criterion, string recovery) => new()
{
    Pattern = SparsityPattern.Parse(pattern),
    Sparsity = parsed.GetValue(sparsity),
    Criterion = PruningCriteria.Get(criterion),
    Ratios = LayerRatioMethods.Get(parsed.GetValue(ratios)!),
    Recovery = RecoveryMethods.Parse(recovery),
    Threads = parsed.GetValue(threads),
};
