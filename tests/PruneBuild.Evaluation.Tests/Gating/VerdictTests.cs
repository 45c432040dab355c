using System.Globalization;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Tests.Gating;

public class VerdictTests
{
    private const string Floors = """
        { "dimension": "accuracy", "slice": "common", "maxDrop": 0.02 },
            { "dimension": "accuracy", "slice": "*", "min": 0.75 }
        """;

    [Fact]
    public void It_survives_a_round_trip()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder);
        verdict.Save(folder["verdict.json"]);

        var loaded = Verdict.Load(folder["verdict.json"], folder["harness.json"]);

        Assert.Equal(verdict.ToJson(), loaded.ToJson());
        Assert.Equal(verdict.Checks, loaded.Checks);
        Assert.Equal(verdict.Slices, loaded.Slices);
        Assert.Equal(verdict.ToDiagnostics(), loaded.ToDiagnostics());
        Assert.Equal(["harness.json", "verdict.json"], Directory.GetFiles(folder.Path, "*.json").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Its_text_depends_on_neither_culture_nor_place()
    {
        using var one = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var culture = CultureInfo.CurrentCulture;
        var text = Judge(one).ToJson();
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            Assert.Equal(text, Judge(other).ToJson());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
        Assert.DoesNotContain(one.Path, text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_keys_have_a_fixed_order()
    {
        using var folder = new TemporaryFolder();
        var json = JObject.Parse(Judge(folder).ToJson());
        Assert.Equal(
            ["schemaVersion", "rid", "task", "harness", "result", "checks", "slices", "overall", "parentConfusion", "candidateConfusion"],
            json.Properties().Select(property => property.Name));
        Assert.Equal(
            ["dimension", "slice", "kind", "mode", "threshold", "confidence", "result", "estimate", "bound", "parent", "candidate", "cases",
                "rightToWrong", "wrongToRight", "casesNeeded", "method", "floor", "line", "column", "message"],
            ((JObject)json["checks"]![0]!).Properties().Select(property => property.Name));
        Assert.Equal("inconclusive", (string?)json["checks"]![0]!["result"]);
        Assert.Equal("maxDrop", (string?)json["checks"]![0]!["kind"]);
    }

    [Fact]
    public void Diagnostics_come_worst_first_at_their_floors()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder);
        var text = File.ReadAllText(folder["harness.json"]);

        var diagnostics = verdict.ToDiagnostics();

        Assert.Equal(CheckResult.Fail, verdict.Result);
        Assert.Equal([("PB4001", Severity.Error), ("PB4002", Severity.Error)], diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Severity)));
        Assert.All(diagnostics, diagnostic => Assert.Equal(folder["harness.json"], diagnostic.File));
        Assert.Equal(HarnessFiles.Find(text, "0.75"), (diagnostics[0].Line, diagnostics[0].Column));
        Assert.Equal(HarnessFiles.Find(text, "0.02"), (diagnostics[1].Line, diagnostics[1].Column));
        Assert.StartsWith("[linux-arm64] accuracy on 'edge' 0.50, floor 0.75 (", diagnostics[0].Message, StringComparison.Ordinal);
        Assert.Matches("; n>=[0-9]+ cases would decide$", diagnostics[1].Message);
    }

    [Fact]
    public void An_inconclusive_floor_can_be_a_warning()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(
            [("PB4001", Severity.Error), ("PB4002", Severity.Warning)],
            Judge(folder).ToDiagnostics(InconclusivePolicy.Warn).Select(diagnostic => (diagnostic.Code, diagnostic.Severity)));
    }

    [Theory]
    [InlineData("PB1012", "\"schemaVersion\": 1", "\"schemaVersion\": 2")]
    [InlineData("PB1010", "\"checks\"", "\"chekcs\"")]
    [InlineData("PB1010", "\"threshold\"", "\"treshold\"")]
    [InlineData("PB1010", "\"fail\"", "\"great\"")]
    [InlineData("PB1010", "{", "[")]
    public void A_damaged_verdict_is_refused(string code, string from, string to)
    {
        using var folder = new TemporaryFolder();
        var text = Judge(folder).ToJson();
        Assert.Contains(from, text, StringComparison.Ordinal);
        var path = folder.Write("verdict.json", text.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(path, HarnessFiles.Fails(code, () => Verdict.Load(path, "harness.json")).File);
    }

    private static Verdict Judge(TemporaryFolder folder)
    {
        var (harness, cases) = HarnessFiles.Create(folder, Floors, ("common", new int[100]), ("edge", new int[30]));
        var (parent, candidate) = HarnessFiles.Answers((92, 2, 2, 4), (15, 3, 0, 12));
        return Gate.Judge(harness, cases, parent, candidate, "linux-arm64");
    }
}
