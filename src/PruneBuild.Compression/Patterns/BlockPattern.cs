namespace PruneBuild.Compression.Patterns;

/// <summary>
/// Blocks of outputs x inputs are zero as a whole; exactly round(sparsity x blocks) are. A block's score is the sum over its
/// weights; blocks at the edges of a ragged matrix hold fewer.
/// </summary>
/// <param name="Rows">Outputs in a block.</param>
/// <param name="Columns">Inputs in a block.</param>
public sealed record BlockPattern(int Rows, int Columns) : SparsityPattern
{
    /// <inheritdoc/>
    public override int UnitRows => Rows;

    /// <inheritdoc/>
    public override int UnitColumns => Columns;

    /// <inheritdoc/>
    public override bool Fits(int outputs, int inputs) => outputs >= Rows && inputs >= Columns;

    /// <inheritdoc/>
    public override string ToString() => $"{Rows}x{Columns}";

    private protected override bool[] Keep(ReadOnlySpan<float> scores, int outputs, int inputs, double sparsity)
    {
        var across = (inputs + Columns - 1) / Columns;
        var down = (outputs + Rows - 1) / Rows;
        var sums = new double[down * across];
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
                sums[(output / Rows * across) + (input / Columns)] += scores[output * inputs + input];
        var blocks = new bool[sums.Length];
        LowestScores.Keep(Array.ConvertAll(sums, sum => (float)sum), Removed(sums.Length, sparsity), blocks);
        var keep = new bool[scores.Length];
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
                keep[output * inputs + input] = blocks[(output / Rows * across) + (input / Columns)];
        return keep;
    }
}
