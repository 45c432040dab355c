using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Lets a classifier answer every case.</summary>
public static class ClassificationRun
{
    /// <summary>Runs the model over all cases. The answer is the class with the largest output, the lowest class on a tie.</summary>
    /// <param name="modelPath">As <see cref="ModelRun.Evaluate"/>.</param>
    /// <param name="harness">Input, output and classes.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">Threads inside an operator; they must not change the answers.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Ends the run between or inside batches.</param>
    /// <exception cref="PruneBuildException">As <see cref="ModelRun.Evaluate"/>.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public static Predictions Evaluate(
        string modelPath, Harness harness, CaseSet cases, int threads, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        return Predictions.Of(harness, cases, ModelRun.Evaluate(modelPath, harness, cases, threads, progress, cancellation));
    }
}
