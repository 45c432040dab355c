using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>What every recovery does around its own choice of parameters and loss.</summary>
internal static class Distillation
{
    /// <summary>Trains and stores.</summary>
    public static TrainingReport Run(
        string method, OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        Func<ParameterGroups, IParameterization> parameterize, IDistillationLoss loss, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MicroBatches);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.EvaluateEvery);
        TorchNatives.Load();
        return Train(method, student, teacher, data, options, parameterize, loss, progress, cancellation);
    }

    /// <summary>The value that holds the logits: the one given, or the first output, before its Softmax when it ends in one.</summary>
    public static string Logits(OnnxModel model, string? given)
    {
        var output = given ?? model.Graph.Output[0].Name;
        return new GraphIndex(model.Graph).Producer(output) is { OpType: "Softmax" or "LogSoftmax" } softmax && given is null ? softmax.Input[0] : output;
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TrainingReport Train(
        string method, OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        Func<ParameterGroups, IParameterization> parameterize, IDistillationLoss loss, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var scope = torch.NewDisposeScope();
        var parameterization = parameterize(ParameterGroups.Find(student));
        if (parameterization.Initial.Length == 0)
            throw new PruneBuildException("PB3008", method);
        using var trainer = new Trainer(student, teacher, data, options, parameterization, loss);
        var report = trainer.Run(method, progress, cancellation);
        trainer.Store(student);
        return report;
    }
}
