using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// What rounding activations to int8 costs (<c>accuracy_level</c> 4 of <c>MatMulNBits</c>): the model's first output against that of the
/// same weights with float activations (level 0), as this machine's ONNX Runtime computes both.
/// </summary>
public static class AccuracyLevelCheck
{
    /// <summary>The change above which a build warns.</summary>
    public const double Most = 0.05;

    private const string Attribute = "accuracy_level";
    private const string Op = "MatMulNBits";

    /// <summary>‖y₄ − y₀‖ / ‖y₀‖ over all numbers of the first output of all batches.</summary>
    /// <param name="model">The quantized model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">A few batches, enumerated once.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <returns>Null where no layer rounds its activations, there are no batches, or the output is not float.</returns>
    /// <exception cref="PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit. PB6002: scratch space.</exception>
    public static double? Measure(
        OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation = default)
    {
        if (!Rounding(model).Any())
            return null;
        var exact = model.Snapshot();
        foreach (var node in Rounding(exact))
            node.Set(Attribute, 0);
        string[] output = [model.Graph.Output[0].Name];
        using var reference = new ActivationStream(exact, modelPath, threads, Path.GetTempPath());
        reference.Fill(batches, cancellation);
        using var judged = reference.Twin(model);
        reference.Advance(new StreamRequest(output, []) { KeepTargets = true }, null, cancellation);
        var (change, energy) = (0.0, 0.0);
        judged.Advance(new StreamRequest(output, []), (name, batch, value) =>
        {
            using var expected = reference.Read(name, batch);
            if (value.GetTensorTypeAndShape().ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float)
                return;
            var left = expected.GetTensorDataAsSpan<float>();
            var right = value.GetTensorDataAsSpan<float>();
            for (var index = 0; index < left.Length; index++)
            {
                var difference = (double)right[index] - left[index];
                change += difference * difference;
                energy += (double)left[index] * left[index];
            }
        }, cancellation);
        return energy > 0 ? Math.Sqrt(change / energy) : null;
    }

    private static IEnumerable<NodeProto> Rounding(OnnxModel model) =>
        model.Graph.Node.Where(node => node.OpType == Op && node.GetInt(Attribute, 0) == 4);
}
