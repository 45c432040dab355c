using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>What a judge is worth, as the verdict tells it.</summary>
public sealed record JudgeStatement
{
    /// <summary>Its name in the harness.</summary>
    public required string Name { get; init; }

    /// <summary>Its model.</summary>
    public required string Model { get; init; }

    /// <summary>Hash of everything that may change an answer.</summary>
    public required string Pin { get; init; }

    /// <summary>Why its scores do not count; empty when they do.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Day of its calibration; null without one.</summary>
    public string? Calibrated { get; init; }

    /// <summary>Last day on which the calibration counts; null without one.</summary>
    public string? ValidUntil { get; init; }

    /// <summary>How it compares with people on the dense parent's texts.</summary>
    public RoleCalibration? OnParent { get; init; }

    /// <summary>How it compares with people on texts of pruned models.</summary>
    public RoleCalibration? OnPruned { get; init; }

    /// <summary>How much more than people it favours pruned models.</summary>
    public WelchInterval? BiasDifference { get; init; }

    /// <summary>Of a judge that compares: share of pairs whose preference did not turn with the order.</summary>
    public double? SwapConsistency { get; init; }

    /// <summary>Texts that it was asked about.</summary>
    public int Asked { get; init; }

    /// <summary>Of these, those without a judgement; each counts against the candidate.</summary>
    public int Errors { get; init; }

    /// <summary>Mean of its scores of the dense parent's texts, before the correction; null when nothing was asked.</summary>
    public double? RawParent { get; init; }

    /// <summary>The same of the candidate's.</summary>
    public double? RawCandidate { get; init; }
}
