using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Tests.Locking;

/// <summary>A harness is locked, something changes, and the change is found at its place.</summary>
public class LockTests
{
    private const string Floors = """
        { "dimension": "accuracy", "slice": "common", "min": 0.80, "maxDrop": 0.02, "minCases": 2 },
            { "dimension": "accuracy", "slice": "*", "retention": 0.9, "chance": 0.1 },
            { "dimension": "flips", "slice": "common", "max": 0.05 },
            { "critical": ["common.u8#0"] }
        """;

    [Fact]
    public void A_lock_reads_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        var (locked, _) = Lock(folder);

        var loaded = HarnessLock.Load(folder["harness.lock.json"]);

        Assert.Equal(locked.Seal, loaded.Seal);
        Assert.Equal(locked.Floors, loaded.Floors);
        Assert.Equal(locked.Model, loaded.Model);
        Assert.Equal(0.75, loaded.Parent[0].Scores["accuracy"]);
        Assert.Equal(["common", "*"], loaded.Parent.Select(slice => slice.Slice));
        Assert.Equal(["cases", "classes", "input", "task", "version"], loaded.Spec.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(locked.Seal, Lock(folder).Lock.Seal);
    }

    [Fact]
    public void An_unchanged_harness_is_as_locked()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        Assert.Empty(Check(folder));
    }

    [Theory]
    [InlineData("\"min\": 0.80", "\"min\": 0.79", "0.79", "0.79 instead of 0.8")]
    [InlineData("\"maxDrop\": 0.02", "\"maxDrop\": 0.03", "0.03", "0.03 instead of 0.02")]
    [InlineData("\"retention\": 0.9", "\"retention\": 0.85", "0.85", "0.85 instead of 0.9")]
    [InlineData("\"max\": 0.05", "\"max\": 0.06", "0.06", "0.06 instead of 0.05")]
    [InlineData("\"max\": 0.05", "\"max\": 0.05, \"confidence\": 0.9", "0.05, \"conf", "confidence 0.9 instead of 0.95")]
    [InlineData("\"max\": 0.05", "\"max\": 0.05, \"mode\": \"point\"", "0.05, \"mode", "mode point instead of interval")]
    [InlineData("\"max\": 0.05", "\"min\": 0.05", "[ { \"dim", "removed")]
    [InlineData("\"chance\": 0.1", "\"chance\": 0.2", "0.9, \"chance", "chance 0.2 instead of 0.1")]
    [InlineData("\"common.u8#0\"", "\"common.u8#1\"", "[ { \"dim", "removed")]
    public void A_looser_floor_is_PB4201_at_the_floor(string from, string to, string at, string reason)
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        var text = Change(folder, from, to);

        var diagnostic = Assert.Single(Check(folder));

        Assert.Equal(("PB4201", Severity.Error, folder["harness.json"]), (diagnostic.Code, diagnostic.Severity, diagnostic.File));
        Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
        Assert.Contains($"than it was locked: {reason}.", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_minimal_cases_loosen_both_floors_of_the_entry()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        Change(folder, "\"minCases\": 2", "\"minCases\": 1");
        Assert.All(Check(folder), diagnostic => Assert.Contains("minCases 1 instead of 2", diagnostic.Message, StringComparison.Ordinal));
        Assert.Equal(2, Check(folder).Count);
    }

    [Theory]
    [InlineData("\"min\": 0.80", "\"min\": 0.90")]
    [InlineData("\"maxDrop\": 0.02", "\"maxDrop\": 0.01")]
    [InlineData("\"max\": 0.05", "\"max\": 0.05, \"confidence\": 0.99")]
    [InlineData("\"max\": 0.05", "\"max\": 0.05, \"min\": 0")]
    [InlineData("\"common.u8#0\"", "\"common.u8#0\", \"common.u8#1\"")]
    public void To_be_stricter_is_free(string from, string to)
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        Change(folder, from, to);
        Assert.Empty(Check(folder));
    }

    [Fact]
    public void A_recorded_relaxation_holds_down_to_what_was_approved()
    {
        using var folder = new TemporaryFolder();
        var (_, ledger) = Lock(folder);
        Change(folder, "\"min\": 0.80", "\"min\": 0.70");
        var approved = LockedFloor.Of(Harness.Load(folder["harness.json"])).First(floor => floor.Floor == "accuracy/common/min");
        ledger.Append(new LedgerEntry("2026-11-28", "harness.json", LedgerKind.Relax) { Floor = approved.Floor, Reason = "wrong labels", Approved = approved });
        Assert.Empty(Check(folder));
        Change(folder, "\"min\": 0.70", "\"min\": 0.69");
        Assert.Contains("0.69 instead of 0.7.", Assert.Single(Check(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_key_of_the_harness_is_PB4202_at_the_key()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        var text = Change(folder, "\"classes\": 10", "\"classes\": 11");
        var diagnostic = Assert.Single(Check(folder));
        Assert.Equal("PB4202", diagnostic.Code);
        Assert.Equal(HarnessFiles.Find(text, "\"classes\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void White_space_and_comments_are_no_change()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        Change(folder, "\"classes\": 10", "/* ten digits */ \"classes\"  : 10");
        Assert.Empty(Check(folder));
    }

    [Fact]
    public void A_changed_case_file_is_PB4202_where_it_is_named()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        folder.Write("common.u8", [9, 9, 9, 9]);
        var diagnostic = Assert.Single(Check(folder));
        Assert.Equal("PB4202", diagnostic.Code);
        Assert.Equal(HarnessFiles.Find(File.ReadAllText(folder["harness.json"]), "\"common.u8\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void Another_dense_parent_is_PB4203_at_the_locks_model()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        var diagnostic = Assert.Single(Check(folder, model: "5678"));
        Assert.Equal(("PB4203", folder["harness.lock.json"]), (diagnostic.Code, diagnostic.File));
        var text = File.ReadAllText(folder["harness.lock.json"]);
        Assert.Equal(HarnessFiles.Find(text, "[\n    {\n      \"file\": \"model.onnx\""), (diagnostic.Line, diagnostic.Column));
    }

    [Theory]
    [InlineData("\"threshold\": 0.8,", "\"threshold\": 0.7,", "{\n      \"floor\": \"accuracy/common/min\"")]
    [InlineData("\"accuracy\": 0.75", "\"accuracy\": 0.85", "{\n      \"slice\": \"common\"")]
    [InlineData("\"sha256\": \"1234\"", "\"sha256\": \"5678\"", "{\n      \"file\": \"model.onnx\"")]
    [InlineData("\"date\": \"2026-11-28\"", "\"date\": \"2026-11-29\"", "\"date\"")]
    [InlineData("\"version\": 1,", "\"version\": 2,", "2,")]
    public void A_lock_that_was_changed_by_hand_is_PB4204_at_the_first_wrong_place(string from, string to, string at)
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        var text = File.ReadAllText(folder["harness.lock.json"]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        var index = text.IndexOf(from, StringComparison.Ordinal);
        var changed = text.Remove(index, from.Length).Insert(index, to);
        folder.Write("harness.lock.json", changed);

        var diagnostic = HarnessFiles.Fails("PB4204", () => HarnessLock.Load(folder["harness.lock.json"]));

        Assert.Equal(HarnessFiles.Find(changed, at), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_lock_without_seals_is_PB4204()
    {
        using var folder = new TemporaryFolder();
        HarnessFiles.Fails("PB4204", () => HarnessLock.Load(folder.Write("harness.lock.json", """{ "version": 1 }""")));
    }

    [Fact]
    public void A_deleted_lock_is_missed()
    {
        using var folder = new TemporaryFolder();
        Lock(folder);
        File.Delete(folder["harness.lock.json"]);
        Assert.Equal(("PB4204", folder["harness.lock.json"]), (Assert.Single(Check(folder)).Code, Check(folder)[0].File));
    }

    [Fact]
    public void A_lock_that_the_ledger_does_not_know_is_PB4204()
    {
        using var folder = new TemporaryFolder();
        var (locked, _) = Lock(folder);
        (locked with { Floors = [] }).Save(folder["harness.lock.json"]);
        Assert.Equal("PB4204", Assert.Single(Check(folder)).Code);
    }

    private static (HarnessLock Lock, Ledger Ledger) Lock(TemporaryFolder folder)
    {
        var (harness, cases) = HarnessFiles.Create(folder, Floors, ("common", [0, 0, 1, 1]));
        var locked = new HarnessLock
        {
            Harness = "harness.json",
            Tool = "0.1.0",
            Date = "2026-11-28",
            Spec = LockCheck.SpecOf(harness),
            Floors = LockedFloor.Of(harness),
            Cases = [.. harness.SourceFiles.Skip(1).Select(file => new LockedFile(LockCheck.NameOf(harness, file), Hash(file)))],
            Model = [new LockedFile("model.onnx", "1234")],
            Parent = LockedScores.Of(cases, HarnessFiles.Of([0, 0, 1, 0])),
            Ledger = Ledger.Start,
        }.Save(folder["harness.lock.json"]);
        File.Delete(folder["ledger.jsonl"]);
        return (locked, Ledger.Load(folder["ledger.jsonl"]).Append(
            new LedgerEntry("2026-11-28", "harness.json", LedgerKind.Lock) { Lock = locked.Seal, Floors = locked.Floors }));
    }

    private static IReadOnlyList<Diagnostic> Check(TemporaryFolder folder, string model = "1234") => LockCheck.Check(
        Harness.Load(folder["harness.json"]),
        File.Exists(folder["harness.lock.json"]) ? HarnessLock.Load(folder["harness.lock.json"]) : null,
        Ledger.Load(folder["ledger.jsonl"]),
        [model],
        Hash);

    private static string Hash(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));

    private static string Change(TemporaryFolder folder, string from, string to)
    {
        var text = File.ReadAllText(folder["harness.json"]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        text = text.Replace(from, to, StringComparison.Ordinal);
        folder.Write("harness.json", text);
        return text;
    }
}
