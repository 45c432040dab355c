using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

public sealed class CaseFlipTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Every_changed_answer_is_lost_won_or_changed_and_named_by_its_case()
    {
        var (_, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [1, 1, 1, 1]), ("edge", [2]));
        var flips = CaseFlip.Find(cases, HarnessFiles.Of([1, 1, 3, 4, 2]), HarnessFiles.Of([1, 5, 1, 6, Predictions.NotFinite]), 100);
        Assert.Equal(
            [
                new CaseFlip(1, "common.u8#1", "common", FlipKind.Lost, "1", "1", "5", 0, 0),
                new CaseFlip(4, "edge.u8#0", "edge", FlipKind.Lost, "2", "2", "no answer", 0, 0),
                new CaseFlip(2, "common.u8#2", "common", FlipKind.Won, "1", "3", "1", 0, 0),
                new CaseFlip(3, "common.u8#3", "common", FlipKind.Changed, "1", "4", "6", 0, 0),
            ],
            flips);
    }

    [Fact]
    public void The_surest_answers_that_were_lost_come_first()
    {
        var (_, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0, 0]));
        var flips = CaseFlip.Find(cases, new Predictions([0, 0, 0], [1, 3, 2]), new Predictions([1, 1, 1], [9, 7, 8]), 100);
        Assert.Equal([1, 2, 0], flips.Select(flip => flip.Index));
    }

    [Fact]
    public void A_slice_with_many_flips_leaves_room_for_the_next()
    {
        var (_, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", new int[100]), ("edge", new int[3]));
        var flips = CaseFlip.Find(cases, HarnessFiles.Of(new int[103]), HarnessFiles.Of([.. Enumerable.Repeat(1, 103)]), 10);
        Assert.Equal([("common", 5), ("edge", 3)], flips.CountBy(flip => flip.Slice).Select(pair => (pair.Key, pair.Value)));
    }

    public void Dispose() => folder.Dispose();
}
