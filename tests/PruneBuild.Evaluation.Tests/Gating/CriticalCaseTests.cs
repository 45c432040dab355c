namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>Cases of which none may be wrong.</summary>
public class CriticalCaseTests
{
    private const string Lines = """
        { "id": "a", "slice": "common", "input": [1], "label": 0 }

        { "id": "stop-sign", "slice": "edge", "input": [2], "label": 3, "critical": true }
        { "id": "b", "slice": "edge", "input": [3], "label": 4, "critical": false }
        """;

    private const string LooseFloor = """{ "dimension": "accuracy", "slice": "*", "min": 0, "mode": "point" }""";

    [Fact]
    public void A_flagged_case_that_is_wrong_fails_at_its_own_line()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder, LooseFloor, parent: [0, 3, 4], candidate: [0, 5, 4]);

        var diagnostic = Assert.Single(verdict.ToDiagnostics());

        Assert.Equal(CheckResult.Fail, verdict.Result);
        Assert.Equal(("PB4007", folder["cases.jsonl"], 3, 9), (diagnostic.Code, diagnostic.File, diagnostic.Line, diagnostic.Column));
        Assert.Equal("[linux-x64] critical case 'stop-sign' is answered 5 instead of 3 (dense parent 3)", diagnostic.Message);
    }

    [Fact]
    public void A_stored_verdict_still_points_at_the_case()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder, LooseFloor, parent: [0, 3, 4], candidate: [0, 5, 4]);
        verdict.Save(folder["verdict.json"]);
        Assert.Equal(verdict.ToDiagnostics(), Verdict.Load(folder["verdict.json"], folder["harness.json"]).ToDiagnostics());
    }

    [Fact]
    public void A_parent_that_is_wrong_as_well_is_no_excuse()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(CheckResult.Fail, Judge(folder, LooseFloor, parent: [0, 5, 4], candidate: [0, 5, 4]).Result);
    }

    [Fact]
    public void Right_ones_are_one_passed_check()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder, LooseFloor, parent: [0, 3, 4], candidate: [9, 3, 9]);
        var check = Assert.Single(verdict.Checks, check => check.Kind == FloorKind.Critical);
        Assert.Equal((CheckResult.Pass, 1, "[linux-x64] all 1 critical cases are right"), (check.Result, check.Cases, check.Message));
    }

    [Fact]
    public void A_case_that_the_harness_names_fails_there()
    {
        using var folder = new TemporaryFolder();
        var verdict = Judge(folder, LooseFloor + """, { "critical": ["a", "b"] }""", parent: [0, 3, 4], candidate: [0, 3, 1]);
        var diagnostic = Assert.Single(verdict.ToDiagnostics());
        Assert.Equal(HarnessFiles.Find(File.ReadAllText(folder["harness.json"]), "\"b\""), (diagnostic.Line, diagnostic.Column));
        Assert.Equal(folder["harness.json"], diagnostic.File);
    }

    [Fact]
    public void A_case_of_a_tensor_file_is_named_by_its_index()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, LooseFloor + """, { "critical": ["common.u8#1"] }""", ("common", [0, 0]));
        Assert.Equal(1, Assert.Single(cases.Critical).Index);
        Assert.Equal(CheckResult.Fail, Gate.Judge(harness, cases, HarnessFiles.Of([0, 0]), HarnessFiles.Of([0, 1]), "linux-x64").Result);
    }

    [Theory]
    [InlineData("""{ "critical": ["c"] }""", "\"c\"")]
    [InlineData("""{ "critical": [1] }""", "1] }")]
    [InlineData("""{ "critical": [] }""", "[] }")]
    [InlineData("""{ "critical": false }""", "false }")]
    public void A_name_that_means_nothing_is_refused(string floor, string at)
    {
        using var folder = new TemporaryFolder();
        var diagnostic = HarnessFiles.Fails("PB1012", () => Load(folder, floor));
        Assert.Equal(HarnessFiles.Find(File.ReadAllText(folder["harness.json"]), at), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void Demanded_flags_must_be_there()
    {
        using var folder = new TemporaryFolder();
        Assert.Single(Load(folder, """{ "critical": true }""").Cases.Critical);
        HarnessFiles.Fails("PB1012", () => Load(folder, """{ "critical": true }""", Lines.Replace("true", "false", StringComparison.Ordinal)));
    }

    private static (Harness Harness, CaseSet Cases) Load(TemporaryFolder folder, string floors, string lines = Lines)
    {
        folder.Write("cases.jsonl", lines.ReplaceLineEndings("\n"));
        var harness = Harness.Load(folder.Write("harness.json", HarnessFiles.Json("""{ "jsonl": "cases.jsonl" }""", floors)));
        return (harness, CaseSet.Load(harness));
    }

    private static Verdict Judge(TemporaryFolder folder, string floors, int[] parent, int[] candidate)
    {
        var (harness, cases) = Load(folder, floors);
        return Gate.Judge(harness, cases, HarnessFiles.Of(parent), HarnessFiles.Of(candidate), "linux-x64");
    }
}
