namespace PruneBuild.Evaluation.Tests.Tasks;

public class MultipleChoiceTests
{
    // After 0 comes 1 (likely), 2 or 3; after 1 comes 1.
    private static readonly float[][] Logits = [[0, 3, 1, 1], [0, 4, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]];

    private const string Questions = """
        {"id":"short","slice":"common","context":[0],"choices":[[1],[2,1]],"bytes":[1,40],"answer":0}
        {"id":"long","slice":"common","context":[3,0],"choices":[[2],[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]],"bytes":[1,46],"answer":1,"critical":true}
        """;

    private const string Floors = """
        { "dimension": "accuracy", "slice": "*", "min": 0, "mode": "point" }, { "metric": "acc_norm", "slice": "*", "min": 0, "mode": "point" }
        """;

    [Fact]
    public void The_likeliest_choice_is_the_answer_with_and_without_normalisation_by_bytes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.jsonl", Questions);
        var (harness, cases) = TaskFiles.Create(folder, "multiple-choice", "", """{ "jsonl": "q.jsonl" }""", Floors);
        var outputs = ModelRun.Evaluate(TaskFiles.Bigrams(folder, Logits), harness, cases, threads: 1);

        var (verdict, parent, _) = Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64");

        // Forty-six tokens of 0.05 nats are less likely than one of 2.2, but not a byte of theirs.
        Assert.Equal([0, 0], parent!.Classes);
        Assert.Equal([0.5, 0.5], verdict.Checks.Take(2).Select(check => check.Candidate));
        Assert.Equal(TaskFiles.LogProbability(Logits[0], 1), outputs[0][0], 1e-6);
        Assert.Equal(46, outputs[3].Length);
        Assert.Equal((1, 1), (verdict.Overall.BothRight, verdict.Overall.BothWrong));
    }

    [Fact]
    public void A_critical_question_that_is_answered_wrong_is_PB4007_at_its_line()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("q.jsonl", Questions);
        var (harness, cases) = TaskFiles.Create(folder, "multiple-choice", "", """{ "jsonl": "q.jsonl" }""", Floors);
        var outputs = ModelRun.Evaluate(TaskFiles.Bigrams(folder, Logits), harness, cases, threads: 1);
        var diagnostic = Assert.Single(Gate.Judge(harness, cases, new EvaluatedModels(outputs, outputs), "linux-x64").Verdict.ToDiagnostics());
        Assert.Equal(("PB4007", path, 2), (diagnostic.Code, diagnostic.File, diagnostic.Line));
    }

    [Fact]
    public void Answers_that_changed_are_flips()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.jsonl", string.Join('\n', Enumerable.Range(0, 50).Select(i => $$"""{"id":"q{{i}}","slice":"common","context":[0],"choices":[[1],[2]],"answer":0}""")));
        var loaded = TaskFiles.Create(folder, "multiple-choice", "", """{ "jsonl": "q.jsonl" }""", """{ "dimension": "flips", "slice": "common", "max": 0.1 }""");
        float[][] sure = [.. Enumerable.Range(0, 50).SelectMany(_ => (float[][])[[-1], [-2]])];
        float[][] changed = [.. sure.Take(20).Select(row => (float[])[-3 - row[0]]), .. sure.Skip(20)];
        var check = TaskFiles.Check(loaded, new ModelOutputs(sure), new ModelOutputs(changed));
        Assert.Equal((CheckResult.Fail, 0.2, 10), (check.Result, check.Candidate, check.RightToWrong));
    }

    [Theory]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[],"choices":[[1],[2]],"answer":0}""", "[]")]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[1],"choices":[[1]],"answer":0}""", "[[1]]")]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[1],"choices":[[1],[]],"answer":0}""", "[]]")]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[1],"choices":[[1],[2.5]],"answer":0}""", "2.5")]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[1],"choices":[[1],[2]],"answer":2}""", "2}")]
    [InlineData("PB1012", """{"id":"a","slice":"common","context":[1],"choices":[[1],[2]],"answer":1,"bytes":[3]}""", "[3]")]
    [InlineData("PB1013", """{"id":"a","slice":"common","context":[1],"choices":[[1],[2]]}""", "{")]
    public void A_question_that_cannot_be_asked_is_refused_where_it_is(string code, string line, string at)
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.jsonl", line);
        var error = HarnessFiles.Fails(code, () => TaskFiles.Create(folder, "multiple-choice", "", """{ "jsonl": "q.jsonl" }""", Floors));
        Assert.Equal((1, line.IndexOf(at, StringComparison.Ordinal) + 1), (error.Line, error.Column));
    }
}
