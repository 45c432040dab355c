using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

/// <summary>What the SARIF 2.1.0 standard and GitHub's documentation of it require.</summary>
public sealed class SarifReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_log_has_what_the_standard_requires()
    {
        var log = Log(SampleReport.Create(folder));
        Assert.Equal("2.1.0", (string?)log["version"]);
        Assert.EndsWith("/sarif-schema-2.1.0.json", (string?)log["$schema"], StringComparison.Ordinal);
        var run = Assert.Single(log["runs"]!);
        Assert.Equal("PruneBuild", (string?)run["tool"]!["driver"]!["name"]);
        Assert.Equal("utf16CodeUnits", (string?)run["columnKind"]);
        var rules = run["tool"]!["driver"]!["rules"]!.Select(rule => (string)rule["id"]!).ToList();
        Assert.Equal(rules.Distinct(), rules);
        Assert.All(run["results"]!, result =>
        {
            Assert.Equal((string?)result["ruleId"], rules[(int)result["ruleIndex"]!]);
            Assert.Contains((string?)result["level"], (string[])["none", "note", "warning", "error"]);
            Assert.NotEmpty((string)result["message"]!["text"]!);
        });
    }

    [Fact]
    public void A_result_lies_at_its_floor_in_the_repository()
    {
        var report = SampleReport.Create(folder) with { SourceRoot = Path.GetDirectoryName(folder.Path)! };
        var text = File.ReadAllText(folder["harness.json"]);
        var result = Results(report).First(result => ((string)result["message"]!["text"]!).Contains("floor 0.75", StringComparison.Ordinal));
        var place = result["locations"]![0]!["physicalLocation"]!;
        Assert.Equal($"{Path.GetFileName(folder.Path)}/harness.json", (string?)place["artifactLocation"]!["uri"]);
        Assert.Equal("%SRCROOT%", (string?)place["artifactLocation"]!["uriBaseId"]);
        Assert.Equal(HarnessFiles.Find(text, "0.75"), ((int)place["region"]!["startLine"]!, (int)place["region"]!["startColumn"]!));
    }

    [Fact]
    public void Every_floor_that_is_not_cleared_is_a_result_with_the_code_and_severity_of_the_build()
    {
        var report = SampleReport.Create(folder, policy: InconclusivePolicy.Warn);
        Assert.Equal(
            report.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Severity == Severity.Error ? "error" : "warning", diagnostic.Message)).Order(),
            Results(report).Select(result => ((string)result["ruleId"]!, (string)result["level"]!, (string)result["message"]!["text"]!)).Order());
    }

    [Fact]
    public void A_fingerprint_is_that_of_the_floor_and_target_whatever_its_line_and_numbers()
    {
        var report = SampleReport.Create(folder);
        using var other = new TemporaryFolder();
        var moved = SampleReport.Create(other, "\n\n" + SampleReport.Floors.Replace("0.75", "0.80", StringComparison.Ordinal));
        Assert.Equal(Fingerprints(report), Fingerprints(moved));
        Assert.Equal(Fingerprints(report).Distinct(), Fingerprints(report));
        Assert.Empty(Fingerprints(report).Intersect(Fingerprints(report with { Verdict = report.Verdict with { Rid = "win-arm64" } })));
        Assert.Empty(Fingerprints(report).Intersect(Fingerprints(report with { Name = "other" })));
    }

    [Fact]
    public void Two_floors_that_differ_in_their_numbers_only_have_two_fingerprints()
    {
        var report = SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "adversarial", "min": 0.75 }, { "dimension": "accuracy", "slice": "adversarial", "min": 0.95 }""");
        Assert.Equal(2, Fingerprints(report).Distinct().Count());
    }

    [Fact]
    public void Targets_and_models_are_categories_of_their_own() =>
        Assert.Equal("prunebuild/linux-arm64/digits/", (string?)Log(SampleReport.Create(folder))["runs"]![0]!["automationDetails"]!["id"]);

    [Fact]
    public void A_gate_that_is_passed_has_no_results() =>
        Assert.Empty(Results(SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "common", "min": 0.90 }""")));

    [Fact]
    public void What_the_build_says_beyond_floors_is_a_result_too()
    {
        var report = SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "common", "min": 0.90 }""");
        var result = Assert.Single(Results(report with { Diagnostics = [new Diagnostic("PB1036", Severity.Error, "shared data", folder["recipe 1.json"], 3, 4)] }));
        Assert.Equal("PB1036", (string?)result["ruleId"]);
        Assert.Equal("recipe%201.json", (string?)result["locations"]![0]!["physicalLocation"]!["artifactLocation"]!["uri"]);
        Assert.Equal(3, (int?)result["locations"]![0]!["physicalLocation"]!["region"]!["startLine"]);
    }

    [Fact]
    public void No_place_of_this_machine_is_in_it() =>
        Assert.DoesNotContain(folder.Path, SarifReport.Write(SampleReport.Create(folder)), StringComparison.Ordinal);

    public void Dispose() => folder.Dispose();

    private static JObject Log(EvaluationReport report) => JObject.Parse(SarifReport.Write(report));

    private static List<JToken> Results(EvaluationReport report) => [.. Log(report)["runs"]![0]!["results"]!];

    private static List<string> Fingerprints(EvaluationReport report) =>
        [.. Results(report).Select(result => (string)result["partialFingerprints"]!["primaryLocationLineHash"]!).Order(StringComparer.Ordinal)];
}
