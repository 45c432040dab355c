using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;

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

    /// <summary>Every floor on every slice, in the harness's order.</summary>
    public required IReadOnlyList<FloorCheck> Checks { get; init; }

    /// <summary>What happened on each slice: accuracies and flips.</summary>
    public required IReadOnlyList<PairedOutcome> Slices { get; init; }

    /// <summary>The same for all cases together.</summary>
    public required PairedOutcome Overall { get; init; }

    /// <summary>The parent's confusion matrix, sorted by label and prediction.</summary>
    public required IReadOnlyList<ConfusionCell> ParentConfusion { get; init; }

    /// <summary>The candidate's confusion matrix, sorted by label and prediction.</summary>
    public required IReadOnlyList<ConfusionCell> CandidateConfusion { get; init; }

    /// <summary>What to tell the user, worst first: PB4001 for missed floors, PB4002 for inconclusive ones, each at its threshold.</summary>
    /// <param name="policy">Whether an inconclusive floor ends the build.</param>
    public IReadOnlyList<Diagnostic> ToDiagnostics(InconclusivePolicy policy = InconclusivePolicy.Fail) =>
    [
        .. from check in Checks
           where check.Result != CheckResult.Pass
           orderby check.Result descending
           let isInconclusive = check.Result == CheckResult.Inconclusive
           let severity = isInconclusive && policy == InconclusivePolicy.Warn ? Severity.Warning : Severity.Error
           select Diagnostic.Create(isInconclusive ? "PB4002" : "PB4001", severity, check.Message).At(check.File, check.Line, check.Column),
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
            return verdict with { Checks = [.. verdict.Checks.Select(check => check with { File = harnessFile })] };
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB1010", Severity.Error, exception.Message).At(path), exception);
        }
    }
}
