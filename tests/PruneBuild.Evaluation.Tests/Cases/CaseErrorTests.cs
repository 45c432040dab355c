namespace PruneBuild.Evaluation.Tests.Cases;

public class CaseErrorTests
{
    private const string Raw = """{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }""";
    private const string Lines = """{ "jsonl": "c.jsonl" }""";
    private const string Floor = HarnessFiles.AnyFloor;

    [Fact]
    public void A_label_out_of_range_names_file_and_case_and_points_at_the_harness()
    {
        var (diagnostic, harness) = FailRaw("PB1031", [0, 0, 0], [1, 2, 10]);
        Assert.Equal("Label 10 of case 2 in 'l.u8' is outside 0 to 9.", diagnostic.Message);
        Assert.Equal(HarnessFiles.Find(harness, "\"l.u8\""), (diagnostic.Line, diagnostic.Column));
    }

    [Theory]
    [InlineData(2, "'t.u8' holds 2 bytes; 3 cases of 1 bytes were expected.")]
    [InlineData(4, "'t.u8' holds 4 bytes; 3 cases of 1 bytes were expected.")]
    public void A_tensor_file_must_fit_the_labels(int bytes, string message)
    {
        var (diagnostic, harness) = FailRaw("PB1033", new byte[bytes], [1, 2, 3]);
        Assert.Equal(message, diagnostic.Message);
        Assert.Equal(HarnessFiles.Find(harness, "\"t.u8\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_slice_without_cases_is_reported_at_its_name()
    {
        var (diagnostic, harness) = FailRaw("PB1032", [], []);
        Assert.Equal("Slice 'common' has no cases.", diagnostic.Message);
        Assert.Equal(HarnessFiles.Find(harness, "\"common\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_floor_for_a_slice_without_cases_is_reported_at_the_floor()
    {
        var (diagnostic, harness) = FailRaw("PB1032", [0], [1], """{ "dimension": "accuracy", "slice": "edge", "min": 0.5 }""");
        Assert.Equal("Slice 'edge' has no cases.", diagnostic.Message);
        Assert.Equal(HarnessFiles.Find(harness, "\"edge\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void A_tensor_file_used_twice_repeats_ids()
    {
        var (diagnostic, harness) = FailRaw("PB1034", [0], [1], Floor, Raw + "," + Raw.Replace("common", "edge", StringComparison.Ordinal));
        var second = harness.LastIndexOf("\"t.u8\"", StringComparison.Ordinal) - harness.LastIndexOf('\n', harness.LastIndexOf("\"t.u8\"", StringComparison.Ordinal));
        Assert.Equal(second, diagnostic.Column);
    }

    [Fact]
    public void Labels_of_four_bytes_must_be_whole()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", [0]);
        folder.Write("l.i32", [1, 0, 0]);
        var path = folder.Write("harness.json", HarnessFiles.Json(Raw.Replace("l.u8", "l.i32", StringComparison.Ordinal), Floor));
        Assert.Equal(
            "'l.i32' holds 3 bytes; 1 cases of 4 bytes were expected.",
            HarnessFiles.Fails("PB1033", () => CaseSet.Load(Harness.Load(path))).Message);
    }

    [Theory]
    [InlineData("PB1010", """{"id":"b","slice":"edge" "input":[1],"label":1}""", 26)]
    [InlineData("PB1010", """{"id":"b","slice":"edge","input":[1],"label":1""", null)]
    [InlineData("PB1010", """{"id":"b","slice":"edge","input":[1],"label":1} {}""", null)]
    [InlineData("PB1010", """{"id":"b","id":"c","slice":"edge","input":[1],"label":1}""", 11)]
    [InlineData("PB1010", """[1]""", 1)]
    [InlineData("PB1011", """{"id":"b","slice":"edge","inputs":[1],"label":1}""", 26)]
    [InlineData("PB1012", """{"id":"","slice":"edge","input":[1],"label":1}""", 7)]
    [InlineData("PB1012", """{"id":7,"slice":"edge","input":[1],"label":1}""", 7)]
    [InlineData("PB1012", """{"id":"b","slice":"*","input":[1],"label":1}""", 19)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[1, 2],"label":1}""", 34)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[],"label":1}""", 34)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":["x"],"label":1}""", 35)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[NaN],"label":1}""", 35)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[256],"label":1}""", 35)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":5,"label":1}""", 34)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[1],"label":1.5}""", 46)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[1],"label":1,"cluster":""}""", 58)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[1],"label":1,"cluster":7}""", 58)]
    [InlineData("PB1012", """{"id":"b","slice":"edge","input":[1],"label":1,"critical":1}""", 59)]
    [InlineData("PB1010", """{"id":"b","slice":"edge","input":[1],"label":1,"critical":true,"critical":true}""", null)]
    [InlineData("PB1013", """{"id":"b","slice":"edge","input":[1]}""", 1)]
    [InlineData("PB1013", """{"id":"b","slice":"edge","label":1}""", 1)]
    [InlineData("PB1013", """{"slice":"edge","input":[1],"label":1}""", 1)]
    [InlineData("PB1013", """  {"id":"b","input":[1],"label":1}""", 3)]
    [InlineData("PB1031", """{"id":"b","slice":"edge","input":[1],"label":10}""", 46)]
    [InlineData("PB1031", """{"id":"b","slice":"edge","input":[1],"label":-1}""", 46)]
    [InlineData("PB1034", """{"slice":"edge","id":"a","input":[1],"label":1}""", 22)]
    public void A_faulty_line_is_reported_at_its_token(string code, string line, int? column)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("c.jsonl", """{"id":"a","slice":"edge","input":[1],"label":1}""" + "\n\n" + line + "\n");
        var path = folder.Write("harness.json", HarnessFiles.Json(Lines, Floor));

        var diagnostic = HarnessFiles.Fails(code, () => CaseSet.Load(Harness.Load(path)));

        Assert.Equal((file, 3), (diagnostic.File, diagnostic.Line));
        if (column is { } expected) Assert.Equal(expected, diagnostic.Column);
    }

    [Theory]
    [InlineData("[[1,2,3],[4,5]]", 42)]
    [InlineData("[[1,2,3]]", 33)]
    [InlineData("[[1,2,3],[4,5,6],[7,8,9]]", 33)]
    [InlineData("[[1,2,3],4]", 42)]
    [InlineData("[[1,2,3],[4,5,[6]]]", 47)]
    public void A_nested_input_must_have_the_shape(string input, int column)
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", $$"""{"id":"a","slice":"x","input":  {{input}},"label":1}""");
        var spec = """{ "elementType": "uint8", "shape": [2, 3], "layout": "none" }""";
        var path = folder.Write("harness.json", HarnessFiles.Json(Lines, Floor, spec));
        Assert.Equal(column, HarnessFiles.Fails("PB1012", () => CaseSet.Load(Harness.Load(path))).Column);
    }

    [Fact]
    public void A_file_without_a_line_holds_no_cases()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", "\n  \n");
        var text = HarnessFiles.Json(Lines, Floor);
        var diagnostic = HarnessFiles.Fails("PB1012", () => CaseSet.Load(Harness.Load(folder.Write("harness.json", text))));
        Assert.Equal(HarnessFiles.Find(text, "\"c.jsonl\""), (diagnostic.Line, diagnostic.Column));
    }

    private static (Diagnostics.Diagnostic Diagnostic, string Harness) FailRaw(
        string code, byte[] tensors, byte[] labels, string floor = Floor, string cases = Raw)
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", tensors);
        folder.Write("l.u8", labels);
        var text = HarnessFiles.Json(cases, floor);
        var path = folder.Write("harness.json", text);
        var diagnostic = HarnessFiles.Fails(code, () => CaseSet.Load(Harness.Load(path)));
        Assert.Equal(path, diagnostic.File);
        return (diagnostic, text);
    }
}
