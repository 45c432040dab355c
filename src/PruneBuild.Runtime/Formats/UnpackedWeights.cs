namespace PruneBuild.Runtime;

/// <summary>
/// What a packed blob means, dense: floats, or integers with one float scale per output (for int4, an integer is the 4-bit
/// value times the integer scale of its run).
/// </summary>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Singles">[outputs, inputs], or null.</param>
/// <param name="Integers">[outputs, inputs], or null.</param>
/// <param name="Scales">[outputs] scales of the integers, or null.</param>
public sealed record UnpackedWeights(int Outputs, int Inputs, float[]? Singles, int[]? Integers = null, float[]? Scales = null)
{
    /// <summary>The real weights [outputs, inputs].</summary>
    public float[] ToSingles()
    {
        if (Singles is not null)
            return Singles;
        var weights = new float[Integers!.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Integers[i] * Scales![i / Inputs];
        return weights;
    }
}
