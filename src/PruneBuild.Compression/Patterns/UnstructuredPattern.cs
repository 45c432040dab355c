namespace PruneBuild.Compression.Patterns;

/// <summary>Any weight may be zero; exactly round(sparsity x group) of every comparison group are.</summary>
/// <param name="Group">Among which weights scores are compared.</param>
public sealed record UnstructuredPattern(ComparisonGroup Group = ComparisonGroup.Layer) : SparsityPattern
{
    /// <inheritdoc/>
    public override bool FixedPerOutput => Group == ComparisonGroup.Output;

    /// <inheritdoc/>
    public override string ToString() => "unstructured";

    private protected override bool[] Keep(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity)
    {
        var keep = new bool[scores.Length];
        switch (Group)
        {
            case ComparisonGroup.Layer:
                LowestScores.Keep(scores, Removed(scores.Length, sparsity), keep);
                break;
            case ComparisonGroup.Output:
                for (var row = 0; row < outputs; row++)
                    LowestScores.Keep(scores.Slice(row * inputs, inputs), Removed(inputs, sparsity), keep.AsSpan(row * inputs, inputs));
                break;
            case ComparisonGroup.Input:
                KeepByColumn(scores, outputs, inputs, sparsity, keep);
                break;
            default:
                throw new InvalidOperationException($"Unknown comparison group {Group}.");
        }
        return keep;
    }

    private static void KeepByColumn(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity, bool[] keep)
    {
        var column = new float[outputs];
        var kept = new bool[outputs];
        for (var input = 0; input < inputs; input++)
        {
            for (var output = 0; output < outputs; output++)
                column[output] = scores[output * inputs + input];
            LowestScores.Keep(column, Removed(outputs, sparsity), kept);
            for (var output = 0; output < outputs; output++)
                keep[output * inputs + input] = kept[output];
        }
    }
}
