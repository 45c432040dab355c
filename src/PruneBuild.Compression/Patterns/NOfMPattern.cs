namespace PruneBuild.Compression.Patterns;

/// <summary>
/// Of every <paramref name="M"/> consecutive inputs of an output exactly <paramref name="N"/> stay (Mishra et al. 2021,
/// "Accelerating Sparse Deep Neural Networks"). A ragged tail of t inputs keeps ceil(t N / M).
/// </summary>
/// <param name="N">Weights that stay.</param>
/// <param name="M">Weights in a group.</param>
public sealed record NOfMPattern(int N, int M) : SparsityPattern
{
    /// <inheritdoc/>
    public override double? ImpliedSparsity => 1 - ((double)N / M);

    /// <inheritdoc/>
    public override int Window => M;

    /// <inheritdoc/>
    public override bool FixedPerOutput => true;

    /// <inheritdoc/>
    public override int KeptOf(int length) => (length * N + M - 1) / M;

    /// <inheritdoc/>
    public override bool Fits(int outputs, int inputs) => outputs > 0 && inputs >= M;

    /// <inheritdoc/>
    public override string ToString() => $"{N}:{M}";

    private protected override bool[] Keep(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity)
    {
        var keep = new bool[scores.Length];
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input += M)
            {
                var length = Math.Min(M, inputs - input);
                KeepHighest(scores.Slice(output * inputs + input, length), KeptOf(length), keep.AsSpan(output * inputs + input, length));
            }
        }
        return keep;
    }

    /// <summary>Marks the highest scores; of equal ones the lower indices.</summary>
    // Rank by counting: groups are short, and ties need no sort to be stable.
    internal static void KeepHighest(ReadOnlySpan<float> scores, int kept, Span<bool> keep)
    {
        for (var index = 0; index < scores.Length; index++)
        {
            var ahead = 0;
            for (var other = 0; other < scores.Length; other++)
                ahead += scores[other] > scores[index] || (scores[other] == scores[index] && other < index) ? 1 : 0;
            keep[index] = ahead < kept;
        }
    }
}
