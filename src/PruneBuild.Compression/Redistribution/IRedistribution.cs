using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Moves importance between weights before they are pruned, so that a mask removes less of it. The model computes the same as before
/// and costs the device nothing.
/// </summary>
public interface IRedistribution
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it looks at calibration data.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Edits a model.</summary>
    /// <param name="model">Edited; its outputs stay the same but for rounding.</param>
    /// <param name="statistics">Of the model; may be null where <see cref="NeedsStatistics"/> is false.</param>
    /// <param name="cancellation">Observed between groups; the model still computes the same then.</param>
    /// <returns>The statistics of the edited model, and a report a group.</returns>
    /// <exception cref="PruneBuildException">PB3003: statistics are missing.</exception>
    RedistributionResult Apply(OnnxModel model, CalibrationStatistics? statistics, CancellationToken cancellation = default);
}

/// <summary>What a redistribution did.</summary>
/// <param name="Statistics">Of the edited model; null when there were none.</param>
/// <param name="Groups">One report a group of channels, the ones left alone included.</param>
public sealed record RedistributionResult(CalibrationStatistics? Statistics, IReadOnlyList<RedistributedGroup> Groups);

/// <summary>What happened to one group of channels.</summary>
/// <param name="Name">The first node or tensor that makes them.</param>
/// <param name="Units">How many.</param>
/// <param name="Reason">Why they stayed as they were, or null.</param>
public sealed record RedistributedGroup(string Name, int Units, string? Reason);
