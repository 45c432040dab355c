using System.Globalization;
using PruneBuild.Compression.Training;
using PruneBuild.Evaluation;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>What the user asks for one model: the content of a recipe file, with the short forms of the ModelReference laid over it.</summary>
public sealed record Recipe
{
    /// <summary>The removal of residual blocks, or null to keep all.</summary>
    public DepthStep? Depth { get; init; }

    /// <summary>The narrowing of the residual stream, or null to keep its width.</summary>
    public HiddenSizeStep? HiddenSize { get; init; }

    /// <summary>The pruning of heads and neurons layer by layer, or null to keep them.</summary>
    public TransformerStep? Transformer { get; init; }

    /// <summary>The structured pruning step, or null to keep all channels and neurons.</summary>
    public StructureStep? Structured { get; init; }

    /// <summary>The pruning step, or null to leave the weights.</summary>
    public PruneStep? Prune { get; init; }

    /// <summary>The training step, or null to train nothing.</summary>
    public TrainStep? Train { get; init; }

    /// <summary>The quantization step, or null to keep float weights.</summary>
    public QuantizeStep? Quantize { get; init; }

    /// <summary>What is measured of the drift from the dense parent, or null for nothing.</summary>
    public DriftStep? Drift { get; init; }

    /// <summary>Data that recovery learns from, or null.</summary>
    public CalibrationData? Calibration { get; init; }

    /// <summary>Rows a typical inference sends through the dense layers: what the planner plans for.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>As <see cref="Targeting.LoweringOptions.Confirm"/>.</summary>
    public bool ConfirmKernels { get; init; }

    /// <summary>Whose operator attends over the key-value cache of a language model.</summary>
    public AttentionOperator Attention { get; init; }

    /// <summary>The options as they go into the manifest, sorted by name.</summary>
    public IReadOnlyDictionary<string, string> Describe()
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["batch"] = Text(Batch),
            ["quantize.precision"] = Quantize is null ? "none" : Quantize.Precision,
        };
        if (ConfirmKernels)
            options["confirmKernels"] = "true";
        if (Attention != AttentionOperator.Auto)
            options["attention"] = RecipeReader.Attentions.Single(known => known.Value == Attention).Name;
        if (Depth is { } depth)
            Describe(options, depth);
        if (HiddenSize is { } hidden)
            Describe(options, hidden);
        if (Transformer is { } transformer)
            Describe(options, transformer);
        if (Structured is { } structured)
            Describe(options, structured);
        if (Prune is { } prune)
            Describe(options, prune);
        if (Train is { } train)
            Describe(options, train);
        if (Quantize is { } quantize)
            Describe(options, quantize);
        if (Drift is { } drift)
            Describe(options, drift);
        return options;
    }

    private static void Describe(SortedDictionary<string, string> options, DepthStep depth)
    {
        options["depth.blocks"] = Text(depth.Blocks);
        options["depth.by"] = depth.By;
        if (depth.Candidates is { } candidates)
            options["depth.candidates"] = Text(candidates);
    }

    private static void Describe(SortedDictionary<string, string> options, HiddenSizeStep hidden)
    {
        options["hiddenSize.remaining"] = Text(hidden.Remaining);
        if (hidden.Align is { } align)
            options["hiddenSize.align"] = Text(align);
    }

    private static void Describe(SortedDictionary<string, string> options, TransformerStep transformer)
    {
        options["transformer.remove"] = Text(transformer.Remove);
        options["transformer.layerRatios"] = transformer.LayerRatios;
        options["transformer.units"] = string.Join(",", transformer.Units);
        options["transformer.criterion"] = transformer.Criterion;
        options["transformer.recovery"] = transformer.Recovery;
        if (transformer.Align > 1)
            options["transformer.align"] = Text(transformer.Align);
    }

    private static void Describe(SortedDictionary<string, string> options, StructureStep structured)
    {
        options["structured.budget"] = $"{structured.Budget.Unit.ToString().ToLowerInvariant()}:{Text(structured.Budget.Remaining)}";
        options["structured.widths"] = structured.Widths;
        options["structured.criterion"] = structured.Criterion;
        options["structured.recovery"] = structured.Recovery;
        if (structured.Align is { } align)
            options["structured.align"] = Text(align);
        if (structured.Skip.Count > 0)
            options["structured.skip"] = Text(structured.Skip);
    }

    private static void Describe(SortedDictionary<string, string> options, PruneStep prune)
    {
        options["prune.pattern"] = prune.Pattern;
        if (prune.Budget is { } budget)
            options["prune.budget"] = $"{budget.Unit.ToString().ToLowerInvariant()}:{Text(budget.Most)}";
        else
            options["prune.sparsity"] = Text(prune.Sparsity);
        options["prune.criterion"] = prune.Criterion;
        if (prune.Gradual is { } gradual)
            options["prune.gradual"] = $"{Text(gradual.Steps)}:{Text(gradual.TrainSteps)}";
        if (prune.LayerRatios != "uniform")
            options["prune.layerRatios"] = prune.LayerRatios;
        if (prune.Redistribute.Count > 0)
            options["prune.redistribute"] = string.Join(",", prune.Redistribute);
        if (prune.Permute)
            options["prune.permute"] = "true";
        if (prune.Sequential)
            options["prune.sequential"] = "true";
        if (prune.ReestimateBatchNorm is { } normalize)
            options["prune.reestimateBatchNorm"] = Text(normalize);
        options["prune.recovery"] = prune.Recovery;
        options["prune.protectFirstLast"] = Text(prune.ProtectFirstLast);
        options["prune.allowExtremeSparsity"] = Text(prune.AllowExtremeSparsity);
        if (prune.Layers.Count > 0)
            options["prune.layers"] = string.Join(",", prune.Layers.Select(layer => $"{layer.Layer.Name}:{Text(layer.Sparsity)}"));
        if (prune.Skip.Count > 0)
            options["prune.skip"] = Text(prune.Skip);
    }

    private static void Describe(SortedDictionary<string, string> options, TrainStep train)
    {
        options["train.method"] = train.Method;
        options["train.steps"] = Text(train.Steps);
        options["train.batch"] = Text(train.Batch);
        options["train.seed"] = Text(train.Seed);
        options["train.optimizer"] = train.Optimizer == OptimizerKind.AdamW ? "adamw" : "sgd";
        if (TrainStep.ComparesLogits(train.Method))
            options["train.temperature"] = Text(train.Temperature);
        if (train.LearningRate is { } rate)
            options["train.learningRate"] = Text(rate);
        if (train.WeightDecay > 0)
            options["train.weightDecay"] = Text(train.WeightDecay);
        if (train.WarmupSteps > 0)
            options["train.warmup"] = Text(train.WarmupSteps);
        if (train.Augmentation is { } augmentation)
            options["train.augmentation"] = $"horizontalFlip:{Text(augmentation.HorizontalFlip)},shift:{Text(augmentation.Shift)}";
        if (train.Method == "lora")
            options["train.lora"] = $"rank:{Text(train.Rank)},alpha:{Text(train.Alpha ?? 2 * train.Rank)}";
    }

    private static void Describe(SortedDictionary<string, string> options, QuantizeStep quantize)
    {
        if (quantize.Skip.Count > 0)
            options["quantize.skip"] = Text(quantize.Skip);
        if (quantize.WeightBits is { } bits)
            options["quantize.weightBits"] = Text(bits);
        if (quantize.Activations is { } activations)
            Describe(options, activations);
        if (quantize.Embeddings != QuantizeStep.Float)
            options["quantize.embeddings"] = quantize.Embeddings;
        if (quantize.Store != QuantizeStep.Float)
            options["quantize.store"] = quantize.Store;
        if (quantize.BiasCorrection || quantize.Activations is { IsStatic: true })
            options["quantize.biasCorrection"] = Text(quantize.BiasCorrection);
        if (quantize.Compensates)
            options["quantize.method"] = "gptq";
        if (quantize.Groups is not { } groups)
            return;
        options["quantize.method"] = groups.Method;
        if (groups.Joint is not null)
            options["quantize.joint"] = "true";
        options["quantize.group"] = Text(groups.Size);
        options["quantize.symmetric"] = Text(groups.IsSymmetric);
        options["quantize.accuracyLevel"] = Text(groups.AccuracyLevel);
        if (groups.Bits == 4)
            options["quantize.protectFirstLast"] = Text(groups.ProtectFirstLast);
        if (groups.EightBit.Count > 0)
            options["quantize.eightBit"] = Text(groups.EightBit);
        if (groups.Mixed is not { } mixed)
            return;
        options["quantize.mixed"] = $"{mixed.UnitName}:{Text(mixed.Most)}";
        options["quantize.mixed.search"] = mixed.Search;
        options["quantize.mixed.precisions"] = string.Join(",", mixed.Precisions);
    }

    private static void Describe(SortedDictionary<string, string> options, DriftStep drift)
    {
        options["drift.interaction"] = Text(drift.Interaction);
        options["drift.mode"] = drift.IsError ? "fail" : "warn";
        foreach (var gate in drift.Gates)
            options[$"drift.{gate.Figure}"] = Text(gate.Threshold);
    }

    private static void Describe(SortedDictionary<string, string> options, ActivationStep activations)
    {
        options["quantize.activations"] = activations.IsStatic ? "static" : "dynamic";
        if (activations.Smooth is { } strength)
            options["quantize.smooth"] = Text(strength);
        if (!activations.IsStatic)
            return;
        options["quantize.calibrate"] = activations.Calibrate == "percentile" ? $"percentile:{Text(activations.Percentile)}" : activations.Calibrate;
        options["quantize.activationsSymmetric"] = Text(activations.IsSymmetric);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(IReadOnlyList<LayerName> names) => string.Join(",", names.Select(layer => layer.Name));
}

/// <summary>The pruning step.</summary>
/// <param name="Pattern">unstructured, N:M, or outputs x inputs blocks.</param>
/// <param name="Sparsity">Fraction of zeros, 0 to 1.</param>
public sealed record PruneStep(string Pattern, double Sparsity)
{
    /// <summary>What the sparsity has to achieve on the target, or null where <see cref="Sparsity"/> is given.</summary>
    public PruneBudget? Budget { get; init; }

    /// <summary>Steps to the sparsity, or null to prune at once.</summary>
    public GradualSchedule? Gradual { get; init; }

    /// <summary>Importance score.</summary>
    public string Criterion { get; init; } = "magnitude";

    /// <summary>How the sparsity is divided among the layers.</summary>
    public string LayerRatios { get; init; } = "uniform";

    /// <summary>Exact changes that gather importance in fewer weights, in order, before anything is pruned.</summary>
    public IReadOnlyList<string> Redistribute { get; init; } = [];

    /// <summary>Whether channels are reordered first, so that what matters shares blocks.</summary>
    public bool Permute { get; init; }

    /// <summary>Whether each layer is pruned on what the pruned layers before it give.</summary>
    public bool Sequential { get; init; }

    /// <summary>
    /// Whether batch normalization is re-estimated afterwards; null to leave it to the rest: sequential recovery has already
    /// brought every layer back to the dense output, others have not.
    /// </summary>
    public bool? ReestimateBatchNorm { get; init; }

    /// <summary>none, bias, linear or least-squares.</summary>
    public string Recovery { get; init; } = "none";

    /// <summary>Whether unstructured sparsity above 0.7 is meant.</summary>
    public bool AllowExtremeSparsity { get; init; }

    /// <summary>Whether the first and the last layer stay dense.</summary>
    public bool ProtectFirstLast { get; init; } = true;

    /// <summary>Layers that stay dense.</summary>
    public IReadOnlyList<LayerName> Skip { get; init; } = [];

    /// <summary>Sparsity of single layers; the last that matches counts.</summary>
    public IReadOnlyList<LayerSparsity> Layers { get; init; } = [];

    /// <summary>Every layer that is named.</summary>
    internal IEnumerable<LayerName> NamedLayers => Skip.Concat(Layers.Select(layer => layer.Layer));
}

/// <summary>What a budget of the pruning step counts.</summary>
public enum PruneBudgetUnit
{
    /// <summary>Predicted time of all linear layers in one inference.</summary>
    Milliseconds,

    /// <summary>Bytes of their weights as the kernels read them.</summary>
    Bytes,
}

/// <summary>A budget that decides the sparsity.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Most">How much there may be.</param>
/// <param name="At">Where the recipe says so.</param>
public sealed record PruneBudget(PruneBudgetUnit Unit, double Most, SourceLocation At);

/// <summary>Pruning in steps, along <see cref="Compression.Pruning.CubicSchedule"/>.</summary>
/// <param name="Steps">Pruning steps.</param>
/// <param name="TrainSteps">Optimizer steps after each but the last, which the training step of the recipe follows.</param>
public sealed record GradualSchedule(int Steps, int TrainSteps);

/// <summary>Layers that a recipe names.</summary>
/// <param name="Name">Name of a layer or its weight, or a glob with * and ?.</param>
/// <param name="At">Where the recipe says so.</param>
public sealed record LayerName(string Name, SourceLocation At);

/// <summary>Sparsity of some layers.</summary>
/// <param name="Layer">The layers.</param>
/// <param name="Sparsity">Fraction of zeros, 0 to 1.</param>
public sealed record LayerSparsity(LayerName Layer, double Sparsity);
