namespace PruneBuild.Targeting.Calibration;

/// <summary>How much a calibration measures.</summary>
/// <param name="Inputs">Inputs of the timed layers.</param>
/// <param name="LargestOutputs">Outputs of the timed layers, unless float weights then leave the cache.</param>
/// <param name="Rounds">Turns of each timed model.</param>
/// <param name="TurnSeconds">About how long a turn lasts.</param>
/// <param name="ChainLength">Nodes of the longer chain that tells the time of an empty node.</param>
/// <param name="BandwidthBytes">Bytes that are read to measure bandwidth; up to four times as many where the cache is large.</param>
/// <param name="Sparsities">Sparsities of patterns that do not fix theirs, ascending.</param>
public sealed record CalibrationSize(
    int Inputs, int LargestOutputs, int Rounds, double TurnSeconds, int ChainLength, long BandwidthBytes, IReadOnlyList<double> Sparsities)
{
    private const int SmallestOutputs = 64;

    /// <summary>What a device file is worth shipping with: a minute or two.</summary>
    public static CalibrationSize Full { get; } = new(768, 3072, 15, 5e-4, 500, 256L << 20, [0.5, 0.7, 0.8, 0.9, 0.95]);

    /// <summary>Seconds. The figures are of the right kind and no more.</summary>
    public static CalibrationSize Quick { get; } = new(128, 128, 3, 2e-5, 50, 1L << 20, [0.5, 0.75, 0.9]);

    /// <summary>Outputs with which float weights fill half of the cache at most.</summary>
    internal int Outputs(long cacheBytes) =>
        (int)Math.Clamp(cacheBytes / 2 / sizeof(float) / Inputs / SmallestOutputs * SmallestOutputs, SmallestOutputs, LargestOutputs);
}
