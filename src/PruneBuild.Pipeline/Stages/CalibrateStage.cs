using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Collects the statistics of the layer inputs of a stage's model. They depend on the model and the data alone: another sparsity reads them back.</summary>
internal static class CalibrateStage
{
    private const string Name = "calibrate";
    private const string FileName = "statistics.bin";

    /// <summary>Of the machine's memory; the rest is for the operating system, ONNX Runtime's copies and the compiler beside us.</summary>
    private const double MemoryShare = 0.5;

    public static CalibrationStatistics Run(
        WorkContext context, StageResult source, OnnxModel model, CalibrationData calibration, ICollection<Diagnostic> warnings)
    {
        var key = context.Key(Name).Add("source", source.Key).AddData(context, calibration);
        var stage = context.Make(Name, key, keep: 2, working => Make(context, model, calibration, working));
        foreach (var warning in LayerFile.Load(stage.Layers).Warnings)
            warnings.Add(warning);
        return CalibrationStatistics.Open(Path.Combine(stage.Folder, FileName));
    }

    private static void Make(WorkContext context, OnnxModel model, CalibrationData calibration, string folder)
    {
        context.Reporter.Progress(Name, "collecting layer inputs");
        // The budget decides how often the disk is used, never what the statistics are: it is no part of the key.
        var options = new CalibrationOptions
        {
            Threads = context.Threads,
            MemoryBudget = (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * MemoryShare),
        };
        var run = Calibrator.CollectToFile(
            Path.Combine(folder, FileName), model, context.Request.Model, WeightSites.Find(model), CalibrationReader.Read(model, calibration),
            options, context.Cancellation);
        List<Diagnostic> warnings = run.Reason is { } reason ? [Diagnostic.Create("PB3040", Severity.Warning, reason)] : [];
        new LayerFile([], warnings).Save(new StageResult(folder, "").Layers);
    }
}
