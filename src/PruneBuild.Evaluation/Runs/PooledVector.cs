namespace PruneBuild.Evaluation;

/// <summary>One vector of those of a text's tokens.</summary>
internal static class PooledVector
{
    /// <param name="vectors">One after the other.</param>
    /// <param name="width">Numbers of one.</param>
    /// <param name="pooling">How they become one.</param>
    public static float[] Of(ReadOnlySpan<float> vectors, int width, Pooling pooling)
    {
        if (pooling == Pooling.First) return vectors[..width].ToArray();
        var sums = new double[width];
        for (var i = 0; i < vectors.Length; i++) sums[i % width] += vectors[i];
        var count = vectors.Length / width;
        return Array.ConvertAll(sums, sum => (float)(sum / count));
    }
}
