namespace PruneBuild.Evaluation.Tests.Cases;

public class HarnessTests
{
    [Fact]
    public void A_full_harness_is_read()
    {
        using var folder = new TemporaryFolder();
        folder.Write("cases/common.images.u8", new byte[12]);
        folder.Write("cases/common.labels.u8", new byte[2]);
        folder.Write("cases/extra.jsonl", """{"id":"a1","slice":"edge","input":[1,2,3,4,5,6],"label":3}""");
        var path = folder.Write("harness.json", """
            {
              "$schema": "https://example.org/harness.json", "version": 1, "task": "classification",
              "classes": 10,
              "input": { "name": "image", "elementType": "uint8", "shape": [3, 2, 1], "layout": "NHWC", "scale": 0.5, "mean": [0.5], "std": [0.25] },
              "output": "logits",
              "batchSize": 7,
              "cases": [ { "slice": "common", "tensors": "cases/common.images.u8", "labels": "cases\\common.labels.u8" }, { "jsonl": "cases/extra.jsonl" } ],
              "floors": [
                { "dimension": "accuracy", "slice": "common", "min": 0.97, "maxDrop": 0.01, "confidence": 0.99, "mode": "point" },
                { "dimension": "accuracy", "slice": "*", "retention": 0.98 }
              ]
            }
            """);

        var harness = Harness.Load(path);

        Assert.Equal((10, "logits", 7, "image"), (harness.Classes, harness.Output, harness.BatchSize, harness.Input.Name));
        Assert.Equal([(FloorKind.Minimum, 0.97), (FloorKind.MaxDrop, 0.01), (FloorKind.Retention, 0.98)], harness.Floors.Select(floor => (floor.Kind, floor.Threshold)));
        Assert.Equal([0.99, 0.99, 0.95], harness.Floors.Select(floor => floor.Confidence));
        Assert.Equal([FloorMode.Point, FloorMode.Point, FloorMode.Interval], harness.Floors.Select(floor => floor.Mode));
        Assert.Equal(
            [path, folder["cases/common.images.u8"], folder["cases/common.labels.u8"], folder["cases/extra.jsonl"]],
            harness.SourceFiles);
    }

    [Fact]
    public void A_floor_is_located_at_its_threshold()
    {
        using var folder = new TemporaryFolder();
        var (harness, _) = HarnessFiles.Create(
            folder,
            """
            { "dimension": "accuracy", "slice": "common", "min": 0.911,
                "maxDrop": 0.0222 }
            """,
            ("common", [1]));
        var text = File.ReadAllText(harness.File);

        Assert.Equal(HarnessFiles.Find(text, "0.911"), (harness.Floors[0].Location.Line, harness.Floors[0].Location.Column));
        Assert.Equal(HarnessFiles.Find(text, "0.0222"), (harness.Floors[1].Location.Line, harness.Floors[1].Location.Column));
        Assert.All(harness.Floors, floor => Assert.Equal(harness.File, floor.Location.File));
    }

    [Fact]
    public void The_batch_size_defaults_to_64()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(64, HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [1])).Harness.BatchSize);
    }
}
