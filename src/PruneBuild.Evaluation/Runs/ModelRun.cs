using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation;

/// <summary>Asks a model everything that the cases of a harness ask.</summary>
public static class ModelRun
{
    /// <summary>Runs the model over all cases.</summary>
    /// <param name="modelPath">The ONNX file: the dense parent or a candidate, with our custom ops or without.</param>
    /// <param name="harness">Task, input and output.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">Threads inside an operator; they must not change the answers.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Ends the run between or inside batches.</param>
    /// <returns>A row for every case; where one case asks several times, for every time, and then for every document of the corpus.</returns>
    /// <exception cref="PruneBuildException">PB5001 when ONNX Runtime refuses the model or fails; PB5002 or PB5022 when the output is not
    /// what the task expects; PB5023 when nobody knows what to put in an input.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public static ModelOutputs Evaluate(
        string modelPath, Harness harness, CaseSet cases, int threads, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        return With(modelPath, harness, threads, progress, model => harness.Settings.TakesTokens
            ? TokenRun.Evaluate(model, harness, cases)
            : TensorRun.Evaluate(model, harness, cases), cancellation);
    }

    /// <summary>Opens a model, and says in our codes what ONNX Runtime says in its own.</summary>
    internal static T With<T>(
        string modelPath, Harness harness, int threads, IProgress<EvaluationProgress>? progress, Func<RunningModel, T> run, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var canceled = cancellation.Register(() => options.Terminate = true);
        try
        {
            using var session = ModelSession.Open(modelPath, threads);
            var output = RunningModel.Choose(harness.Output, session.OutputNames, "output", modelPath);
            return run(new RunningModel(session, options, modelPath, output, progress, cancellation));
        }
        catch (OnnxRuntimeException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            var diagnostic = Diagnostic.Create("PB5001", Severity.Error, modelPath, exception.Message.ReplaceLineEndings(" "));
            throw new PruneBuildException(diagnostic.At(modelPath), exception);
        }
    }
}
