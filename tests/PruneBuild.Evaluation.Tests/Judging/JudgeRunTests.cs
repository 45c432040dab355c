using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Tests.Runs;

namespace PruneBuild.Evaluation.Tests.Judging;

public class JudgeRunTests
{
    [Fact]
    public async Task Errors_within_the_budget_score_0_and_above_it_there_is_no_score()
    {
        var run = await Run(errors: 1, budget: 0.1);
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 1], run.Scores());
        Assert.Equal("PB5044", Assert.Single(run.Errors).Code);

        var broken = await Run(errors: 2, budget: 0.1);
        Assert.False(broken.IsUsable);
        Assert.Equal("PB5044", Assert.Throws<PruneBuildException>(() => broken.Scores()).Code);
    }

    [Fact]
    public async Task A_server_that_is_down_never_gives_a_score_and_neither_do_no_questions()
    {
        var down = await Run(errors: 10, budget: 0.99);
        Assert.Throws<PruneBuildException>(() => down.Scores());
        using var client = FakeChatClient.Proper((_, _) => "pass");
        var empty = await JudgeRun.OfAsync(new ChatJudge(client, Specs.PassFail), [], 1);
        Assert.Throws<PruneBuildException>(() => empty.Scores());
    }

    [Fact]
    public async Task A_judge_that_prefers_a_place_only_contradicts_itself_when_places_are_swapped()
    {
        var spec = Specs.PassFail with { Labels = [new("first", 1), new("second", 0), new("tie", 0.5)] };
        (string, string, string, string)[] pairs = [("a", "q", "long answer", "no"), ("b", "q", "x", "better"), ("c", "q", "same", "same")];

        using var flips = FakeChatClient.Proper((_, _) => "first");
        var biased = await PairwiseComparison.OfAsync(new ChatJudge(flips, spec), pairs);
        Assert.Equal((new PairwiseComparison(0, 0, 0, 3), 0.0, 0.5), (biased, biased.SwapConsistency, biased.WinRate));

        using var longer = FakeChatClient.Proper((_, output) =>
        {
            var texts = output.Split("\n--- second output ---\n");
            return texts[0].Length == texts[1].Length ? "tie" : texts[0].Length > texts[1].Length ? "first" : "second";
        });
        var steady = await PairwiseComparison.OfAsync(new ChatJudge(longer, spec), pairs);
        Assert.Equal((new PairwiseComparison(1, 1, 1, 0), 1.0, 0.5), (steady, steady.SwapConsistency, steady.WinRate));
    }

    [Fact]
    public async Task A_judge_that_wavers_is_measured()
    {
        var calls = 0;
        using var wavers = FakeChatClient.Proper((_, _) => calls++ % 4 == 0 ? "fail" : "pass");
        Assert.Equal(new SelfConsistency(2, 4, 0.75), await SelfConsistency.OfAsync(new ChatJudge(wavers, Specs.PassFail), [Specs.Question, Specs.Question], 4));
    }

    [Fact]
    public async Task An_ONNX_classifier_judges_and_its_bytes_are_in_its_key()
    {
        using var folder = new TemporaryFolder();
        string Model(string name, int classes) => folder.Write(name, TinyOnnx.Unary("Identity", null, classes));
        NamedOnnxValue[] Encode(JudgeQuestion question) => [NamedOnnxValue.CreateFromTensor("image", new DenseTensor<float>(new float[] { question.Output.Length, 3 }, [1, 2]))];

        using var judge = new ClassifierJudge(Model("a.onnx", 2), Specs.PassFail, Encode, "length-1");
        Assert.Equal("pass", (await judge.JudgeAsync(Specs.Question, default)).Label.Name);
        Assert.Equal("fail", (await judge.JudgeAsync(Specs.Question with { Output = "4" }, default)).Label.Name);

        using var other = new ClassifierJudge(folder["a.onnx"], Specs.PassFail, Encode, "length-2");
        Assert.NotEqual(judge.Key, other.Key);
        using var three = new ClassifierJudge(folder["a.onnx"], Specs.PassFail with { Labels = [new("a", 0), new("b", 1), new("c", 1)] }, Encode, "length-1");
        Assert.Equal("PB5043", (await Assert.ThrowsAsync<PruneBuildException>(() => three.JudgeAsync(Specs.Question, default))).Code);
        using var wrong = new ClassifierJudge(Model("b.onnx", 5), Specs.PassFail, Encode, "length-1");
        Assert.Equal("PB5044", (await Assert.ThrowsAsync<PruneBuildException>(() => wrong.JudgeAsync(Specs.Question, default))).Code);
        Assert.Equal("PB5044", Assert.Throws<PruneBuildException>(() => new ClassifierJudge(folder.Write("c.onnx", [1, 2]), Specs.PassFail, Encode, "x")).Code);
    }

    private static async Task<JudgeRun> Run(int errors, double budget)
    {
        var calls = 0;
        using var client = new FakeChatClient((nonce, _, _) => calls++ < errors ? throw new HttpRequestException("503") : $"{nonce} pass");
        return await JudgeRun.OfAsync(new ChatJudge(client, Specs.PassFail), Enumerable.Repeat(Specs.Question, 10), budget);
    }
}
