namespace PruneBuild.Evaluation.Tests.Locking;

/// <summary>Entries are added and never changed.</summary>
public class LedgerTests
{
    [Fact]
    public void What_was_added_reads_back_in_order()
    {
        using var folder = new TemporaryFolder();
        var written = Write(folder);

        var ledger = Ledger.Load(folder["ledger.jsonl"]);

        Assert.Equal(written.Head, ledger.Head);
        Assert.Equal([LedgerKind.Lock, LedgerKind.Relax, LedgerKind.Waive], ledger.Entries.Select(entry => entry.Kind));
        Assert.Equal([Ledger.Start, ledger.Entries[0].Hash, ledger.Entries[1].Hash], ledger.Entries.Select(entry => entry.Previous));
        Assert.Equal(new LockedFloor("accuracy/edge/min", 0.7, 0.95, FloorMode.Interval, null, 0), ledger.Entries[1].Approved);
        Assert.Equal("2026-12-31", ledger.Waiver("harness.json", "accuracy/edge/maxDrop")?.Until);
        Assert.Single(ledger.Relaxations("harness.json"));
        Assert.Null(ledger.LastLock("other.json"));
    }

    [Fact]
    public void A_missing_file_is_an_empty_ledger() => Assert.Equal(Ledger.Start, Ledger.Load("/no/such/ledger.jsonl").Head);

    [Fact]
    public void A_lock_ends_the_relaxations_before_it()
    {
        using var folder = new TemporaryFolder();
        var ledger = Write(folder).Append(new LedgerEntry("2026-12-02", "harness.json", LedgerKind.Lock) { Lock = "def", Floors = [] });
        Assert.Empty(ledger.Relaxations("harness.json"));
        Assert.Equal("def", ledger.LastLock("harness.json")?.Lock);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_changed_entry_is_found_at_its_line(int line)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var lines = File.ReadAllLines(folder["ledger.jsonl"]);
        lines[line - 1] = lines[line - 1].Replace("2026", "2027", StringComparison.Ordinal);
        AssertBroken(folder, lines, line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_removed_entry_is_found_where_the_next_one_does_not_follow(int line)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        AssertBroken(folder, [.. File.ReadAllLines(folder["ledger.jsonl"]).Where((_, index) => index != line - 1)], line);
    }

    [Fact]
    public void Two_entries_that_changed_places_are_found_at_the_first()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var lines = File.ReadAllLines(folder["ledger.jsonl"]);
        AssertBroken(folder, [lines[0], lines[2], lines[1]], 2);
    }

    [Fact]
    public void What_is_no_JSON_is_found_at_its_line()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        AssertBroken(folder, [.. File.ReadAllLines(folder["ledger.jsonl"]), "<<<<<<< HEAD"], 4);
    }

    [Fact]
    public void White_space_and_the_order_of_keys_are_no_change()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var text = File.ReadAllText(folder["ledger.jsonl"]);
        folder.Write("ledger.jsonl", text.Replace("\":\"", "\" : \"", StringComparison.Ordinal));
        Assert.Equal(3, Ledger.Load(folder["ledger.jsonl"]).Entries.Count);
    }

    private static Ledger Write(TemporaryFolder folder) => Ledger.Load(folder["ledger.jsonl"])
        .Append(new LedgerEntry("2026-11-28", "harness.json", LedgerKind.Lock) { Lock = "abc", Floors = [new LockedFloor("accuracy/edge/min", 0.8, 0.95, FloorMode.Interval, null, 0)] })
        .Append(new LedgerEntry("2026-11-29", "harness.json", LedgerKind.Relax) { Floor = "accuracy/edge/min", Reason = "wrong labels", Approved = new LockedFloor("accuracy/edge/min", 0.7, 0.95, FloorMode.Interval, null, 0) })
        .Append(new LedgerEntry("2026-12-01", "harness.json", LedgerKind.Waive) { Floor = "accuracy/edge/maxDrop", Reason = "new parent comes", Until = "2026-12-31" });

    private static void AssertBroken(TemporaryFolder folder, IEnumerable<string> lines, int line)
    {
        File.WriteAllLines(folder["ledger.jsonl"], lines);
        var diagnostic = HarnessFiles.Fails("PB4205", () => Ledger.Load(folder["ledger.jsonl"]));
        Assert.Equal((folder["ledger.jsonl"], line), (diagnostic.File, diagnostic.Line));
        Assert.Contains($"at line {line}:", diagnostic.Message, StringComparison.Ordinal);
    }
}
