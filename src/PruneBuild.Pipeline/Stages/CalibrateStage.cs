using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Collects the statistics of the layer inputs. They depend on the model and the data alone: another sparsity reads them back.</summary>
internal static class CalibrateStage
{
    private const string Name = "calibrate";
    private const string FileName = "statistics.bin";

    public static CalibrationStatistics Run(WorkContext context, OnnxModel model, CalibrationData calibration)
    {
        var key = context.Key(Name);
        foreach (var file in model.SourceFiles)
            key.Add("model", context.Files.Of(file, "model").Sha256);
        var folder = context.Store.GetOrMake(Name, AddData(context, key, calibration).ToString(), working => Make(context, model, calibration, working), context.Cancellation);
        context.Store.Trim(Name, keep: 2);
        using var stream = File.OpenRead(Path.Combine(folder, FileName));
        return CalibrationStatistics.Load(stream);
    }

    /// <summary>Adds what the data contributes to a key.</summary>
    public static StageKey AddData(WorkContext context, StageKey key, CalibrationData calibration) => key
        .Add("calibration", context.Files.Of(calibration.Tensors, "calibration").Sha256)
        .Add("input", calibration.InputJson)
        .Add("samples", calibration.Samples.ToString(CultureInfo.InvariantCulture));

    private static void Make(WorkContext context, OnnxModel model, CalibrationData calibration, string folder)
    {
        context.Reporter.Progress(Name, "collecting layer inputs");
        var statistics = Calibrator.Collect(
            model, context.Request.Model, WeightSites.Find(model), CalibrationReader.Read(model, calibration), context.Threads, context.Cancellation);
        using var stream = File.Create(Path.Combine(folder, FileName));
        statistics.Save(stream);
    }
}
