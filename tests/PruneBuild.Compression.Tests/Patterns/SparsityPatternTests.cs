using CsCheck;
using PruneBuild.Compression.Patterns;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Patterns;

public sealed class SparsityPatternTests
{
    [Theory]
    [InlineData("unstructured")]
    [InlineData("2:4")]
    [InlineData("4:16")]
    [InlineData("8x4")]
    [InlineData("16x1")]
    public void A_pattern_reads_back_as_its_text(string text) => Assert.Equal(text, SparsityPattern.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("5:4")]
    [InlineData("0:4")]
    [InlineData("8x")]
    [InlineData("-8x4")]
    [InlineData("8x4x2")]
    [InlineData("2:4:8")]
    [InlineData("9999999x1")]
    [InlineData("Unstructured")]
    public void Anything_else_is_a_coded_error(string text) =>
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => SparsityPattern.Parse(text)).Code);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Sparsity_outside_0_to_1_is_a_coded_error(double sparsity) =>
        Assert.Equal("PB1014", Assert.Throws<PruneBuildException>(() => SparsityPattern.Parse("unstructured").Select([1, 2], 1, 2, sparsity)).Code);

    [Fact]
    public void A_score_that_is_NaN_is_refused() =>
        Assert.Throws<ArgumentException>(() => SparsityPattern.Parse("unstructured").Select([1, float.NaN], 1, 2, 0.5));

    [Fact]
    public void Unstructured_keeps_the_highest_scores() =>
        Assert.Equal([false, true, true, false], SparsityPattern.Parse("unstructured").Select([1, 4, 3, 2], 2, 2, 0.5));

    [Fact]
    public void Equal_scores_are_cut_at_the_exact_count_by_index()
    {
        var keep = SparsityPattern.Parse("unstructured").Select(new float[1000], 10, 100, 0.37);
        Assert.Equal(Enumerable.Range(0, 1000).Select(index => index < 630), keep);
    }

    [Fact]
    public void Selection_agrees_with_sorting() => Scores.Sample(matrix =>
    {
        var (scores, outputs, inputs, sparsity) = matrix;
        var keep = SparsityPattern.Parse("unstructured").Select(scores, outputs, inputs, sparsity);
        var removed = (int)Math.Round(scores.Length * sparsity, MidpointRounding.ToEven);
        var expected = Enumerable.Repeat(true, scores.Length).ToArray();
        foreach (var index in Enumerable.Range(0, scores.Length).OrderBy(index => scores[index]).ThenByDescending(index => index).Take(removed))
            expected[index] = false;
        return keep.SequenceEqual(expected);
    });

    [Fact]
    public void Groups_by_output_and_by_input_are_cut_to_the_same_count() => Scores.Sample(matrix =>
    {
        var (scores, outputs, inputs, sparsity) = matrix;
        var byOutput = new UnstructuredPattern(ComparisonGroup.Output).Select(scores, outputs, inputs, sparsity);
        var byInput = new UnstructuredPattern(ComparisonGroup.Input).Select(scores, outputs, inputs, sparsity);
        return Enumerable.Range(0, outputs).All(output =>
                Enumerable.Range(0, inputs).Count(input => !byOutput[output * inputs + input]) == Math.Round(inputs * sparsity, MidpointRounding.ToEven))
            && Enumerable.Range(0, inputs).All(input =>
                Enumerable.Range(0, outputs).Count(output => !byInput[output * inputs + input]) == Math.Round(outputs * sparsity, MidpointRounding.ToEven));
    });

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 16)]
    [InlineData(1, 3)]
    public void Every_group_of_M_inputs_keeps_the_N_highest_and_the_tail_its_share(int n, int m) => Scores.Sample(matrix =>
    {
        var (scores, outputs, inputs, _) = matrix;
        var keep = new NOfMPattern(n, m).Select(scores, outputs, inputs, 0);
        for (var output = 0; output < outputs; output++)
        {
            for (var first = 0; first < inputs; first += m)
            {
                var group = Enumerable.Range(output * inputs + first, Math.Min(m, inputs - first)).ToList();
                var kept = group.Where(index => keep[index]).ToList();
                if (kept.Count != (int)Math.Ceiling(group.Count * n / (double)m))
                    return false;
                if (group.Except(kept).Any(gone => kept.Any(stays => scores[stays] < scores[gone])))
                    return false;
            }
        }
        return true;
    });

    [Theory]
    [InlineData(8, 4)]
    [InlineData(8, 1)]
    [InlineData(3, 5)]
    public void Blocks_go_as_a_whole_in_exact_number_ragged_edges_included(int rows, int columns) => Scores.Sample(matrix =>
    {
        var (scores, outputs, inputs, sparsity) = matrix;
        var keep = new BlockPattern(rows, columns).Select(scores, outputs, inputs, sparsity);
        var blocks = Enumerable.Range(0, scores.Length).GroupBy(index => (index / inputs / rows, index % inputs / columns)).ToList();
        var gone = blocks.Count(block => !keep[block.First()]);
        return blocks.All(block => block.All(index => keep[index] == keep[block.First()]))
            && gone == Math.Round(blocks.Count * sparsity, MidpointRounding.ToEven);
    });

    [Fact]
    public void A_block_counts_by_the_sum_of_its_scores() =>
        Assert.Equal([true, true, false, false], new BlockPattern(1, 2).Select([3, 3, 5, 0], 1, 4, 0.5));

    [Fact]
    public void Full_sparsity_removes_everything_and_none_keeps_everything()
    {
        foreach (var pattern in new[] { "unstructured", "8x4" }.Select(text => SparsityPattern.Parse(text)))
        {
            Assert.DoesNotContain(true, pattern.Select(new float[100], 10, 10, 1));
            Assert.DoesNotContain(false, pattern.Select(new float[100], 10, 10, 0));
        }
    }

    [Theory]
    [InlineData("8x4", 7, 100, false)]
    [InlineData("8x4", 8, 3, false)]
    [InlineData("8x4", 8, 4, true)]
    [InlineData("2:4", 1, 3, false)]
    [InlineData("2:4", 1, 4, true)]
    public void A_pattern_fits_where_one_unit_fits(string pattern, int outputs, int inputs, bool fits) =>
        Assert.Equal(fits, SparsityPattern.Parse(pattern).Fits(outputs, inputs));

    // Few distinct values, so that ties are common; some negative.
    private static readonly Gen<(float[] Scores, int Outputs, int Inputs, double Sparsity)> Scores =
        from outputs in Gen.Int[1, 20]
        from inputs in Gen.Int[1, 40]
        from values in Gen.Int[-3, 6].Select(value => value / 2f).Array[outputs * inputs]
        from sparsity in Gen.Double[0, 1]
        select (values, outputs, inputs, sparsity);
}
