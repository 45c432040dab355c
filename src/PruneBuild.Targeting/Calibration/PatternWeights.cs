using PruneBuild.Runtime;

namespace PruneBuild.Targeting.Calibration;

/// <summary>Random weights whose zeros lie as a pattern wants them; the same arguments give the same weights.</summary>
internal static class PatternWeights
{
    /// <param name="pattern">Where zeros lie.</param>
    /// <param name="sparsity">Fraction of the pattern's units that are zero; N:M fixes its own.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    public static WeightMatrix Make(ZeroPattern pattern, double sparsity, int outputs, int inputs)
    {
        var random = new Random(3);
        var weights = new float[(long)outputs * inputs];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = random.NextSingle() + 0.01f;
        if (pattern.FixedSparsity is null)
            ClearBlocks(pattern, sparsity, weights, outputs, inputs, random);
        else
            ClearWithin(pattern, weights, outputs, inputs, random);
        return WeightMatrix.FromSingles(weights, outputs, inputs);
    }

    private static void ClearBlocks(ZeroPattern pattern, double sparsity, float[] weights, int outputs, int inputs, Random random)
    {
        var (height, width) = (pattern.First, pattern.Second);
        for (var top = 0; top < outputs; top += height)
        {
            for (var left = 0; left < inputs; left += width)
            {
                if (random.NextDouble() >= sparsity)
                    continue;
                for (var output = top; output < Math.Min(outputs, top + height); output++)
                    Array.Clear(weights, output * inputs + left, Math.Min(width, inputs - left));
            }
        }
    }

    private static void ClearWithin(ZeroPattern pattern, float[] weights, int outputs, int inputs, Random random)
    {
        var places = Enumerable.Range(0, pattern.Second).ToArray();
        for (var output = 0; output < outputs; output++)
        {
            for (var left = 0; left < inputs; left += pattern.Second)
            {
                random.Shuffle(places);
                foreach (var place in places.AsSpan(pattern.First))
                {
                    if (left + place < inputs)
                        weights[output * inputs + left + place] = 0;
                }
            }
        }
    }
}
