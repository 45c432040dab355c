using System.Numerics.Tensors;

namespace PruneBuild.Compression.Depth;

/// <summary>A loss that is summed up, and over how many rows.</summary>
/// <param name="Sum">In nats.</param>
/// <param name="Rows">Rows counted.</param>
public readonly record struct SummedLoss(double Sum, long Rows)
{
    /// <summary>Sum over Rows; NaN without rows.</summary>
    public double Mean => Sum / Rows;

    /// <summary>Both together.</summary>
    public static SummedLoss operator +(SummedLoss left, SummedLoss right) => new(left.Sum + right.Sum, left.Rows + right.Rows);
}

/// <summary>Losses of logits, in FP64 and in the order of the rows.</summary>
public static class OutputLoss
{
    /// <summary>Negative log-likelihood of every token after those before it: Σ −log softmax(logits_t)[token_t+1].</summary>
    /// <param name="logits">[batch, sequence, vocabulary].</param>
    /// <param name="tokens">[batch, sequence].</param>
    /// <param name="sequence">Tokens of a sequence; the last one of each has no successor.</param>
    /// <exception cref="ArgumentException">The logits are not one row a token, or a token is outside the vocabulary.</exception>
    public static SummedLoss NextToken(ReadOnlySpan<float> logits, ReadOnlySpan<long> tokens, int sequence)
    {
        if (tokens.Length == 0 || sequence < 1 || tokens.Length % sequence != 0 || logits.Length == 0 || logits.Length % tokens.Length != 0)
            throw new ArgumentException($"{logits.Length} logits are not one row for each of {tokens.Length} tokens in sequences of {sequence}.", nameof(logits));
        var vocabulary = logits.Length / tokens.Length;
        var loss = new SummedLoss();
        for (var place = 0; place < tokens.Length; place++)
        {
            if (place % sequence == sequence - 1)
                continue;
            var row = logits.Slice(place * vocabulary, vocabulary);
            var next = tokens[place + 1];
            if (next < 0 || next >= vocabulary)
                throw new ArgumentException($"Token {next} is outside the vocabulary of {vocabulary}.", nameof(tokens));
            loss += new SummedLoss(NegativeLogLikelihood(row, (int)next), 1);
        }
        return loss;
    }

    /// <summary>Kullback–Leibler divergence of softmax(logits) from softmax(dense), summed over the rows; 0 where they are equal.</summary>
    /// <param name="dense">Logits of the dense model, [rows, classes].</param>
    /// <param name="logits">Of the model that is judged, [rows, classes].</param>
    /// <param name="classes">Logits of a row.</param>
    /// <exception cref="ArgumentException">The two are not of one size, or not whole rows.</exception>
    public static SummedLoss Divergence(ReadOnlySpan<float> dense, ReadOnlySpan<float> logits, int classes)
    {
        if (dense.Length != logits.Length || classes < 1 || dense.Length % classes != 0)
            throw new ArgumentException($"{logits.Length} logits and {dense.Length} dense ones are not the same rows of {classes}.", nameof(logits));
        var loss = new SummedLoss();
        for (var start = 0; start < dense.Length; start += classes)
            loss += new SummedLoss(RowDivergence(dense.Slice(start, classes), logits.Slice(start, classes)), 1);
        return loss;
    }

    /// <summary>The divergence of one row: [classes] each; not finite where a logit of the judged model is not.</summary>
    internal static double RowDivergence(ReadOnlySpan<float> dense, ReadOnlySpan<float> logits)
    {
        var (before, after) = (LogSumExp(dense), LogSumExp(logits));
        double sum = 0;
        for (var index = 0; index < dense.Length; index++)
        {
            // A class that the dense model rules out, as masked logits do, costs nothing.
            if (Math.Exp(dense[index] - before) is not 0 and var probability)
                sum += probability * ((dense[index] - before) - (logits[index] - after));
        }
        return sum;
    }

    /// <summary>−log softmax(row)[label].</summary>
    internal static double NegativeLogLikelihood(ReadOnlySpan<float> row, int label) => LogSumExp(row) - row[label];

    private static double LogSumExp(ReadOnlySpan<float> row)
    {
        var most = TensorPrimitives.Max(row);
        double sum = 0;
        foreach (var logit in row)
            sum += Math.Exp((double)logit - most);
        return most + Math.Log(sum);
    }
}
