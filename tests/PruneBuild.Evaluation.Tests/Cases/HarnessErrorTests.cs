namespace PruneBuild.Evaluation.Tests.Cases;

public class HarnessErrorTests
{
    private const string Valid = """
        {
          "version": 1,
          "task": "classification",
          "classes": 10,
          "input": { "elementType": "uint8", "shape": [2, 1, 3], "layout": "NHWC", "mean": [0.5, 0.4, 0.3] },
          "batchSize": 64,
          "cases": [
            { "slice": "common", "tensors": "common.u8", "labels": "common.labels.u8" }
          ],
          "floors": [
            { "dimension": "accuracy", "slice": "common", "min": 0.97, "confidence": 0.95, "mode": "interval" }
          ]
        }
        """;

    [Theory]
    [InlineData("PB1011", "\"batchSize\": 64", "\"batchsize\": 64", "\"batchsize\"")]
    [InlineData("PB1011", "\"layout\": \"NHWC\"", "\"layouts\": \"NHWC\"", "\"layouts\"")]
    [InlineData("PB1011", "\"min\": 0.97", "\"minimum\": 0.97", "\"minimum\"")]
    [InlineData("PB1011", "\"slice\": \"common\", \"tensors\"", "\"jsonl\": \"common.u8\", \"tensors\"", "\"tensors\"")]
    [InlineData("PB1013", "\"task\": \"classification\",", "", "{")]
    [InlineData("PB1013", "\"elementType\": \"uint8\", ", "", "{ \"shape\"")]
    [InlineData("PB1013", "\"labels\": \"common.labels.u8\"", "\"slice2\": 1", null)]
    [InlineData("PB1013", "\"min\": 0.97, ", "", "{ \"dimension\"")]
    [InlineData("PB1013", "\"dimension\": \"accuracy\", ", "", "{ \"slice\": \"common\", \"min\"")]
    [InlineData("PB1012", "\"version\": 1", "\"version\": 2", "2,")]
    [InlineData("PB1012", "\"classification\"", "\"sorting\"", "\"sorting\"")]
    [InlineData("PB1011", "\"classification\"", "\"regression\"", "\"classes\"")]
    [InlineData("PB1012", "\"classification\"", "\"translation\"", "\"translation\"")]
    [InlineData("PB1071", "\"dimension\": \"accuracy\"", "\"metric\": \"acuracy\"", "\"acuracy\"")]
    [InlineData("PB1075", "\"dimension\": \"accuracy\"", "\"metric\": \"rmse\"", "\"rmse\"")]
    [InlineData("PB1074", "\"dimension\": \"accuracy\"", "\"metric\": \"json\"", "\"json\"")]
    [InlineData("PB1012", "\"dimension\": \"accuracy\"", "\"metric\": \"accuracy\", \"dimension\": \"accuracy\"", "\"accuracy\", \"dimension\"")]
    [InlineData("PB1012", "\"dimension\": \"accuracy\", \"slice\": \"common\", \"min\"", "\"metric\": \"log_loss\", \"slice\": \"common\", \"retention\"", "0.97")]
    [InlineData("PB1012", "\"dimension\": \"accuracy\", \"slice\": \"common\", \"min\"", "\"metric\": \"flip.wrong_to_right\", \"slice\": \"common\", \"maxDrop\"", "0.97")]
    [InlineData("PB1011", "0.97", "0.97, \"min2\": 0", "\"min2\"")]
    [InlineData("PB1013", "\"batchSize\": 64", "\"dimensions\": [ { } ]", "{ }")]
    [InlineData("PB1074", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"factuality\" } ]", "{ \"name\"")]
    [InlineData("PB1071", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"calibration\", \"scorers\": [ { \"scorer\": \"ece\" } ] } ]", "\"ece\"")]
    [InlineData("PB1075", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"calibration\", \"scorers\": [ { \"scorer\": \"bleu\" } ] } ]", "\"bleu\"")]
    [InlineData("PB1011", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"calibration\", \"scorer\": \"brier\" } ]", "\"scorer\"")]
    [InlineData("PB1012", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"brier\", \"scorers\": [ { \"scorer\": \"brier\" } ] } ]", "\"brier\", \"scorers\"")]
    [InlineData("PB1012", "\"batchSize\": 64", "\"dimensions\": [ { \"name\": \"accuracy\", \"scorers\": [ { \"scorer\": \"brier\" } ] } ]", "\"accuracy\", \"scorers\"")]
    [InlineData("PB1072", "\"batchSize\": 64", "\"scorers\": \"House.dll\"", "\"House.dll\"")]
    [InlineData("PB1012", "\"classes\": 10", "\"classes\": \"ten\"", "\"ten\"")]
    [InlineData("PB1012", "\"classes\": 10", "\"classes\": 123456789012345678901234567890", "1234567890123")]
    [InlineData("PB1012", "\"classes\": 10", "\"classes\": 1", "1,\n  \"input\"")]
    [InlineData("PB1012", "\"uint8\"", "\"int8\"", "\"int8\"")]
    [InlineData("PB1012", "[2, 1, 3]", "[2, 1]", "[2, 1]")]
    [InlineData("PB1012", "[2, 1, 3]", "[2, -1, 3]", "-1")]
    [InlineData("PB1012", "[2, 1, 3]", "[16000000, 16000000, 3]", "[16000000")]
    [InlineData("PB1012", "[2, 1, 3]", "6", "6, \"layout\"")]
    [InlineData("PB1012", "[0.5, 0.4, 0.3]", "[0.5, 0.4]", "[0.5, 0.4]")]
    [InlineData("PB1012", "[0.5, 0.4, 0.3]", "[0.5, \"x\", 0.3]", "\"x\"")]
    [InlineData("PB1012", "\"mean\": [0.5, 0.4, 0.3]", "\"std\": [0]", "[0]")]
    [InlineData("PB1012", "\"input\": { \"elementType\": \"uint8\", \"shape\": [2, 1, 3], \"layout\": \"NHWC\", \"mean\": [0.5, 0.4, 0.3] }", "\"input\": 5", "5,")]
    [InlineData("PB1012", "\"batchSize\": 64", "\"batchSize\": 0", "0,\n  \"cases\"")]
    [InlineData("PB1012", "\"slice\": \"common\", \"tensors\"", "\"slice\": \"two words\", \"tensors\"", "\"two words\"")]
    [InlineData("PB1012", "\"accuracy\"", "\"latency\"", "\"latency\"")]
    [InlineData("PB1012", "0.97", "1.01", "1.01")]
    [InlineData("PB1012", "0.97", "-0.1", "-0.1")]
    [InlineData("PB1012", "0.97", "NaN", "NaN")]
    [InlineData("PB1012", "0.97", "\"0.97\"", "\"0.97\"")]
    [InlineData("PB1012", "0.97", "null", "null")]
    [InlineData("PB1012", "0.95", "0.49", "0.49")]
    [InlineData("PB1012", "0.95", "0.99999", "0.99999")]
    [InlineData("PB1012", "\"interval\"", "\"guess\"", "\"guess\"")]
    [InlineData("PB1030", "\"common.u8\"", "\"absent.u8\"", "\"absent.u8\"")]
    [InlineData("PB1030", "\"common.labels.u8\"", "\"absent.labels.u8\"", "\"absent.labels.u8\"")]
    [InlineData("PB1035", "\"common.u8\"", "\"../common.u8\"", "\"../common.u8\"")]
    [InlineData("PB1035", "\"common.u8\"", "\"x/../../common.u8\"", "\"x/../../common.u8\"")]
    [InlineData("PB1035", "\"common.u8\"", "\"/etc/hostname\"", "\"/etc/hostname\"")]
    [InlineData("PB1035", "\"common.u8\"", "\"C:\\\\common.u8\"", "\"C:\\\\common.u8\"")]
    [InlineData("PB1035", "\"common.u8\"", "\"..\\\\common.u8\"", "\"..\\\\common.u8\"")]
    [InlineData("PB1010", "\"batchSize\": 64,", "\"batchSize\" 64,", null)]
    public void A_fault_is_reported_at_its_token(string code, string from, string to, string? at)
    {
        using var folder = new TemporaryFolder();
        folder.Write("common.u8", new byte[6]);
        folder.Write("common.labels.u8", new byte[1]);
        Assert.Contains(from, Valid, StringComparison.Ordinal);
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        if (code == "PB1013" && at is null) text = text.Replace(", \"slice2\": 1", "", StringComparison.Ordinal);
        var path = folder.Write("harness.json", text);

        var diagnostic = HarnessFiles.Fails(code, () => Harness.Load(path));

        Assert.Equal(path, diagnostic.File);
        var expected = at is not null ? HarnessFiles.Find(text, at)
            : code == "PB1013" ? HarnessFiles.Find(text, "{ \"slice\": \"common\", \"tensors\"")
            : HarnessFiles.Find(text, "64,");
        Assert.Equal(expected, (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public void The_unmodified_harness_of_these_tests_is_valid()
    {
        using var folder = new TemporaryFolder();
        folder.Write("common.u8", new byte[6]);
        folder.Write("common.labels.u8", new byte[1]);
        Assert.Equal(1, CaseSet.Load(Harness.Load(folder.Write("harness.json", Valid))).Count);
    }

    [Fact]
    public void An_unknown_key_lists_the_known_ones()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("harness.json", """{ "versoin": 1 }""");
        Assert.Equal(
            "Unknown key 'versoin'. Known: $schema, version, task, classes, input, output, batchSize, cases, dataset, split, scorers, dimensions, floors.",
            HarnessFiles.Fails("PB1011", () => Harness.Load(path)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    public void Cases_and_floors_need_an_entry(string entry)
    {
        using var folder = new TemporaryFolder();
        HarnessFiles.Fails("PB1012", () => Harness.Load(folder.Write("harness.json", HarnessFiles.Json(entry, HarnessFiles.AnyFloor))));
    }

    [Fact]
    public void A_link_that_leaves_the_folder_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var outside = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        outside.Write("secret.u8", new byte[6]);
        File.CreateSymbolicLink(folder["linked.u8"], outside["secret.u8"]);
        Directory.CreateSymbolicLink(folder["linked"], outside.Path);
        var at = new SourceLocation("harness.json", 3, 4);

        var byFile = HarnessFiles.Fails("PB1035", () => CasePath.Resolve(folder.Path, "linked.u8", at));
        var byFolder = HarnessFiles.Fails("PB1035", () => CasePath.Resolve(folder.Path, "linked/secret.u8", at));

        Assert.Equal((3, 4), (byFile.Line, byFile.Column));
        Assert.Equal((3, 4), (byFolder.Line, byFolder.Column));
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["one.u8"], folder["two.u8"]);
        File.CreateSymbolicLink(folder["two.u8"], folder["one.u8"]);
        HarnessFiles.Fails("PB1035", () => CasePath.Resolve(folder.Path, "one.u8", default));
    }

    [Fact]
    public void A_link_inside_the_folder_is_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["linked.u8"], folder.Write("real.u8", new byte[1]));
        Assert.Equal(folder["linked.u8"], CasePath.Resolve(folder.Path, "linked.u8", default));
    }
}
