using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Collects the statistics of the layer inputs. They depend on the model and the data alone: another sparsity reads them back.</summary>
internal static class CalibrateStage
{
    private const string Name = "calibrate";
    private const string FileName = "statistics.bin";

    /// <summary>Of the machine's memory; the rest is for the operating system, ONNX Runtime's copies and the compiler beside us.</summary>
    private const double MemoryShare = 0.5;

    public static CalibrationStatistics Run(WorkContext context, OnnxModel model, CalibrationData calibration, ICollection<Diagnostic> warnings)
    {
        var key = context.Key(Name);
        foreach (var file in model.SourceFiles)
            key.Add("model", context.Files.Of(file, "model").Sha256);
        var folder = context.Store.GetOrMake(Name, AddData(context, key, calibration).ToString(), working => Make(context, model, calibration, working), context.Cancellation);
        context.Store.Trim(Name, keep: 2);
        foreach (var warning in LayerFile.Load(new StageResult(folder, "").Layers).Warnings)
            warnings.Add(warning);
        return CalibrationStatistics.Open(Path.Combine(folder, FileName));
    }

    /// <summary>Adds what the data contributes to a key.</summary>
    public static StageKey AddData(WorkContext context, StageKey key, CalibrationData calibration) => key
        .Add("calibration", context.Files.Of(calibration.Tensors, "calibration").Sha256)
        .Add("input", calibration.InputJson)
        .Add("samples", calibration.Samples.ToString(CultureInfo.InvariantCulture));

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
