using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

/// <summary>A harness that takes its cases from a dataset.</summary>
public class DatasetHarnessTests
{
    [Fact]
    public void The_gate_split_is_judged_unless_another_is_named()
    {
        using var folder = Folder();
        var gate = Harness.Load(Write(folder, "\"dataset\": \"cases/dataset.json\""));
        Assert.Equal(["g"], Ids(CaseSet.Load(gate)));
        Assert.Equal([gate.File, folder["cases/dataset.json"], folder["cases/gate.jsonl"]], gate.SourceFiles);
        Assert.Equal(["d", "e"], Ids(CaseSet.Load(Harness.Load(Write(folder, "\"dataset\": \"cases/dataset.json\", \"split\": \"dev\"")))));
    }

    [Fact]
    public void Content_of_another_version_is_PB1053_at_the_version()
    {
        using var folder = Folder();
        folder.Write("cases/dev.jsonl", Case("d"));
        var diagnostic = HarnessFiles.Fails("PB1053", () => CaseSet.Load(Harness.Load(Write(folder, "\"dataset\": \"cases/dataset.json\""))));
        Assert.Equal("The content of dataset 'made' is not what version 1.0.0 stands for: 1 instead of 2 cases in 'dev'.", diagnostic.Message);
        Assert.Equal(folder["cases/dataset.json"], diagnostic.File);
    }

    [Theory]
    [InlineData("PB1012", "\"dataset\": \"cases/dataset.json\", \"split\": \"calibration\"", "\"calibration\"")]
    [InlineData("PB1012", "\"dataset\": \"cases/dataset.json\", \"cases\": [{ \"jsonl\": \"cases/dev.jsonl\" }]", "[{ \"jsonl\"")]
    [InlineData("PB1012", "\"split\": \"gate\", \"cases\": [{ \"jsonl\": \"cases/dev.jsonl\" }]", "\"gate\"")]
    [InlineData("PB1030", "\"dataset\": \"dataset.json\"", "\"dataset.json\"")]
    [InlineData("PB1035", "\"dataset\": \"../dataset.json\"", "\"../dataset.json\"")]
    public void A_fault_is_reported_at_its_token(string code, string keys, string at)
    {
        using var folder = Folder();
        var path = Write(folder, keys);
        var diagnostic = HarnessFiles.Fails(code, () => Harness.Load(path));
        Assert.Equal(HarnessFiles.Find(File.ReadAllText(path), at), (diagnostic.Line, diagnostic.Column));
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        folder.Write("cases/dev.jsonl", Case("d") + "\n" + Case("e"));
        folder.Write("cases/gate.jsonl", Case("g"));
        folder.Write("cases/dataset.json", DatasetFiles.Manifest("\"dev\": [\"dev.jsonl\"], \"gate\": [\"gate.jsonl\"]"));
        DatasetBump.Apply(folder["cases/dataset.json"], null);
        return folder;
    }

    private static string Case(string id) => DatasetFiles.Line(id, $"[{(int)id[0]}]");

    private static string Write(TemporaryFolder folder, string keys) => folder.Write(
        "harness.json", $$"""{ "version": 1, "task": "classification", "classes": 10, "input": {{HarnessFiles.Input}}, {{keys}}, "floors": [{{HarnessFiles.AnyFloor}}] }""");

    private static IEnumerable<string> Ids(CaseSet cases) => Enumerable.Range(0, cases.Count).Select(cases.Id);
}
