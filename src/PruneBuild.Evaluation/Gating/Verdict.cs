using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation;

/// <summary>What the gate decided about a candidate, and why. Stored as <c>verdict.json</c>.</summary>
[JsonObject(ItemRequired = Required.Always)]
public sealed record Verdict
{
    /// <summary>The version of <c>verdict.json</c> that this type writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    private static readonly JsonSerializerSettings Settings = new()
    {
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        Formatting = Formatting.Indented,
        NullValueHandling = NullValueHandling.Ignore,
    };

    /// <summary>Version of the file.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>What the verdict is for.</summary>
    public required string Rid { get; init; }

    /// <summary>What was measured.</summary>
    public required string Task { get; init; }

    /// <summary>File name of the harness.</summary>
    public required string Harness { get; init; }

    /// <summary>The worst of all checks.</summary>
    public required CheckResult Result { get; init; }

    /// <summary>Seal of the lock that the floors were checked against; null without one.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? Lock { get; init; }

    /// <summary>Every floor on every slice, in the harness's order, then the critical cases.</summary>
    public required IReadOnlyList<FloorCheck> Checks { get; init; }

    /// <summary>What was measured on each slice and on all cases; null in a verdict on answers alone.</summary>
    [JsonProperty(Required = Required.Default)]
    public IReadOnlyList<MeasuredScore>? Scores { get; init; }

    /// <summary>The judges whose scores were asked for, and what they are worth; null without any.</summary>
    [JsonProperty(Required = Required.Default)]
    public IReadOnlyList<JudgeStatement>? Judges { get; init; }

    /// <summary>What happened on each slice: accuracies and flips. Where answers are not right or wrong, the counts are 0.</summary>
    public required IReadOnlyList<PairedOutcome> Slices { get; init; }

    /// <summary>The same for all cases together.</summary>
    public required PairedOutcome Overall { get; init; }

    /// <summary>The parent's confusion matrix, sorted by label and prediction.</summary>
    public required IReadOnlyList<ConfusionCell> ParentConfusion { get; init; }

    /// <summary>The candidate's confusion matrix, sorted by label and prediction.</summary>
    public required IReadOnlyList<ConfusionCell> CandidateConfusion { get; init; }

    /// <summary>Number of cases.</summary>
    [JsonIgnore]
    public int Cases => Math.Max(Overall.Cases, Scores?.Select(score => score.Cases).DefaultIfEmpty(0).Max() ?? 0);

    /// <summary>What to tell the user, worst first, each at its threshold or case.</summary>
    /// <param name="policy">Whether an inconclusive floor ends the build.</param>
    /// <returns>PB4001 missed, PB4002 inconclusive, PB4004 not measured, PB4005 waived (a warning), PB4006 no longer
    /// waived, PB4007 critical case answered wrong, PB4008 without a value, PB4009 judged by a judge that is not valid.</returns>
    public IReadOnlyList<Diagnostic> ToDiagnostics(InconclusivePolicy policy = InconclusivePolicy.Fail) =>
    [
        .. from check in Checks
           where check.Result != CheckResult.Pass
           orderby check.Result descending
           select Diagnostic.Create(CodeOf(check), SeverityOf(check, policy), check.Message).At(check.File, check.Line, check.Column),
    ];

    /// <summary>The JSON text: the same verdict gives the same bytes on every machine.</summary>
    public string ToJson()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        JsonSerializer.Create(Settings).Serialize(writer, this);
        writer.WriteLine();
        return writer.ToString();
    }

    /// <summary>Writes <see cref="ToJson"/>; the file is replaced as a whole.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, ToJson());

    /// <summary>Reads a stored verdict, for a build that judges nothing anew.</summary>
    /// <param name="path">The file.</param>
    /// <param name="harnessFile">Full path of the harness, which the diagnostics point at.</param>
    /// <exception cref="PruneBuildException">PB1010 when it is not a verdict, PB1012 when it is of another version.</exception>
    public static Verdict Load(string path, string harnessFile)
    {
        var json = LocatedJson.Load(path);
        new JsonSection(json, path).WholeNumber("schemaVersion", CurrentSchemaVersion, CurrentSchemaVersion);
        try
        {
            var verdict = json.ToObject<Verdict>(JsonSerializer.Create(Settings))!;
            return verdict with { Checks = [.. verdict.Checks.Select(check => check with { File = FileOf(check, harnessFile) })] };
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB1010", Severity.Error, exception.Message).At(path), exception);
        }
    }

    private static string FileOf(FloorCheck check, string harnessFile) => check.CaseFile is null
        ? harnessFile
        : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(harnessFile))!, check.CaseFile));

    private static Severity SeverityOf(FloorCheck check, InconclusivePolicy policy)
    {
        var isAccepted = check.Result == CheckResult.Waived
            || (check.Result == CheckResult.Inconclusive && policy == InconclusivePolicy.Warn && check.Waiver is null);
        return isAccepted ? Severity.Warning : Severity.Error;
    }

    private static string CodeOf(FloorCheck check) => check switch
    {
        { Result: CheckResult.Waived } => "PB4005",
        { Waiver: not null } => "PB4006",
        { Result: CheckResult.Inconclusive } => "PB4002",
        { Result: CheckResult.NotMeasured } => "PB4004",
        { Result: CheckResult.JudgeInvalid } => "PB4009",
        { Result: CheckResult.Error } => "PB4008",
        { Kind: FloorKind.Critical } => "PB4007",
        _ => "PB4001",
    };
}
