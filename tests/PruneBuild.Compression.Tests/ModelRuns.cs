using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
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

    /// <summary>Text that a language model writes, each token drawn from its own distribution: data that it was trained for.</summary>
    /// <param name="model">With one input of tokens [batch, sequence], of which 1 begins a text, and one output of logits.</param>
    /// <param name="seed">Another seed writes another text.</param>
    /// <param name="rows">Texts.</param>
    /// <param name="length">Tokens of each.</param>
    /// <returns>Row-major.</returns>
    public static long[] Written(OnnxModel model, int seed, int rows, int length)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, rows).Select(_ => new List<long> { 1 }).ToList();
        while (texts[0].Count < length)
        {
            var batch = new CalibrationBatch(new Dictionary<string, CalibrationTensor>
            {
                [model.Graph.Input[0].Name] = new(texts.SelectMany(text => text).ToArray(), [rows, texts[0].Count]),
            });
            var logits = (float[])TorchInterpreter.Run(model, batch).Single().Value.Data;
            var vocabulary = logits.Length / rows / texts[0].Count;
            for (var row = 0; row < rows; row++)
            {
                var last = logits.AsSpan((((row + 1) * texts[row].Count) - 1) * vocabulary, vocabulary).ToArray();
                var highest = last.Max();
                var weights = Array.ConvertAll(last, logit => Math.Exp(logit - highest));
                var left = random.NextDouble() * weights.Sum();
                var token = 0;
                while (token < vocabulary - 1 && (left -= weights[token]) > 0)
                    token++;
                texts[row].Add(token);
            }
        }
        return [.. texts.SelectMany(text => text)];
    }
}
