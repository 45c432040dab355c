using System.Text;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Corpus chrF, 0 to 100: F of the character n-grams up to 6 that outputs and references share, recall counted β = 2 times, without
/// white space, over the orders that both sides have: sacreBLEU's default. M. Popović, "chrF: character n-gram F-score for automatic
/// MT evaluation", WMT 2015. Of several references the one that fits a case best counts.
/// </summary>
/// <param name="beta">Weight of recall.</param>
/// <param name="keepsWhiteSpace">Whether white space is part of the n-grams.</param>
public sealed class ChrF(int beta, bool keepsWhiteSpace)
    : SampleScorer<TextPair>(beta == 2 && !keepsWhiteSpace ? "chrf" : $"chrf.{beta}{(keepsWhiteSpace ? ".space" : "")}", ScoreRange.Percent, ScoreDirection.Higher)
{
    private const int MaxOrder = 6;
    private const int BitsPerCharacter = 21;

    /// <summary>As sacreBLEU counts by default.</summary>
    public ChrF()
        : this(2, false)
    {
    }

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<TextPair> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var counts = new long[cases.Count][];
        for (var i = 0; i < counts.Length; i++)
        {
            var output = Characters(cases[i].Output);
            var references = cases[i].References.Select(Characters).Where(reference => reference.Length > 0).ToArray();
            if (references.Length == 0) return PreparedSample.NotMeasured(cases.Count, $"case {i}: no reference has characters");
            counts[i] = references.Select(reference => Count(output, reference)).MaxBy(Of)!;
        }
        return new PreparedSample(cases.Count, indices =>
        {
            var sum = new long[3 * MaxOrder];
            foreach (var i in indices)
            {
                for (var j = 0; j < sum.Length; j++) sum[j] += counts[i][j];
            }
            return Score.Of(Of(sum));
        })
        {
            Signature = $"nrefs:{CorpusSignature.References(cases)}|case:mixed|eff:yes|nc:{MaxOrder}|nw:0"
                + $"|space:{(keepsWhiteSpace ? "yes" : "no")}|beta:{beta}|version:{CorpusSignature.Version}",
        };
    }

    private uint[] Characters(string text) =>
        [.. text.EnumerateRunes().Where(rune => keepsWhiteSpace || !Rune.IsWhiteSpace(rune)).Select(rune => (uint)rune.Value)];

    // Three numbers an order: n-grams of the output, of the reference, of both.
    private static long[] Count(uint[] output, uint[] reference)
    {
        var counts = new long[3 * MaxOrder];
        for (var i = 0; i < MaxOrder; i++)
        {
            var written = NgramCounts.Of(output, i + 1, BitsPerCharacter);
            var wanted = NgramCounts.Of(reference, i + 1, BitsPerCharacter);
            (counts[3 * i], counts[(3 * i) + 1], counts[(3 * i) + 2]) = (written.Total, wanted.Total, written.Overlap(wanted));
        }
        return counts;
    }

    private double Of(long[] counts)
    {
        double precision = 0, recall = 0;
        var orders = 0;
        for (var i = 0; i < MaxOrder; i++)
        {
            if (counts[3 * i] == 0 || counts[(3 * i) + 1] == 0) continue;
            precision += (double)counts[(3 * i) + 2] / counts[3 * i];
            recall += (double)counts[(3 * i) + 2] / counts[(3 * i) + 1];
            orders++;
        }
        if (precision + recall == 0) return 0;
        double weight = beta * beta;
        return 100 * (1 + weight) * precision * recall / ((weight * precision) + recall) / orders;
    }
}
