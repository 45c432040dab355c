using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation.Tests.Gating;

/// <summary>Floors on what people would have said, by a judge that errs otherwise on pruned models than on their parent.</summary>
public class JudgedFloorTests
{
    private const int Labels = 300;

    private static readonly JudgeSpec Spec = new() { Model = "j", Rubric = "r", Labels = [new("pass", 1), new("fail", 0)] };

    [Fact]
    public void A_judge_that_is_kinder_to_pruned_models_does_not_hide_their_losses()
    {
        // People pass 80 % of the parent's texts and 60 % of the candidate's; the judge passes half of what people fail, of the candidate alone.
        var parent = Scores(1000, 0.8 * 0.95);
        var candidate = Scores(1000, (0.6 * 0.95) + (0.4 * 0.5));
        var check = Check(
            """{ "dimension": "accuracy", "slice": "*", "maxDrop": 0.1 }""", parent, candidate,
            Of(Counts(Labels, 0.95), Counts(Labels, 1)), Of(Counts(Labels, 0.95), Counts(Labels, 0.5)));
        Assert.Equal(CheckResult.Fail, check.Result);
        Assert.Equal((0.8, 0.6, 0.2), (Math.Round(check.Parent, 2), Math.Round(check.Candidate, 2), Math.Round(check.Estimate, 2)));
        // The judge's own means say that nothing was lost.
        Assert.True(parent.Average() - candidate.Average() < 0);
    }

    [Fact]
    public void Few_labels_leave_a_floor_undecided_that_many_would_clear()
    {
        var scores = Scores(2000, 0.85);
        string floor = """{ "dimension": "accuracy", "slice": "*", "min": 0.8 }""";
        CheckResult With(int labels) => Check(floor, scores, scores, Of(Counts(labels, 0.95), Counts(labels, 0.95)), Of(Counts(labels, 0.95), Counts(labels, 0.95))).Result;
        Assert.Equal((CheckResult.Inconclusive, CheckResult.Pass), (With(20), With(2000)));
    }

    [Fact]
    public void A_perfect_judge_corrects_nothing()
    {
        var correction = ScoreCorrection.Of(Spec, Calibration(200, 200, 200, 200))!;
        Assert.Equal((1.0, 0.0), (correction.Slope, correction.Offset));
        Assert.True(correction.Variance(0.5) > 0);
    }

    [Fact]
    public void A_judge_no_better_than_chance_and_labels_of_one_kind_correct_nothing()
    {
        Assert.Null(ScoreCorrection.Of(Spec, Calibration(100, 50, 100, 50)));
        Assert.Null(ScoreCorrection.Of(Spec, Calibration(100, 90, 0, 0)));
    }

    [Fact]
    public void Graded_labels_are_corrected_by_the_mean_difference()
    {
        var graded = Spec with { Labels = [new("good", 1), new("fair", 0.5), new("poor", 0)] };
        var correction = ScoreCorrection.Of(graded, Calibration(100, 90, 100, 90) with { Bias = 0.1, BiasError = 0.02 })!;
        Assert.Equal((0.6, 0.0004), (Math.Round(correction.Apply(0.7), 12), Math.Round(correction.Variance(0.7), 12)));
    }

    [Fact]
    public void A_drop_of_the_margin_is_seldom_let_through_and_none_often()
    {
        Assert.InRange(Passes(drop: 0.1), 0, 0.075);
        Assert.InRange(Passes(drop: 0), 0.6, 1);
    }

    // Share of simulated gates that pass: 400 cases, 150 labels of either kind on either role, margin 0.1, a judge with other faults on either.
    private static double Passes(double drop)
    {
        const int Simulations = 400, Cases = 400, OfEach = 150;
        const string Floor = """{ "dimension": "accuracy", "slice": "*", "maxDrop": 0.1 }""";
        var random = new Random(20261129);
        var passed = 0;
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, Floor, ("common", new int[Cases]));
        for (var simulation = 0; simulation < Simulations; simulation++)
        {
            double[] parent = new double[Cases], candidate = new double[Cases];
            for (var i = 0; i < Cases; i++)
            {
                var good = random.NextDouble() < 0.8;
                var stays = good && random.NextDouble() >= drop / 0.8;
                parent[i] = random.NextDouble() < (good ? 0.95 : 0.1) ? 1 : 0;
                candidate[i] = random.NextDouble() < (stays ? 0.9 : 0.2) ? 1 : 0;
            }
            int Draw(double share) => Enumerable.Range(0, OfEach).Count(_ => random.NextDouble() < share);
            var measurement = new JudgedMeasurement(Dimension.Accuracy, [new JudgedTerm(
                1, parent, candidate, ScoreCorrection.Of(Spec, Calibration(OfEach, Draw(0.95), OfEach, Draw(0.9)))!, ScoreCorrection.Of(Spec, Calibration(OfEach, Draw(0.9), OfEach, Draw(0.8)))!)]);
            if (Assert.Single(Gate.Judge(harness, cases, [measurement], "linux-x64")).Result == CheckResult.Pass) passed++;
        }
        return (double)passed / Simulations;
    }

    private static FloorCheck Check(string floor, double[] parent, double[] candidate, ScoreCorrection onParent, ScoreCorrection onCandidate)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, floor, ("common", new int[parent.Length]));
        return Assert.Single(Gate.Judge(harness, cases, [new JudgedMeasurement(Dimension.Accuracy, [new JudgedTerm(1, parent, candidate, onParent, onCandidate)])], "linux-x64"));
    }

    private static ScoreCorrection Of((int All, int Right) positives, (int All, int Right) negatives) =>
        ScoreCorrection.Of(Spec, Calibration(positives.All, positives.Right, negatives.All, negatives.Right))!;

    private static (int All, int Right) Counts(int all, double share) => (all, (int)Math.Round(all * share));

    private static RoleCalibration Calibration(int positives, int truePositives, int negatives, int trueNegatives) =>
        new(positives + negatives, 0.9, 0.8, 0.95, 0.5, positives, truePositives, negatives, trueNegatives, 0, null);

    private static double[] Scores(int count, double share) => [.. Enumerable.Range(0, count).Select(i => i < Math.Round(count * share) ? 1.0 : 0)];
}
