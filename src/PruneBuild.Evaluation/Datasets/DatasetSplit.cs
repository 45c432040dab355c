namespace PruneBuild.Evaluation.Datasets;

/// <summary>The cases of a dataset that serve one purpose.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Sources">Its files, in the order they are named; those of a pattern in the order of their names.</param>
public sealed record DatasetSplit(string Name, IReadOnlyList<CaseSource> Sources)
{
    /// <summary>What pruning and quantization may see.</summary>
    public const string Calibration = "calibration";

    /// <summary>What candidates are chosen on.</summary>
    public const string Dev = "dev";

    /// <summary>What the floors are judged on.</summary>
    public const string Gate = "gate";

    /// <summary>The splits, the one that must stay unseen last.</summary>
    public static IReadOnlyList<string> Names { get; } = [Calibration, Dev, Gate];
}
