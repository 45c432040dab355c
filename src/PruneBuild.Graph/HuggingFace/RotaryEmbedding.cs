namespace PruneBuild.Graph.HuggingFace;

/// <summary>Rotary position embedding (Su et al. 2021): feature i of a head's first half turns with feature i of its second half by position × frequency i.</summary>
/// <param name="Base">θ.</param>
/// <param name="Dimensions">The first features of a head that turn; even.</param>
/// <param name="Scaling">What stretches it to longer texts, or null.</param>
public sealed record RotaryEmbedding(double Base, int Dimensions, RopeScaling? Scaling = null)
{
    /// <summary>What cosines and sines are multiplied by.</summary>
    public double Magnitude { get; init; } = 1;

    /// <summary>Tokens of the longest text that the scaling is made for, where that may be longer than the config's context; else 0.</summary>
    public int Reach { get; init; }

    /// <summary>How longer texts turn, from their first token on; null where all texts turn alike.</summary>
    public LongerTexts? Longer { get; init; }

    /// <summary>The frequencies, radians a token: θ^(−2i / dimensions), scaled.</summary>
    public double[] Frequencies() => [.. Enumerable.Range(0, Dimensions / 2)
        .Select(index => (Index: index, Frequency: Math.Pow(Base, -2.0 * index / Dimensions))).Select(plain => Scaling?.Scale(plain.Frequency, plain.Index) ?? plain.Frequency)];
}

/// <summary>Another embedding of long texts.</summary>
/// <param name="Beyond">Tokens of the longest text that is not long.</param>
/// <param name="Rotary">That of the long ones.</param>
public sealed record LongerTexts(int Beyond, RotaryEmbedding Rotary);

/// <summary>Stretches frequencies for longer texts than the model was first trained on.</summary>
public abstract record RopeScaling
{
    /// <summary>The frequency instead of the given one.</summary>
    /// <param name="frequency">Radians a token.</param>
    /// <param name="index">Which of the frequencies it is, from the fastest on.</param>
    public abstract double Scale(double frequency, int index);
}

/// <summary>Position interpolation (Chen et al. 2023): all frequencies are divided by the same factor.</summary>
public sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index) => frequency / Factor;
}

/// <summary>LongRoPE (Ding et al. 2024): every frequency is divided by a factor of its own, as found by search.</summary>
public sealed record LongRopeScaling(IReadOnlyList<double> Factors) : RopeScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index) => frequency / Factors[index];
}

/// <summary>
/// As Llama 3.1: waves longer than <c>Positions / LowFactor</c> tokens are stretched by the factor, those shorter than
/// <c>Positions / HighFactor</c> stay, and between them the two blend linearly in turns per <c>Positions</c>.
/// </summary>
/// <param name="Factor">Of the long waves.</param>
/// <param name="LowFactor">Turns within the first training's length below which waves are long.</param>
/// <param name="HighFactor">Turns above which waves are short; larger than the former.</param>
/// <param name="Positions">The first training's length, tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFactor, double HighFactor, int Positions) : RopeScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index)
    {
        var turns = Positions * frequency / (2 * Math.PI);
        var share = Math.Clamp((turns - LowFactor) / (HighFactor - LowFactor), 0, 1);
        return frequency * (share + ((1 - share) / Factor));
    }
}

/// <summary>
/// YaRN (Peng et al. 2023): the first frequencies stay, the last are divided by the factor, and between them the two blend linearly in the
/// index, as transformers does it.
/// </summary>
/// <param name="Factor">Of the slow ones; above 1.</param>
/// <param name="Kept">Up to this index frequencies stay; need not be whole.</param>
/// <param name="Divided">From this index on they are divided.</param>
public sealed record YarnRopeScaling(double Factor, double Kept, double Divided) : RopeScaling
{
    /// <summary>Between two bounds that are the same, as transformers has it.</summary>
    private const double LeastRange = 0.001;

    /// <inheritdoc/>
    public override double Scale(double frequency, int index)
    {
        var share = Math.Clamp((index - Kept) / (Divided == Kept ? LeastRange : Divided - Kept), 0, 1);
        return frequency * (1 - share + (share / Factor));
    }
}

/// <summary>
/// Dynamic NTK: θ grows with every token beyond the config's context, and nothing is scaled within it. Beyond it what a cache holds would
/// have been turned by the smaller θ of a shorter text, so the answer would depend on how the text was divided: an imported model ends there.
/// </summary>
/// <param name="Factor">How fast θ would grow.</param>
public sealed record DynamicRopeScaling(double Factor) : RopeScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index) => frequency;
}
