using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Drift;

/// <summary>Continues texts, always with the token of the highest logit. The whole text so far goes in each time: no cache is needed.</summary>
public static class GreedyDecoding
{
    /// <summary>Makes a model's inputs for tokens [count, length], row-major.</summary>
    public delegate CalibrationBatch TokenInputs(long[] tokens, int count, int length);

    /// <summary>Whether texts of any length go in: the tokens' input has two dimensions, neither of them fixed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The input with the tokens.</param>
    public static bool CanContinue(OnnxModel model, string tokens) =>
        model.Graph.Input.FirstOrDefault(input => input.Name == tokens)?.Type?.TensorType?.Shape?.Dim is { Count: 2 } dimensions
        && dimensions.All(dimension => dimension.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue);

    /// <summary>The tokens that follow each prompt; of equal logits the first wins.</summary>
    /// <param name="model">A model whose first output is logits [batch, tokens, vocabulary].</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="inputs">Makes its inputs.</param>
    /// <param name="prompts">Of one length.</param>
    /// <param name="tokens">How many to add.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between tokens.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: the inputs do not fit it. PB6002: scratch space.</exception>
    public static IReadOnlyList<long[]> Continue(
        OnnxModel model, string modelPath, TokenInputs inputs, IReadOnlyList<long[]> prompts, int tokens, int threads, CancellationToken cancellation)
    {
        var texts = prompts.Select(prompt => prompt.ToList()).ToList();
        var segment = new DataFlow(model).Between(name => model.Graph.Input.Any(input => input.Name == name), [ModelPrediction.Of(model).Logits]);
        var described = segment.Inputs.Select(name => model.Graph.Input.First(input => input.Name == name)).ToList();
        using var session = SegmentSession.Open(model, modelPath, segment, described, Path.GetTempPath(), threads);
        for (var added = 0; added < tokens; added++)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = texts[0].Count;
            var batch = inputs([.. texts.SelectMany(text => text)], texts.Count, length);
            var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
            try
            {
                foreach (var name in segment.Inputs)
                    values[name] = BatchValues.Of(batch, name);
                using var results = session.Run(values, segment.Outputs, batch.Source);
                var logits = results[0].GetTensorDataAsSpan<float>();
                var vocabulary = logits.Length / texts.Count / length;
                for (var row = 0; row < texts.Count; row++)
                    texts[row].Add(TensorPrimitives.IndexOfMax(logits.Slice((((row + 1) * length) - 1) * vocabulary, vocabulary)));
            }
            finally
            {
                foreach (var value in values.Values)
                    value.Dispose();
            }
        }
        return [.. texts.Select((text, row) => text.Skip(prompts[row].Length).ToArray())];
    }
}
