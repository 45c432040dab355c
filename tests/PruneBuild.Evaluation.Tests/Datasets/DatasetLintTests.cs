using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class DatasetLintTests
{
    private static readonly string Good = DatasetFiles.Line("a", "\"a first text\"");

    [Fact]
    public void A_good_dataset_has_no_finding()
    {
        using var folder = new TemporaryFolder();
        Assert.Empty(DatasetFiles.Lint(folder, Good, DatasetFiles.Line("b", "\"another one\"", "1")).Kept);
    }

    [Theory]
    [InlineData("PB1034", """{"id":"a","slice":"common","input":"b","label":1}""", 7)]
    [InlineData("PB1055", """{"id":"b","slice":"common","input":"A  first, TEXT!","label":0}""", 7)]
    [InlineData("PB1056", """{"id":"b","slice":"common","input":"a first text","label":1}""", 59)]
    [InlineData("PB1059", """{"id":"b","slice":"common","input":"b"}""", 7)]
    [InlineData("PB1059", """{"id":"b","slice":"common","input":"b","label":null}""", 7)]
    [InlineData("PB1013", """{"slice":"common","input":"b","label":1}""", 1)]
    [InlineData("PB1012", """{"id":"b","slice":"two words","input":"b","label":1}""", 19)]
    [InlineData("PB1013", """  {"id":"b","slice":"common","label":1}""", 3)]
    [InlineData("PB1010", """{"id":"å","slice":"common" "input":"b","label":1}""", 28)]
    [InlineData("PB1010", """{"id":"b","id":"c","slice":"common","input":"b","label":1}""", null)]
    [InlineData("PB1010", """{"id":"b","slice":"common","input":"\ud800","label":1}""", 1)]
    [InlineData("PB1010", """["b"]""", 1)]
    [InlineData("PB1010", """{"id":"b","slice":"common","input":"b","label":1} {}""", 51)]
    [InlineData("PB1035", """{"id":"b","slice":"common","input":{"file":"../secret"},"label":1}""", 36)]
    [InlineData("PB1030", """{"id":"b","slice":"common","input":[{"image":"absent.png"}],"label":1}""", 36)]
    public void A_fault_is_found_at_its_line_and_column(string code, string line, int? column)
    {
        using var folder = new TemporaryFolder();
        var findings = DatasetFiles.Lint(folder, Good, line);
        var finding = Assert.Single(findings.Kept);
        Assert.Equal((code, folder["gate.jsonl"], 2), (finding.Code, finding.File, finding.Line));
        if (column is { } expected) Assert.Equal(expected, finding.Column);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_found_where_they_are()
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", [Good]));
        folder.Write("gate.jsonl", [.. System.Text.Encoding.UTF8.GetBytes(Good + "\n{\"id\":\"å"), 0xE5, (byte)'"']);
        var finding = DatasetLint.Of(Dataset.Load(path)).Kept[0];
        Assert.Equal(("PB1061", 2, 9), (finding.Code, finding.Line, finding.Column));
        Assert.Equal("The text is not UTF-8: 0xE5 cannot be read here.", finding.Message);
    }

    [Fact]
    public void An_endless_line_is_not_read_and_the_next_one_is()
    {
        using var folder = new TemporaryFolder();
        var path = DatasetFiles.Write(folder, """{ "minSlice": 1, "maxCaseBytes": 100 }""", ("gate", [Good, new string('x', 1_000_000), "{"]));
        var findings = DatasetLint.Of(Dataset.Load(path)).Kept;
        Assert.Equal([("PB1062", 2), ("PB1010", 3)], findings.Select(finding => (finding.Code, finding.Line)));
        Assert.Equal("The case has 1000000 bytes, more than 100.", findings[0].Message);
    }

    [Fact]
    public void A_case_of_eleven_million_bytes_is_too_large_unless_the_limit_is_raised()
    {
        using var folder = new TemporaryFolder();
        var line = DatasetFiles.Line("b", $"\"{new string('x', 11_000_000)}\"");
        Assert.Equal("PB1062", DatasetFiles.Lint(folder, Good, line).Kept[0].Code);
        using var other = new TemporaryFolder();
        Assert.Equal("PB1063", Assert.Single(DatasetFiles.Lint(other, """{ "minSlice": 1, "maxCaseBytes": 12000000 }""", ("gate", [Good, line])).Kept).Code);
    }

    [Fact]
    public void Weak_slices_and_rare_classes_are_warnings()
    {
        using var folder = new TemporaryFolder();
        string[] lines = [.. Enumerable.Range(0, 22).Select(i => DatasetFiles.Line($"c{i}", $"\"text {i}\"", i == 21 ? "1" : "0", i == 0 ? "edge" : "common"))];
        var findings = DatasetFiles.Lint(folder, """{ "minSlice": 5, "maxImbalance": 20 }""", ("gate", lines));
        Assert.Equal(0, findings.Errors);
        Assert.Equal(
            ["Slice 'edge' of split 'gate' has 1 cases, fewer than 5.", "Label 1 of split 'gate' has 1 cases and the most frequent one 21, more than 20 times as many."],
            findings.Kept.Select(finding => finding.Message));
    }

    [Fact]
    public void Numbers_that_never_differ_are_one_warning_a_file()
    {
        using var folder = new TemporaryFolder();
        var finding = Assert.Single(DatasetFiles.Lint(folder, DatasetFiles.Line("a", "[[1,2],[3,4]]"), DatasetFiles.Line("b", "[[9,2],[3,5]]")).Kept);
        Assert.Equal(("PB1060", "2 of 4 numbers of every input in 'gate.jsonl' never differ, the first at index 1."), (finding.Code, finding.Message));
    }

    [Fact]
    public void Errors_come_before_warnings_and_what_cannot_be_read_first()
    {
        using var folder = new TemporaryFolder();
        var findings = DatasetFiles.Lint(
            folder, Good, DatasetFiles.Line("a", "\"A first text\""), DatasetFiles.Line("b", "\"a first text\"", "1"), "{", """{"id":"c","slice":"common","input":"c"}""");
        Assert.Equal(["PB1010", "PB1056", "PB1034", "PB1059", "PB1055"], findings.Kept.Select(finding => finding.Code));
        Assert.Equal((4, 1), (findings.Errors, findings.Warnings));
    }

    [Fact]
    public void Of_one_kind_a_hundred_are_listed_and_all_are_counted()
    {
        using var folder = new TemporaryFolder();
        var findings = DatasetFiles.Lint(folder, [.. Enumerable.Repeat("{", 250)]);
        Assert.Equal((250, 100, 150), (findings.Errors, findings.Kept.Count, findings.NotKept["PB1010"]));
    }

    [Fact]
    public void Tensor_files_are_linted_as_well()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", [1, 7, 2, 7, 1, 7]);
        folder.Write("l.u8", [0, 1, 1]);
        var path = folder.Write("dataset.json", DatasetFiles.Manifest("""
            "gate": [{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }]
            """));
        DatasetBump.Apply(path, null);
        Assert.Equal(
            ["Case 't.u8#2' has 1 as its answer and case 't.u8#0', with the same input, 0 at t.u8#0.", "1 of 2 numbers of every input in 't.u8' never differ, the first at index 1."],
            DatasetLint.Of(Dataset.Load(path)).Kept.Select(finding => finding.Message));
    }
}
