using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Trains a student as a recipe says.</summary>
/// <param name="context">The request.</param>
/// <param name="stage">The stage that trains, for its progress lines.</param>
/// <param name="step">How.</param>
/// <param name="data">The cases; those of the harness are other ones.</param>
internal sealed class ModelTraining(WorkContext context, string stage, TrainStep step, CalibrationData data)
{
    /// <summary>File of a pruning stage with the dense model in the order of the pruned one.</summary>
    public const string AlignedParent = "parent.onnx";

    /// <summary>Whether inner values are compared after their channels were reordered or turned, so that a parent that went along is needed.</summary>
    public static bool NeedsAlignedParent(Recipe recipe) =>
        recipe.Train is { } train && !TrainStep.ComparesLogits(train.Method) && MovesChannels(recipe);

    /// <summary>Whether pruning keeps such a parent, for the training or to measure drift.</summary>
    public static bool KeepsAlignedParent(Recipe recipe) => NeedsAlignedParent(recipe) || (recipe.Drift is not null && MovesChannels(recipe));

    /// <summary>Whether pruning reorders or turns channels.</summary>
    public static bool MovesChannels(Recipe recipe) => recipe.Prune is { } prune && (prune.Permute || prune.Redistribute.Count > 0);

    /// <summary>The model to learn from: the dense parent, or for inner values the one of the student's order.</summary>
    public static string TeacherOf(WorkContext context, StageResult pruned) =>
        NeedsAlignedParent(context.Recipe) ? Path.Combine(pruned.Folder, AlignedParent) : SourceStage.Run(context).Model;

    /// <summary>Trains the student in place.</summary>
    /// <param name="student">Edited.</param>
    /// <param name="teacher">From <see cref="TeacherOf"/>.</param>
    /// <param name="steps">Optimizer steps.</param>
    /// <param name="warnings">Receives PB3009.</param>
    /// <exception cref="PruneBuildException">PB3004, PB1033: the data does not fit. PB3007, PB3008, PB3010: the model cannot be trained.</exception>
    public ArtifactTraining Run(OnnxModel student, OnnxModel teacher, int steps, ICollection<Diagnostic> warnings)
    {
        var cases = TrainingData.FromBatches(CalibrationReader.Read(student, data));
        var progress = new TrainingProgressLine(context.Reporter, stage, step.Method);
        var report = Method(student).Recover(student, teacher, cases, Options(steps), progress, context.Cancellation);
        context.Reporter.Progress(stage, FormattableString.Invariant(
            $"{report.Method}: {report.Steps} steps in {report.Elapsed.TotalSeconds:F0} s, loss {report.LossBefore:0.####} became {report.LossAfter:0.####}"));
        if (report.StopReason == "non-finite loss")
            warnings.Add(Diagnostic.Create("PB3009", Severity.Warning, report.Steps, steps));
        return new ArtifactTraining(report.Method, report.Steps, report.Parameters, report.StopReason, Finite(report.LossBefore), Finite(report.LossAfter));
    }

    private ITrainingRecovery Method(OnnxModel student) => step.Method switch
    {
        "distillation" => new FullTuning(step.Temperature),
        TrainStep.Blockwise => new BlockwiseDistillation(Blocks(student)),
        TrainStep.Feature => new FeatureDistillation([Blocks(student)[^1]]),
        "lora" => new LoraTuning(step.Rank, step.Alpha ?? 2 * step.Rank, step.Temperature),
        "bias-and-norm" => new BiasAndNormTuning(step.Temperature),
        _ => throw new InvalidOperationException($"'{step.Method}' is no training method."),
    };

    /// <summary>The residual blocks, or for a model without any its single layers.</summary>
    private List<string> Blocks(OnnxModel student)
    {
        var residual = TransformerView.ResidualBlocks(student).Select(block => block.Output).ToList();
        var blocks = residual.Count > 0 ? residual : [.. WeightSites.Find(student).Select(site => site.OutputName).Distinct()];
        return blocks.Count > 0 ? blocks : throw new PruneBuildException("PB3008", step.Method);
    }

    private TrainingOptions Options(int steps) => new()
    {
        Steps = steps,
        BatchSize = step.Batch,
        Seed = step.Seed,
        Optimizer = step.Optimizer,
        LearningRate = step.LearningRate ?? (step.Optimizer == OptimizerKind.AdamW ? 1e-3 : 0.02),
        WeightDecay = step.WeightDecay,
        WarmupSteps = step.WarmupSteps,
        Augmentation = step.Augmentation,
        Threads = context.Threads,
    };

    private static double? Finite(double loss) => double.IsFinite(loss) ? loss : null;
}
