using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class DatasetBumpTests
{
    private static readonly string[] Three = [DatasetFiles.Line("a", "[0]"), DatasetFiles.Line("b", "[1]"), DatasetFiles.Line("c", "[2]")];

    [Fact]
    public void The_first_bump_records_the_version_as_it_is_and_keeps_the_text_around()
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", Three));
        var before = File.ReadAllText(path);

        Assert.Equal((new SemanticVersion(1, 0, 0), new SemanticVersion(1, 0, 0), true), DatasetBump.Apply(path, null));
        Assert.False(DatasetBump.Apply(path, null).Changed);

        var dataset = Dataset.Load(path);
        Assert.Equal(3, dataset.Content!.Cases["gate"]);
        DatasetHash.Check(dataset);
        var lines = File.ReadAllLines(path);
        Assert.Equal(before.ReplaceLineEndings("\n").Split('\n'), lines.Where(line => !line.Contains("\"content\"", StringComparison.Ordinal)));
    }

    public static TheoryData<string, string[]> Changes => new()
    {
        { "1.0.1", [Three[0].Replace("}", ",\"note\":\"x\"}", StringComparison.Ordinal), .. Three[1..]] },
        { "1.1.0", [.. Three, DatasetFiles.Line("d", "[3]")] },
        { "2.0.0", Three[1..] },
        { "2.0.0", [DatasetFiles.Line("a", "[9]"), .. Three[1..]] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_least_step_follows_from_the_change(string version, string[] lines)
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", Three));
        DatasetBump.Apply(path, null);
        folder.Write("gate.jsonl", string.Join('\n', lines));
        var text = File.ReadAllText(path);

        var stale = HarnessFiles.Fails("PB1053", () => DatasetHash.Check(Dataset.Load(path)));
        Assert.Equal(HarnessFiles.Find(text, "\"1.0.0\""), (stale.Line, stale.Column));

        Assert.Equal(version, DatasetBump.Apply(path, null).After.ToString());
        DatasetHash.Check(Dataset.Load(path));
    }

    [Fact]
    public void A_step_that_is_too_small_is_PB1054_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", Three));
        DatasetBump.Apply(path, null);
        folder.Write("gate.jsonl", Three[0]);
        var text = File.ReadAllText(path);

        var diagnostic = HarnessFiles.Fails("PB1054", () => DatasetBump.Apply(path, VersionStep.Minor));

        Assert.Equal("Version 1.0.0 cannot move by a minor step: cases went or changed, which is at least major.", diagnostic.Message);
        Assert.Equal(text, File.ReadAllText(path));
        Assert.Equal("2.0.0", DatasetBump.Apply(path, VersionStep.Major).After.ToString());
    }

    [Fact]
    public void Unreadable_cases_are_not_recorded()
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", [Three[0], "{"]));
        var diagnostic = HarnessFiles.Fails("PB1010", () => DatasetBump.Apply(path, null));
        Assert.Equal((folder["gate.jsonl"], 2), (diagnostic.File, diagnostic.Line));
        Assert.Null(Dataset.Load(path).Content);
    }
}
