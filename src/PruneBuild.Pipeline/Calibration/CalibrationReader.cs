using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Reads a recipe's calibration data as batches of model input.</summary>
internal static class CalibrationReader
{
    /// <summary>The batches, read while they are used.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3004 at the recipe: the data does not fit the model's inputs. PB1033: the file holds no whole samples.</exception>
    public static IEnumerable<CalibrationBatch> Read(OnnxModel model, CalibrationData calibration) => calibration switch
    {
        TokenCalibration tokens => TokenBatches.Read(model, tokens),
        TensorCalibration tensors => TensorBatches.Read(model, tensors),
        _ => throw new InvalidOperationException($"'{calibration.GetType().Name}' is no calibration data."),
    };
}
