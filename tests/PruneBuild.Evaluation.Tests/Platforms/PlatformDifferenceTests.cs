using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Tests.Platforms;

public sealed class PlatformDifferenceTests
{
    [Fact]
    public void The_same_bits_differ_in_nothing()
    {
        var recording = Recording([1, 2, 3, 0, 5, 4]);
        var difference = PlatformDifference.Of(recording, recording);
        Assert.Equal((2, 2, 0, 0, 1, 0), (difference.Cases, difference.Identical, difference.LargestDifference, difference.RelativeError, difference.Agreement, difference.WorstDivergence));
        Assert.Empty(difference.Worst);
        Assert.Empty(new PlatformLimits(1, 0, 0).Check(difference, "linux-arm64"));
    }

    [Fact]
    public void Differences_are_those_of_the_definitions()
    {
        // Logits (0, ln 2) are probabilities (1/3, 2/3), and (0, 0) are (1/2, 1/2): D = ln(2/3)/3 + 2/3 ln(4/3).
        var log2 = MathF.Log(2);
        var difference = PlatformDifference.Of(Recording([0, log2, 3, 0], outputs: 2), Recording([0, 0, 3, 0], outputs: 2));
        Assert.Equal(1, difference.Identical);
        Assert.Equal(log2, difference.LargestDifference);
        Assert.Equal(log2 / Math.Sqrt(log2 * (double)log2 + 9), difference.RelativeError, 1e-9);
        Assert.Equal((Math.Log(2 / 3.0) / 3) + (2 / 3.0 * Math.Log(4 / 3.0)), difference.WorstDivergence, 1e-6);
        Assert.Equal(difference.WorstDivergence / 2, difference.MeanDivergence, 1e-12);
        // The lowest class wins a tie.
        Assert.Equal(0.5, difference.Agreement);
        Assert.Equal(["case 0"], difference.Worst.Select(one => one.Id));
    }

    [Fact]
    public void Flips_count_labelled_cases_only()
    {
        var difference = PlatformDifference.Of(Recording([0, 1, 0, 1, 0, 1], [1, 0, -1], 2), Recording([1, 0, 1, 0, 1, 0], [1, 0, -1], 2));
        Assert.Equal((1, 1, 0), (difference.RightToWrong, difference.WrongToRight, difference.Agreement));
        Assert.Single(new PlatformLimits(0, 9, 0).Check(difference, "linux-arm64"));
        Assert.Empty(new PlatformLimits(0, 9, 1).Check(difference, "linux-arm64"));
    }

    [Fact]
    public void Numbers_that_are_not_finite_fail_whatever_is_allowed()
    {
        var difference = PlatformDifference.Of(Recording([1, 2, 3, 4, 5, 6]), Recording([1, 2, 3, 4, float.NaN, 6]));
        Assert.Equal(1, difference.NotFinite);
        Assert.Equal("case 1", difference.Worst[0].Id);
        var found = Assert.Single(new PlatformLimits(0, double.MaxValue).Check(difference, "linux-arm64"));
        Assert.Equal("PB7010", found.Code);
        Assert.Contains("1 of 2 cases give numbers that are not finite", found.Message);
    }

    [Fact]
    public void Limits_say_what_is_beyond_them()
    {
        var difference = PlatformDifference.Of(Recording([0, 1, 0, 1], outputs: 2), Recording([1, 0, 0, 1], outputs: 2));
        Assert.Equal(["0.5000 of 2", "the mean divergence is 0.231"], new PlatformLimits().Check(difference, "d").Select(one => one.Message).Zip([11, 28], (text, length) => text[(text.IndexOf(": ", StringComparison.Ordinal) + 2)..][..length]));
    }

    [Fact]
    public void What_does_not_belong_together_is_PB7011()
    {
        var recording = Recording([1, 2, 3]);
        var description = recording.Description;
        foreach (var other in new[]
        {
            new CaseRecording(description with { ArtifactSha256 = new('1', 64) }, [0], [1, 2, 3]),
            new CaseRecording(description with { Ids = ["other"] }, [0], [1, 2, 3]),
            new CaseRecording(description with { OutputsPerCase = 2 }, [0], [1, 2]),
            new CaseRecording(description, [1], [1, 2, 3]),
        })
        {
            Assert.Equal("PB7011", Assert.Throws<PruneBuildException>(() => PlatformDifference.Of(recording, other)).Diagnostic.Code);
        }
        var broken = new CaseRecording(description, [0], [1, float.NaN, 3]);
        Assert.Equal("PB7011", Assert.Throws<PruneBuildException>(() => PlatformDifference.Of(broken, recording)).Diagnostic.Code);
    }

    private static CaseRecording Recording(float[] values, int[]? labels = null, int outputs = 3)
    {
        var count = values.Length / outputs;
        return new CaseRecording(
            new CaseRecordingDescription(
                "demo", new('0', 64), "linux-arm64", "linux-x64", "avx2", "1.0", 1, "x", "y", 1, [1], outputs, [.. Enumerable.Range(0, count).Select(index => $"case {index}")],
                [.. Enumerable.Repeat("common", count)], labels ?? [.. Enumerable.Repeat(-1, count)]),
            [.. Enumerable.Range(0, count).Select(index => (float)index)],
            values);
    }
}
