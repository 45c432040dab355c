using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation.Tests.Judging;

public class JudgeCalibrationTests
{
    private static readonly DateOnly Today = new(2026, 11, 1);
    private static readonly JudgeLimits Limits = new();

    [Fact]
    public async Task A_judge_that_sees_what_people_see_is_valid()
    {
        var calibration = await Calibrate((_, output) => Right(output));
        Assert.Empty(calibration.Check(Specs.PassFail.Key, Limits, Today));
        Assert.Equal((200, 1.0, 1.0, 0.0), (calibration.Pruned!.Cases, calibration.Pruned.Kappa!.Value, calibration.Pruned.Agreement, calibration.BiasDifference!.Difference));
        Assert.Equal((120, 120, 80, 80), (calibration.Pruned.Positives, calibration.Pruned.TruePositives, calibration.Pruned.Negatives, calibration.Pruned.TrueNegatives));
        Assert.Equal(0.6, calibration.Parent!.ConstantAgreement, 12);
    }

    [Fact]
    public async Task A_judge_that_likes_long_answers_is_found_out()
    {
        var calibration = await Calibrate((_, output) => output.Length > 20 ? "pass" : "fail");
        Assert.True(calibration.Pruned!.LengthBias > 0.5);
        Assert.Contains(calibration.Check(Specs.PassFail.Key, Limits, Today), fault => fault.Message.StartsWith("The judge is not valid: kappa on pruned models is ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_judge_that_misses_the_faults_of_pruned_models_is_not_valid_however_good_it_is_on_the_parent()
    {
        // Of the wrong outputs of pruned models every other one passes.
        var calibration = await Calibrate((input, output) => input == "pruned" && output.EndsWith('0') ? "pass" : Right(output));
        Assert.Equal(1, calibration.Parent!.Kappa!.Value, 12);
        var faults = calibration.Check(Specs.PassFail.Key, Limits, Today).Select(fault => fault.Message).ToList();
        Assert.Contains(faults, fault => fault.Contains("on the parent and", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("The judge is not valid: it favours pruned models by ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_judge_that_always_says_pass_has_no_agreement_beyond_chance()
    {
        var calibration = await Calibrate((_, _) => "pass");
        Assert.Equal(0, calibration.Pruned!.Kappa!.Value, 12);
        Assert.Contains(calibration.Check(Specs.PassFail.Key, Limits, Today), fault => fault.Message.Contains("kappa on pruned models is 0.00", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_calibration_goes_stale_with_another_judge_with_age_and_with_few_labels()
    {
        var calibration = await Calibrate((_, output) => Right(output));
        string One(string key, JudgeLimits limits, DateOnly today) => Assert.Single(calibration.Check(key, limits, today)).Message;
        Assert.Contains("it is not the judge that was calibrated", One((Specs.PassFail with { Rubric = "new" }).Key, Limits, Today), StringComparison.Ordinal);
        Assert.Equal("The judge is not valid: its calibration of 2026-11-01 is older than 30 days.", One(Specs.PassFail.Key, Limits, Today.AddDays(31)));
        Assert.Empty(calibration.Check(Specs.PassFail.Key, Limits, Today.AddDays(30)));
        Assert.Equal(2, calibration.Check(Specs.PassFail.Key, Limits with { MinLabels = 201 }, Today).Count);
    }

    [Fact]
    public async Task Labels_of_the_parent_alone_calibrate_nothing()
    {
        using var client = FakeChatClient.Proper((_, output) => Right(output));
        var calibration = await JudgeCalibration.OfAsync(new ChatJudge(client, Specs.PassFail), Specs.PassFail, [.. Samples().Where(sample => sample.Role == OutputRole.Parent)], Today);
        Assert.Equal("The judge is not valid: people labelled 0 outputs of pruned models, fewer than 100.", Assert.Single(calibration.Check(Specs.PassFail.Key, Limits, Today)).Message);
    }

    [Fact]
    public async Task One_answer_that_fails_is_no_calibration()
    {
        var calls = 0;
        await Assert.ThrowsAsync<PruneBuildException>(() => Calibrate((_, output) => ++calls == 300 ? "maybe" : Right(output)));
    }

    [Fact]
    public async Task A_calibration_is_saved_sealed_and_read_back()
    {
        using var folder = new TemporaryFolder();
        var calibration = await Calibrate((input, output) => input == "pruned" && output.EndsWith('0') ? "pass" : Right(output));
        calibration.Save(folder["judge.calibration.json"]);
        Assert.Equal(calibration, JudgeCalibration.Load(folder["judge.calibration.json"]));
        folder.Write("judge.calibration.json", File.ReadAllText(folder["judge.calibration.json"]).Replace("2026-11-01", "2026-12-01", StringComparison.Ordinal));
        HarnessFiles.Fails("PB5045", () => JudgeCalibration.Load(folder["judge.calibration.json"]));
    }

    [Theory]
    [InlineData("PB1012", """{"id":"a","role":"pruned","input":"q","output":"o","human":"good","annotator":"person"}""", 60)]
    [InlineData("PB1012", """{"id":"a","role":"pruned","input":"q","output":"o","human":"pass","annotator":"model"}""", 79)]
    [InlineData("PB1012", """{"id":"a","role":"dense","input":"q","output":"o","human":"pass","annotator":"person"}""", 18)]
    [InlineData("PB1013", """{"id":"a","role":"parent","input":"q","output":"o","human":"pass"}""", 1)]
    [InlineData("PB1011", """{"id":"a","role":"parent","input":"q","output":"o","human":"pass","annotator":"person","x":1}""", 92)]
    [InlineData("PB1010", "{", null)]
    public void A_faulty_label_is_reported_at_its_place(string code, string line, int? column)
    {
        using var folder = new TemporaryFolder();
        var good = """{"id":"a","role":"parent","input":"q","output":"","human":"pass","annotator":"person"}""";
        Assert.Equal("", Assert.Single(CalibrationFile.Load(folder.Write("c.jsonl", good), Specs.PassFail)).Question.Output);
        var diagnostic = HarnessFiles.Fails(code, () => CalibrationFile.Load(folder.Write("c.jsonl", good + "\n" + line), Specs.PassFail));
        Assert.Equal(2, diagnostic.Line);
        if (column is { } expected) Assert.Equal(expected, diagnostic.Column);
    }

    private static string Right(string output) => output.StartsWith("right", StringComparison.Ordinal) ? "pass" : "fail";

    private static async Task<JudgeCalibration> Calibrate(Func<string, string, string> label)
    {
        using var client = FakeChatClient.Proper(label);
        return await JudgeCalibration.OfAsync(new ChatJudge(client, Specs.PassFail), Specs.PassFail, Samples(), Today);
    }

    // 200 outputs of each, 120 right; every other output is long.
    private static CalibrationSample[] Samples() =>
    [
        .. from role in (OutputRole[])[OutputRole.Parent, OutputRole.Pruned]
           from i in Enumerable.Range(0, 200)
           let right = i % 5 < 3
           let text = $"{(right ? "right" : "wrong")} {new string('x', i / 5 % 2 * 40)}{i / 5 % 2}"
           select new CalibrationSample(
               new JudgeQuestion($"{role}{i}", role == OutputRole.Pruned ? "pruned" : "parent", text), role, Specs.PassFail.Labels[right ? 0 : 1], default),
    ];
}
