using System.Text;

namespace PruneBuild.Pipeline.Tests;

public sealed class StepSummaryTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    [Fact]
    public void Text_is_added_after_what_others_wrote()
    {
        File.WriteAllText(path, "before");
        Assert.True(StepSummary.Append(path, 10_000, _ => "after\n", default));
        Assert.Equal("before\nafter\n", File.ReadAllText(path));
    }

    [Fact]
    public void The_text_is_told_how_much_room_there_is()
    {
        File.WriteAllText(path, new string('x', 4_000));
        Assert.True(StepSummary.Append(path, 10_000, most => new string('y', most), default));
        Assert.InRange(new FileInfo(path).Length, 9_990, 10_000);
    }

    [Fact]
    public void A_full_summary_is_left_as_it_is()
    {
        File.WriteAllText(path, new string('x', 9_500));
        Assert.False(StepSummary.Append(path, 10_000, _ => "after", default));
        Assert.Equal(9_500, new FileInfo(path).Length);
    }

    [Fact]
    public void Builds_at_the_same_time_lose_nothing()
    {
        Parallel.For(0, 8, builder => Assert.True(StepSummary.Append(path, 1_000_000, _ => $"{new string((char)('a' + builder), 20_000)}\n", default)));
        Assert.Equal(
            Enumerable.Range(0, 8).Select(builder => new string((char)('a' + builder), 20_000)),
            File.ReadAllText(path, Encoding.UTF8).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    public void Dispose() => File.Delete(path);
}
