using System.Runtime.ExceptionServices;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Runs a model on tokens. A batch holds sequences of one length, so nothing is padded and no answer depends on its neighbours. Of a
/// language model the log-likelihoods of the scored tokens are kept, since its logits would fill the disk.
/// </summary>
internal static class TokenRun
{
    /// <summary>Numbers of one output: 256 MB.</summary>
    private const int MostNumbers = 1 << 26;

    private const int UnknownWidth = 1 << 16;

    public static ModelOutputs Evaluate(RunningModel model, Harness harness, CaseSet cases)
    {
        var feeds = TokenFeeds.Of(model, harness.Settings.TokenInput);
        var inputs = cases.Inputs;
        var rows = new float[inputs.Count][];
        var width = model.Session.OutputMetadata[model.Output].Dimensions is [.., > 0 and var last] ? last : UnknownWidth;
        var done = 0;
        foreach (var sameLength in Enumerable.Range(0, inputs.Count).GroupBy(index => inputs[index].Tokens.Length).OrderBy(group => group.Key))
        {
            var length = sameLength.Key;
            foreach (var batch in sameLength.Chunk((int)Math.Clamp(MostNumbers / ((long)length * width), 1, harness.BatchSize)))
            {
                var tokens = new long[batch.Length * length];
                for (var i = 0; i < batch.Length; i++)
                    for (var j = 0; j < length; j++) tokens[i * length + j] = inputs[batch[i]].Tokens[j];
                var (numbers, shape) = Run(model, harness, feeds.Create(tokens, batch.Length, length), batch.Length, length);
                var size = numbers.Length / batch.Length;
                ForEach(batch.Length, i =>
                {
                    var row = numbers.AsSpan(i * size, size);
                    rows[batch[i]] = harness.Kind != TaskKind.Embedding ? Likelihoods(row, (int)shape[2], inputs[batch[i]])
                        : shape.Length == 3 ? PooledVector.Of(row, (int)shape[2], harness.Settings.Pooling) : row.ToArray();
                });
                done += batch.Length;
                model.Progress?.Report(new EvaluationProgress(done, inputs.Count));
            }
        }
        return new ModelOutputs(rows);
    }

    /// <summary>Runs beside one another; the first failure comes as itself, not wrapped.</summary>
    private static void ForEach(int count, Action<int> run)
    {
        try
        {
            Parallel.For(0, count, run);
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.Flatten().InnerExceptions[0]);
        }
    }

    private static (float[] Numbers, long[] Shape) Run(
        RunningModel model, Harness harness, IReadOnlyList<(string Name, Microsoft.ML.OnnxRuntime.OrtValue Value)> inputs, int count, int length)
    {
        try
        {
            var isEmbedding = harness.Kind == TaskKind.Embedding;
            return model.Run(
                inputs,
                shape => shape.Length > 0 && shape[0] == count && (isEmbedding ? shape.Length is 2 or 3 : shape.Length == 3 && shape[1] == length),
                found => model.WrongOutput(found, isEmbedding ? "vectors, [n, width] or [n, tokens, width]" : "logits, [n, tokens, vocabulary]"));
        }
        finally
        {
            foreach (var (_, value) in inputs) value.Dispose();
        }
    }

    /// <summary>Natural logarithm of the probability of each scored token, from the logits of the position before it; NaN where a logit is not finite.</summary>
    private static float[] Likelihoods(ReadOnlySpan<float> logits, int vocabulary, ModelInput input)
    {
        var scored = new float[input.Tokens.Length - input.FirstScored];
        for (var i = 0; i < scored.Length; i++)
        {
            var token = input.Tokens[input.FirstScored + i];
            var position = logits.Slice((input.FirstScored + i - 1) * vocabulary, vocabulary);
            scored[i] = token < vocabulary ? LogProbability(position, token)
                : throw new PruneBuildException("PB5024", token, vocabulary - 1);
        }
        return scored;
    }

    private static float LogProbability(ReadOnlySpan<float> logits, int token)
    {
        var largest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            if (!float.IsFinite(logit)) return float.NaN;
            largest = Math.Max(largest, logit);
        }
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp((double)logit - largest);
        return (float)((double)logits[token] - largest - Math.Log(sum));
    }
}
