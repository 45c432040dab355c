namespace PruneBuild.Evaluation.Tests.Cases;

/// <summary>Alone, for the memory that it measures is the process's.</summary>
[CollectionDefinition(nameof(ManyCasesTests), DisableParallelization = true)]
[Collection(nameof(ManyCasesTests))]
public sealed class ManyCasesTests
{
    [Fact]
    public void A_hundred_thousand_lines_are_read_without_holding_them()
    {
        const int Lines = 100_000;
        const int Numbers = 64;
        using var folder = new TemporaryFolder();
        using (var writer = new StreamWriter(folder["c.jsonl"]))
        {
            var input = string.Join(",", Enumerable.Range(0, Numbers));
            for (var i = 0; i < Lines; i++) writer.WriteLine($$"""{"id":"{{i}}","slice":"common","input":[{{input}}],"label":{{i % 10}}}""");
        }
        var spec = $$"""{ "elementType": "uint8", "shape": [{{Numbers}}], "layout": "none" }""";
        var cases = CaseSet.Load(Harness.Load(folder.Write("harness.json", HarnessFiles.Json("""{ "jsonl": "c.jsonl" }""", HarnessFiles.AnyFloor, spec))));
        Assert.Equal(Lines, cases.Count);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        var seen = 0;
        foreach (var batch in cases.Batches(1000))
        {
            seen += batch.Input.Count;
            if (seen % 10_000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(Lines, seen);
        Assert.True(most < (long)Lines * Numbers * sizeof(float) / 4, $"{most} bytes held");
    }
}
