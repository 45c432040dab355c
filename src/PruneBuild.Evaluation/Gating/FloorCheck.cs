using Newtonsoft.Json;
using PruneBuild.Evaluation.Performance;

namespace PruneBuild.Evaluation;

/// <summary>One floor judged on one slice.</summary>
[JsonObject(ItemRequired = Required.Always)]
public sealed record FloorCheck
{
    /// <summary>What is measured.</summary>
    public required string Dimension { get; init; }

    /// <summary>The slice; <c>*</c> only for what is measured of a model as a whole.</summary>
    public required string Slice { get; init; }

    /// <summary>The resource profile; null where the floor names none and depends on none.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Profile { get; init; }

    /// <summary>Where a measured value comes from; null for what answers say.</summary>
    [JsonProperty(Required = Required.Default)]
    public MeasurementState? State { get; init; }

    /// <summary>What the threshold means.</summary>
    public required FloorKind Kind { get; init; }

    /// <summary>What is compared with the threshold.</summary>
    public required FloorMode Mode { get; init; }

    /// <summary>The floor.</summary>
    public required double Threshold { get; init; }

    /// <summary>One-sided confidence of <see cref="Bound"/>.</summary>
    public required double Confidence { get; init; }

    /// <summary>How it came out.</summary>
    public required CheckResult Result { get; init; }

    /// <summary>
    /// Minimum and Maximum: the candidate's value. MaxDrop: parent minus candidate; MinImprovement: candidate minus parent (both the other way
    /// round where less is better). Retention: candidate over parent, both above <see cref="Chance"/> where there is one. SliceGap: the drop on
    /// the slice minus that on all cases. Critical: wrong answers. 0 when there is no value.
    /// </summary>
    public required double Estimate { get; init; }

    /// <summary>The confidence bound of <see cref="Estimate"/> on the side of failure, by <see cref="Method"/>.</summary>
    public required double Bound { get; init; }

    /// <summary>The bound on the other side, of what is measured with noise: a floor is missed when it is.</summary>
    [JsonProperty(Required = Required.Default)]
    public double? OtherBound { get; init; }

    /// <summary>The dense parent's value on the slice.</summary>
    public required double Parent { get; init; }

    /// <summary>The candidate's value on the slice.</summary>
    public required double Candidate { get; init; }

    /// <summary>Cases of the slice (n).</summary>
    public required int Cases { get; init; }

    /// <summary>Cases that only the parent has right (b).</summary>
    public required int RightToWrong { get; init; }

    /// <summary>Cases that only the candidate has right (c).</summary>
    public required int WrongToRight { get; init; }

    /// <summary>Clusters of dependent cases in the slice; null where every case stands alone.</summary>
    [JsonProperty(Required = Required.Default)]
    public int? Clusters { get; init; }

    /// <summary>Accuracy of guessing on the slice, for a retention that is measured from it.</summary>
    [JsonProperty(Required = Required.Default)]
    public double? Chance { get; init; }

    /// <summary>When inconclusive: how many cases would clear the floor four times in five if the candidate is as good as measured. Null when no number would.</summary>
    [JsonProperty(Required = Required.Default)]
    public long? CasesNeeded { get; init; }

    /// <summary>The interval that <see cref="Bound"/> belongs to; null without one.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Method { get; init; }

    /// <summary>Name of the floor in lock and ledger.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Floor { get; init; }

    /// <summary>The critical case that was answered wrong.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Case { get; init; }

    /// <summary>The case file that holds the critical case, relative to the harness; null where line and column are those of the harness.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? CaseFile { get; init; }

    /// <summary>The waiver that covers the floor, or did until it expired.</summary>
    [JsonProperty(Required = Required.Default)]
    public FloorWaiver? Waiver { get; init; }

    /// <summary>1-based line of the threshold in the harness, or of the case in its file.</summary>
    public required int Line { get; init; }

    /// <summary>1-based column of the same.</summary>
    public required int Column { get; init; }

    /// <summary>The whole sentence, as the build shows it.</summary>
    public required string Message { get; init; }

    /// <summary>Full path of the file that line and column are of. Not stored: a verdict must not depend on where it was made.</summary>
    [JsonIgnore]
    public string File { get; init; } = "";
}
