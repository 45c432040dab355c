using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Sites to edit now: everything before them is edited, nothing after them.</summary>
/// <param name="Index">0, 1, 2...</param>
/// <param name="Count">Steps in all.</param>
/// <param name="Sites">
/// Those that read one tensor (q, k and v), in node order. Sites that share a weight but read different tensors come together, at
/// the last of them; each has the statistics of its own input.
/// </param>
/// <param name="Statistics">Of the sites' inputs on the edited stream; only these sites are in it.</param>
/// <param name="Pairs">The edited stream against the dense one; null unless <see cref="SequentialOptions.Paired"/>.</param>
public sealed record SequentialStep(
    int Index, int Count, IReadOnlyList<WeightSite> Sites, CalibrationStatistics Statistics, CalibrationPairs? Pairs);
