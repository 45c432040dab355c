using Google.Protobuf.Collections;
using PruneBuild.Compression.Calibration;
using PruneBuild.Evaluation;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Pipeline;

/// <summary>Raw tensors as batches of the model's one float input.</summary>
internal static class TensorBatches
{
    /// <summary>Rows of a batch. Batches go to fit and hold-out in turn, so there should be many.</summary>
    private const int BatchSize = 64;

    /// <summary>The batches, read while they are used.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3004 at the recipe: the data does not fit the model's input. PB1033: the file holds no whole samples.</exception>
    public static IEnumerable<CalibrationBatch> Read(OnnxModel model, TensorCalibration calibration)
    {
        var inputs = model.Graph.Input.Where(input => !model.Weights.ContainsKey(input.Name)).ToList();
        var input = calibration.Input.Name is { } name ? inputs.Find(candidate => candidate.Name == name) : inputs.FirstOrDefault();
        if (input is null || inputs.Count != 1)
            throw calibration.At.Error(
                "PB3004", calibration.File, calibration.Input.Name ?? "", $"the model's inputs are {string.Join(", ", inputs.Select(candidate => candidate.Name))}; one is supported");
        var dimensions = input.Type?.TensorType?.Shape?.Dim;
        Check(calibration, input, dimensions);
        var file = RawTensorFile.Open(calibration.File, calibration.Input, calibration.At);
        var fixedBatch = dimensions is [{ ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue, DimValue: > 0 } first, ..] ? (int)first.DimValue : 0;
        return Batches(file, calibration, input.Name, fixedBatch);
    }

    private static IEnumerable<CalibrationBatch> Batches(RawTensorFile file, TensorCalibration calibration, string input, int fixedBatch)
    {
        foreach (var batch in file.Read(fixedBatch > 0 ? fixedBatch : BatchSize))
        {
            // A model with a fixed batch takes whole batches only; the rest of the file stays unused.
            var count = Math.Min(batch.Count, calibration.Samples - batch.First);
            if (count <= 0 || (fixedBatch > 0 && count != fixedBatch))
                yield break;
            yield return new CalibrationBatch(new Dictionary<string, CalibrationTensor>
            {
                [input] = new(batch.Data[..(count * calibration.Input.ElementsPerCase)], [count, .. batch.Shape.Skip(1)]),
            });
        }
    }

    private static void Check(TensorCalibration calibration, ValueInfoProto input, RepeatedField<TensorShapeProto.Types.Dimension>? dimensions)
    {
        var wanted = calibration.Input.BatchShape(1);
        string? reason = null;
        if (input.Type?.TensorType?.ElemType != (int)TensorProto.Types.DataType.Float)
            reason = "the input is not float";
        else if (dimensions is not null && dimensions.Count != wanted.Length)
            reason = $"the input has {dimensions.Count} dimensions, the data {wanted.Length}";
        else if (dimensions is not null && dimensions.Skip(1).Zip(wanted.Skip(1)).Any(pair => pair.First.DimValue > 0 && pair.First.DimValue != pair.Second))
            reason = $"the input is [{string.Join(", ", dimensions.Select(dimension => dimension.DimValue > 0 ? $"{dimension.DimValue}" : dimension.DimParam))}], the data [{string.Join(", ", wanted)}]";
        if (reason is not null)
            throw calibration.At.Error("PB3004", calibration.File, input.Name, reason);
    }
}
