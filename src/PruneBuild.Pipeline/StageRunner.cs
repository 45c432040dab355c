using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Probing;

namespace PruneBuild.Pipeline;

/// <summary>Runs one stage by name. A stage makes sure of the ones before it, so each may be called on its own.</summary>
public static class StageRunner
{
    /// <summary>The stages in order; the build shows a target for each.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["prune", "quantize", "select", "evaluate", "package"];

    /// <summary>Runs a stage; what it finds goes to the reporter.</summary>
    /// <param name="stage">One of <see cref="Stages"/>.</param>
    /// <param name="request">What to do.</param>
    /// <param name="reporter">Where warnings and failed floors go.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="clock">What day it is; the system's clock without it.</param>
    /// <param name="probe">Starts a model under a resource profile; without it nothing is measured.</param>
    /// <exception cref="PruneBuildException">The stage could not be done.</exception>
    public static void Run(string stage, WorkRequest request, IWorkReporter reporter, CancellationToken cancellation, TimeProvider? clock = null, StartProbe? probe = null)
    {
        Directory.CreateDirectory(request.StagesFolder);
        var context = new WorkContext(request, reporter, cancellation, clock) { StartProbe = probe };
        try
        {
            switch (stage)
            {
                case "prune":
                    // Hours of pruning must not end in a label, or a floor, that was wrong from the start.
                    _ = context.Device;
                    if (LockedHarness.Of(context) is { Diagnostics: { Count: > 0 } broken })
                    {
                        foreach (var error in broken)
                            reporter.Report(error);
                        break;
                    }
                    if (context is { Cases: { } cases, Recipe.Calibration: { } calibration })
                        DisjointCases.Require(calibration, cases);
                    // Structured pruning before it and training after it are parts of this step.
                    foreach (var warning in LayerFile.Load(TrainStage.Run(context).Layers).Warnings)
                        reporter.Report(warning);
                    break;
                case "quantize":
                    // The warnings of the stages before it come first in its file.
                    foreach (var warning in LayerFile.Load(QuantizeStage.Run(context).Layers).Warnings.Skip(LayerFile.Load(TrainStage.Run(context).Layers).Warnings.Count))
                        reporter.Report(warning);
                    DriftStage.Run(context);
                    break;
                case "select": SelectStage.Run(context); break;
                case "evaluate": EvaluateStage.Run(context); break;
                case "package": PackageStage.Run(context); break;
                default: throw new ArgumentException($"'{stage}' is not a stage.", nameof(stage));
            }
        }
        catch (PruneBuildException exception) when (exception.Diagnostic.File is null)
        {
            // A method knows what is wrong, not whose file it came from.
            throw exception.At(exception.Code.StartsWith("PB2", StringComparison.Ordinal) ? request.Model : request.Recipe ?? request.Position?.File);
        }
        finally
        {
            context.Files.SaveMemo();
        }
    }
}

/// <summary>A finished stage.</summary>
/// <param name="Folder">Where its files are.</param>
/// <param name="Key">Its content key.</param>
public sealed record StageResult(string Folder, string Key)
{
    /// <summary>The model the stage made.</summary>
    public string Model { get; init; } = Path.Combine(Folder, "model.onnx");

    /// <summary>What the stage did to every layer.</summary>
    public string Layers => Path.Combine(Folder, "layers.json");
}
