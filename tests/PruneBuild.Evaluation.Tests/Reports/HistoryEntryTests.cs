using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

public sealed class HistoryEntryTests
{
    [Fact]
    public void The_newest_entry_comes_first_with_what_it_says_beside_its_day_and_kind()
    {
        var entries = HistoryEntry.Parse(
        [
            """{ "date": "2026-11-20", "harness": "h.json", "kind": "lock", "floors": [1, 2] }""",
            """{ "date": "2026-11-27T10:00:00Z", "kind": "waive", "reason": "camera" }""",
        ]);
        Assert.Equal([("2026-11-27T10:00:00Z", "waive"), ("2026-11-20", "lock")], entries.Select(entry => (entry.When, entry.What)));
        Assert.Equal([KeyValuePair.Create("harness", "h.json"), KeyValuePair.Create("floors", "[1,2]")], entries[1].Details);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("not JSON")]
    public void A_line_that_is_no_entry_is_left_out(string line) =>
        Assert.Equal("lock", Assert.Single(HistoryEntry.Parse([line, """{ "kind": "lock" }"""])).What);

    [Fact]
    public void Of_a_long_ledger_the_end_is_told() =>
        Assert.Equal("99", HistoryEntry.Parse(Enumerable.Range(0, 100).Select(index => $$"""{ "kind": "{{index}}" }"""))[0].What);
}
