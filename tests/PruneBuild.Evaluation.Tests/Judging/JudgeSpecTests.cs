using NJsonSchema;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Judging;

public class JudgeSpecTests
{
    private const string Valid = """
        { "version": 1, "model": "m", "rubric": "r", "labels": [{ "label": "pass", "score": 1 }, { "label": "fail", "score": 0 }],
          "seed": 7, "timeoutSeconds": 5, "limits": { "minKappa": 0.5, "maxAgeDays": 10 } }
        """;

    [Fact]
    public async Task The_reader_and_the_schema_accept_a_judge()
    {
        using var folder = new TemporaryFolder();
        var spec = JudgeSpec.Load(folder.Write("judge.json", Valid));
        Assert.Equal(("m", "r", 7, 5.0, 0.5, 10, 0.1), (spec.Model, spec.Rubric, spec.Seed, spec.TimeoutSeconds, spec.Limits.MinKappa, spec.Limits.MaxAgeDays, spec.Limits.MaxKappaGap));
        Assert.Empty((await Schema()).Validate(Valid));
    }

    [Theory]
    [InlineData("PB1011", "\"seed\"", "\"temperature\"", "\"temperature\"")]
    [InlineData("PB1013", "\"model\": \"m\", ", "", null)]
    [InlineData("PB1012", "\"score\": 1", "\"score\": 2", "2 }")]
    [InlineData("PB1012", "\"pass\"", "\"well done\"", "\"well done\"")]
    [InlineData("PB1012", ", { \"label\": \"fail\", \"score\": 0 }", "", "[{")]
    [InlineData("PB1012", "5,", "0,", "0, \"limits\"")]
    [InlineData("PB1011", "\"minKappa\"", "\"kappa\"", "\"kappa\"")]
    [InlineData("PB1012", "10 }", "0 }", "0 } }")]
    public async Task A_fault_is_reported_at_its_token_and_the_schema_knows_it(string code, string from, string to, string? at)
    {
        using var folder = new TemporaryFolder();
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Valid, text);
        var diagnostic = HarnessFiles.Fails(code, () => JudgeSpec.Load(folder.Write("judge.json", text)));
        if (at is not null) Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
        Assert.NotEmpty((await Schema()).Validate(text));
    }

    [Fact]
    public void Whatever_may_change_an_answer_changes_the_key()
    {
        var spec = Specs.PassFail;
        string[] keys =
        [
            spec.Key, (spec with { Model = "judge-2" }).Key, (spec with { Rubric = "other" }).Key, (spec with { Seed = 2 }).Key,
            (spec with { Labels = [.. spec.Labels.Reverse()] }).Key, (spec with { Labels = [new("pass", 1), new("fail", 0.1)] }).Key,
        ];
        Assert.Distinct(keys);
        Assert.Equal(spec.Key, (spec with { TimeoutSeconds = 1, Limits = new JudgeLimits { MinKappa = 0 } }).Key);
    }

    private static async Task<JsonSchema> Schema() => await JsonSchema.FromFileAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas", "judge.schema.json"));
}
