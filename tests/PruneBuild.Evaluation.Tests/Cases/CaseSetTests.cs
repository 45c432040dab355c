namespace PruneBuild.Evaluation.Tests.Cases;

public class CaseSetTests
{
    private const string TwoFiles = """{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }, { "jsonl": "c.jsonl" }""";

    [Fact]
    public void Cases_are_numbered_through_all_files()
    {
        using var folder = new TemporaryFolder();
        var cases = CaseSet.Load(TwoFileHarness(folder));

        Assert.Equal(5, cases.Count);
        Assert.Equal([3, 4, 5, 6, 7], cases.Labels);
        Assert.Equal(["common", "edge"], cases.Slices);
        Assert.Equal([0, 0, 0, 1, 0], cases.SliceOf);
        Assert.Equal(["t.u8#0", "t.u8#1", "t.u8#2", "a1", "a2"], Enumerable.Range(0, 5).Select(cases.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public void Batches_hold_every_case_once_and_in_order(int batchSize)
    {
        using var folder = new TemporaryFolder();
        var cases = CaseSet.Load(TwoFileHarness(folder));

        var batches = cases.Batches(batchSize).ToList();

        Assert.All(batches, batch => Assert.True(batch.Input.Count <= batchSize));
        Assert.Equal([10f, 11, 12, 13, 14], batches.SelectMany(batch => batch.Input.Data));
        Assert.Equal(cases.Labels, batches.SelectMany(batch => batch.Labels.ToArray()));
        Assert.Equal(Enumerable.Range(0, 5), batches.SelectMany(batch => Enumerable.Range(batch.Input.First, batch.Input.Count)));
        Assert.All(batches, batch => Assert.Equal([batch.Input.Count, 1], batch.Input.Shape));
    }

    [Fact]
    public void Labels_of_four_bytes_are_read()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", new byte[2]);
        folder.Write("l.i32", [.. BitConverter.GetBytes(300), .. BitConverter.GetBytes(7)]);
        var json = HarnessFiles.Json("""{ "slice": "s", "tensors": "t.u8", "labels": "l.i32" }""", HarnessFiles.AnyFloor, classes: 1000);
        Assert.Equal([300, 7], CaseSet.Load(Harness.Load(folder.Write("harness.json", json))).Labels);
    }

    [Fact]
    public void A_case_file_that_shrinks_between_load_and_run_is_noticed()
    {
        using var folder = new TemporaryFolder();
        var cases = CaseSet.Load(TwoFileHarness(folder));
        folder.Write("c.jsonl", "");
        HarnessFiles.Fails("PB5001", () => Assert.NotEmpty(cases.Batches().ToList()));
    }

    private static Harness TwoFileHarness(TemporaryFolder folder)
    {
        folder.Write("t.u8", [10, 11, 12]);
        folder.Write("l.u8", [3, 4, 5]);
        folder.Write("c.jsonl", """
            {"id":"a1","slice":"edge","input":[13],"label":6}

            {"label":7,"input":[14],"slice":"common","id":"a2"}
            """);
        return Harness.Load(folder.Write("harness.json", HarnessFiles.Json(TwoFiles, HarnessFiles.AnyFloor)));
    }

    [Fact]
    public void Dependent_cases_name_their_cluster()
    {
        using var folder = new TemporaryFolder();
        var (_, cases) = HarnessFiles.CreateClustered(folder, HarnessFiles.AnyFloor, ("common", "ticket-1"), ("common", null), ("edge", "ticket-1"));
        Assert.Equal(["ticket-1", null, "ticket-1"], cases.ClusterOf);
    }
}
