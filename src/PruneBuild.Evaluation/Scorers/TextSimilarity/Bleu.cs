namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Corpus BLEU, 0 to 100, with words of mteval-v13a and exponential smoothing: sacreBLEU's default. K. Papineni et al., "BLEU: a
/// method for automatic evaluation of machine translation", ACL 2002; M. Post, "A call for clarity in reporting BLEU scores", WMT
/// 2018. Its signature names what must be the same for two numbers to compare.
/// </summary>
public sealed class Bleu() : SampleScorer<TextPair>("bleu", ScoreRange.Percent, ScoreDirection.Higher)
{
    private const int MaxOrder = 4;
    private const int BitsPerWord = 32;

    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<TextPair> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var counts = new Counts[cases.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            if (Count(cases[i]) is not { } found) return PreparedSample.NotMeasured(cases.Count, $"case {i}: no reference has words");
            counts[i] = found;
        }
        return new PreparedSample(cases.Count, indices =>
        {
            var sum = new Counts();
            foreach (var i in indices) sum.Add(counts[i]);
            return Score.Of(Of(sum));
        })
        { Signature = $"nrefs:{CorpusSignature.References(cases)}|case:mixed|eff:no|tok:13a|smooth:exp|version:{CorpusSignature.Version}" };
    }

    private static Counts? Count(TextPair input)
    {
        var ids = new WordIds();
        var output = ids.Of(Mteval13aTokenizer.Words(input.Output));
        var references = input.References.Select(reference => ids.Of(Mteval13aTokenizer.Words(reference))).ToArray();
        if (references.All(reference => reference.Length == 0)) return null;
        var counts = new Counts
        {
            Output = output.Length,
            // The closest length, the shorter one on a tie.
            Reference = references.Select(reference => reference.Length).MinBy(length => (Math.Abs(length - output.Length), length)),
        };
        for (var order = 1; order <= MaxOrder; order++)
        {
            var written = NgramCounts.Of(output, order, BitsPerWord);
            var wanted = references.Select(reference => NgramCounts.Of(reference, order, BitsPerWord)).Aggregate((all, next) => all.Union(next));
            counts.All[order - 1] = written.Total;
            counts.Right[order - 1] = written.Overlap(wanted);
        }
        return counts;
    }

    private static double Of(Counts counts)
    {
        if (counts.Right.All(right => right == 0)) return 0;
        var logarithms = 0.0;
        var smoothing = 1.0;
        for (var i = 0; i < MaxOrder; i++)
        {
            // A corpus without n-grams of this order has a precision of 0, as in sacreBLEU without effective order.
            if (counts.All[i] == 0) return 0;
            if (counts.Right[i] == 0) smoothing *= 2;
            logarithms += Math.Log((counts.Right[i] == 0 ? 1 / smoothing : counts.Right[i]) / counts.All[i]);
        }
        var brevity = counts.Output < counts.Reference ? Math.Exp(1 - ((double)counts.Reference / counts.Output)) : 1;
        return 100 * brevity * Math.Exp(logarithms / MaxOrder);
    }

    private sealed class Counts
    {
        public long Output { get; set; }

        public long Reference { get; set; }

        public long[] All { get; } = new long[MaxOrder];

        public long[] Right { get; } = new long[MaxOrder];

        public void Add(Counts other)
        {
            Output += other.Output;
            Reference += other.Reference;
            for (var i = 0; i < MaxOrder; i++)
            {
                All[i] += other.All[i];
                Right[i] += other.Right[i];
            }
        }
    }
}
