using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// The verdict as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format, 2020), for code scanning: a result for each floor that is
/// not cleared, at the floor's own place in the harness. The fingerprint is that of the floor, not of its line, so an edit above it makes no new alert.
/// </summary>
public static class SarifReport
{
    /// <summary>The file's name.</summary>
    public const string FileName = "verdict.sarif";

    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
    private const string Root = "%SRCROOT%";
    private const string Missed = "PB4001";
    private const string Inconclusive = "PB4002";

    private static readonly Dictionary<string, string> RuleNames = new(StringComparer.Ordinal) { [Missed] = "Missed floor", [Inconclusive] = "Inconclusive floor" };

    /// <summary>The text of the file.</summary>
    public static string Write(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var floors = report.Floors;
        var open = floors.Where(floor => floor.State.Rank > 0).OrderByDescending(floor => floor.Blocks).ThenByDescending(floor => floor.State.Rank).ToList();
        var spoken = floors.Select(floor => floor.Diagnostic).ToHashSet();
        var others = report.Diagnostics.Where(diagnostic => !spoken.Contains(diagnostic)).ToList();
        var fingerprints = Fingerprints(report, open);
        List<JObject> results = [.. open.Select((floor, index) => Result(report, floor, fingerprints[index])), .. others.Select(diagnostic => Result(report, diagnostic))];
        // The tool's rules in a fixed order, so that a result's index means the same everywhere.
        var rules = results.Select(result => (string)result["ruleId"]!).Concat(RuleNames.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var result in results) result["ruleIndex"] = rules.IndexOf((string)result["ruleId"]!);
        return new JObject
        {
            ["$schema"] = Schema,
            ["version"] = "2.1.0",
            ["runs"] = new JArray(new JObject
            {
                ["tool"] = new JObject
                {
                    ["driver"] = new JObject
                    {
                        ["name"] = "PruneBuild",
                        ["version"] = report.Tool,
                        ["rules"] = new JArray(rules.Select(Rule)),
                    },
                },
                // What stands before the last slash is the category: targets and models must not replace each other's results.
                ["automationDetails"] = new JObject { ["id"] = $"prunebuild/{report.Verdict.Rid}/{report.Name}/" },
                ["columnKind"] = "utf16CodeUnits",
                ["originalUriBaseIds"] = new JObject { [Root] = new JObject { ["description"] = Text("The root of the repository.") } },
                ["properties"] = new JObject { ["verdict"] = Headline.Of(report).Word, ["device"] = report.Device, ["candidateKey"] = report.CandidateKey, ["profiles"] = Profiles(report.Verdict) },
                ["results"] = new JArray(results),
            }),
        }.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>Profiles with a floor that is cleared make no result, and still have to be told.</summary>
    private static JArray Profiles(Verdict verdict) => new((verdict.Profiles ?? []).Select(profile => new JObject
    {
        ["name"] = profile.Name,
        ["measurement"] = ProfileWords.State(profile),
        ["limits"] = new JArray(profile.Limits.Select(limit => limit.ToString())),
    }));

    private static JObject Rule(string code) => new()
    {
        ["id"] = code,
        ["name"] = RuleNames.GetValueOrDefault(code, code).Replace(" ", "", StringComparison.Ordinal),
        ["shortDescription"] = Text(RuleNames.GetValueOrDefault(code, $"PruneBuild {code}")),
        ["fullDescription"] = Text(code switch
        {
            Missed => "The compressed model does not reach a floor of the harness.",
            Inconclusive => "The cases are too few to decide whether the compressed model reaches a floor of the harness.",
            _ => $"The page {code}.md of the package's docs/codes folder explains it.",
        }),
        ["defaultConfiguration"] = new JObject { ["level"] = "error" },
        ["properties"] = new JObject { ["tags"] = new JArray("model-quality") },
    };

    private static JObject Result(EvaluationReport report, FloorRow floor, string fingerprint)
    {
        var result = new JObject
        {
            ["ruleId"] = floor.Diagnostic?.Code ?? (floor.State.Look == "bad" ? Missed : Inconclusive),
            ["level"] = floor.Blocks ? "error" : floor.Diagnostic is not null ? "warning" : "note",
            ["message"] = Text(floor.Check.Message),
            ["locations"] = new JArray(Location(report, floor.Check.File, floor.Check.Line, floor.Check.Column)),
            // The first is the name that GitHub compares; the second says what it is made of.
            ["partialFingerprints"] = new JObject { ["primaryLocationLineHash"] = $"{fingerprint}:1", ["prunebuildFloor/v1"] = fingerprint },
            ["properties"] = new JObject(FloorFacts.Numbers(floor).Select(number => new JProperty(number.Name, JToken.Parse(number.Value)))) { ["state"] = floor.State.Word },
        };
        foreach (var (name, value) in FloorFacts.Origin(floor)) result["properties"]![name] = value;
        if (floor.Result == "waived")
            result["suppressions"] = new JArray(new JObject { ["kind"] = "external", ["status"] = "accepted", ["justification"] = floor.Check.Message });
        return result;
    }

    private static JObject Result(EvaluationReport report, Diagnostic diagnostic)
    {
        var result = new JObject
        {
            ["ruleId"] = diagnostic.Code,
            ["level"] = diagnostic.Severity == Severity.Error ? "error" : "warning",
            ["message"] = Text(diagnostic.Message),
            ["partialFingerprints"] = new JObject { ["prunebuildDiagnostic/v1"] = Hash(report, diagnostic.Code, diagnostic.Message) },
        };
        if (diagnostic.File is { Length: > 0 } file) result["locations"] = new JArray(Location(report, file, diagnostic.Line, diagnostic.Column));
        return result;
    }

    private static JObject Location(EvaluationReport report, string file, int line, int column)
    {
        var name = file.Length > 0 ? report.Relative(file) : report.Verdict.Harness;
        var uri = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        return new JObject
        {
            ["physicalLocation"] = new JObject
            {
                ["artifactLocation"] = new JObject { ["uri"] = uri, ["uriBaseId"] = Root },
                ["region"] = new JObject { ["startLine"] = Math.Max(1, line), ["startColumn"] = Math.Max(1, column) },
            },
        };
    }

    /// <summary>One for each floor; floors that are alike in everything but their numbers are told apart by their order.</summary>
    private static List<string> Fingerprints(EvaluationReport report, IReadOnlyList<FloorRow> floors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. floors.Select(floor =>
            {
                seen[floor.Identity] = seen.GetValueOrDefault(floor.Identity) + 1;
                return Hash(report, floor.Identity, $"{seen[floor.Identity]}");
            }),
        ];
    }

    private static string Hash(EvaluationReport report, params string[] parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [report.Name, report.Verdict.Rid, .. parts]))))[..32];

    private static JObject Text(string text) => new() { ["text"] = text };
}
