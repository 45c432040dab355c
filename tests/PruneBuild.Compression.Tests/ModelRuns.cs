using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests;

/// <summary>What language models make of tokens.</summary>
internal static class ModelRuns
{
    /// <summary>Mean negative log-likelihood of each token after the ones before it, in nats.</summary>
    /// <param name="model">With one input of tokens [batch, sequence] and one output of logits.</param>
    /// <param name="tokens">Row-major.</param>
    /// <param name="batch">Rows.</param>
    public static double NextTokenLoss(OnnxModel model, long[] tokens, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var session = new InferenceSession(path);
            var length = tokens.Length / batch;
            using var input = OrtValue.CreateTensorValueFromMemory(tokens, [batch, length]);
            using var run = new RunOptions();
            using var results = session.Run(run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = input }, session.OutputNames);
            var logits = results[0].GetTensorDataAsSpan<float>();
            var vocabulary = logits.Length / tokens.Length;
            double loss = 0;
            for (var place = 0; place < tokens.Length; place++)
            {
                if (place % length == length - 1)
                    continue;
                var row = logits.Slice(place * vocabulary, vocabulary).ToArray();
                var highest = row.Max();
                loss += Math.Log(row.Sum(logit => Math.Exp(logit - highest))) + highest - row[tokens[place + 1]];
            }
            return loss / (tokens.Length - batch);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
