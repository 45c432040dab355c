using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Tests;

/// <summary>Small harnesses: ten classes, one number a case.</summary>
internal static class HarnessFiles
{
    public const string Input = """{ "elementType": "uint8", "shape": [1], "layout": "none" }""";

    public static string Json(string cases, string floors, string input = Input, int classes = 10) =>
        $$"""
        {
          "version": 1,
          "task": "classification",
          "classes": {{classes}},
          "input": {{input}},
          "cases": [ {{cases}} ],
          "floors": [ {{floors}} ]
        }
        """;

    public const string AnyFloor = """{ "dimension": "accuracy", "slice": "*", "min": 0.5 }""";

    /// <summary>One slice a label list; the tensors hold the index of the case.</summary>
    public static (Harness Harness, CaseSet Cases) Create(TemporaryFolder folder, string floors, params (string Slice, int[] Labels)[] slices)
    {
        foreach (var (slice, labels) in slices)
        {
            folder.Write($"{slice}.u8", [.. labels.Select((_, index) => (byte)index)]);
            folder.Write($"{slice}.labels.u8", [.. labels.Select(label => (byte)label)]);
        }
        var cases = string.Join(", ", slices.Select(slice =>
            $$"""{ "slice": "{{slice.Slice}}", "tensors": "{{slice.Slice}}.u8", "labels": "{{slice.Slice}}.labels.u8" }"""));
        var harness = Harness.Load(folder.Write("harness.json", Json(cases, floors)));
        return (harness, CaseSet.Load(harness));
    }

    /// <summary>Cases of one slice in a JSONL file, ids c0, c1 and so on; label 0 each.</summary>
    public static (Harness Harness, CaseSet Cases) CreateClustered(TemporaryFolder folder, string floors, params (string Slice, string? Cluster)[] cases)
    {
        folder.Write("cases.jsonl", string.Join("\n", cases.Select((one, index) =>
            $$"""{ "id": "c{{index}}", "slice": "{{one.Slice}}", "input": [0], "label": 0{{(one.Cluster is null ? "" : $", \"cluster\": \"{one.Cluster}\"")}} }""")));
        var harness = Harness.Load(folder.Write("harness.json", Json("""{ "jsonl": "cases.jsonl" }""", floors)));
        return (harness, CaseSet.Load(harness));
    }

    /// <summary>Judges one floor on "accuracy" by scores that are given; each case is of the cluster with its number, or stands alone.</summary>
    public static FloorCheck CheckScores(string floor, double[] parent, double[] candidate, int[]? clusterOf = null)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = CreateClustered(folder, floor, [.. parent.Select((_, index) => ("common", clusterOf is null ? null : $"k{clusterOf[index]}"))]);
        return Assert.Single(Gate.Judge(harness, cases, [new MeanMeasurement(Dimension.Accuracy, parent, candidate)], "linux-x64"));
    }

    /// <summary>Parent and candidate on a slice whose labels are all 0: class 0 where right, class 1 where wrong.</summary>
    public static (Predictions Parent, Predictions Candidate) Answers(params (int BothRight, int ParentOnly, int CandidateOnly, int BothWrong)[] slices)
    {
        List<int> parent = [], candidate = [];
        foreach (var (a, b, c, d) in slices)
        {
            parent.AddRange([.. Enumerable.Repeat(0, a + b), .. Enumerable.Repeat(1, c + d)]);
            candidate.AddRange([.. Enumerable.Repeat(0, a), .. Enumerable.Repeat(1, b), .. Enumerable.Repeat(0, c), .. Enumerable.Repeat(1, d)]);
        }
        return (Of(parent), Of(candidate));
    }

    public static Predictions Of(IReadOnlyList<int> classes) => new(classes, new float[classes.Count]);

    /// <summary>Judges one floor on one slice with the given paired counts.</summary>
    public static FloorCheck Check(string floor, int bothRight, int parentOnly, int candidateOnly, int bothWrong)
    {
        using var folder = new TemporaryFolder();
        var n = bothRight + parentOnly + candidateOnly + bothWrong;
        var (harness, cases) = Create(folder, floor, ("common", new int[n]));
        var (parent, candidate) = Answers((bothRight, parentOnly, candidateOnly, bothWrong));
        return Assert.Single(Gate.Judge(harness, cases, parent, candidate, "linux-x64").Checks);
    }

    public static Diagnostic Fails(string code, Action action)
    {
        var diagnostic = Assert.Throws<PruneBuildException>(action).Diagnostic;
        Assert.True(code == diagnostic.Code, diagnostic.ToString());
        return diagnostic;
    }

    /// <summary>1-based line and column of the first occurrence of a text.</summary>
    public static (int Line, int Column) Find(string text, string part)
    {
        var index = text.IndexOf(part, StringComparison.Ordinal);
        Assert.True(index >= 0, $"'{part}' is not in the text");
        var lineStart = text.LastIndexOf('\n', Math.Max(0, index - 1)) + 1;
        return (text[..index].Count(character => character == '\n') + 1, index - lineStart + 1);
    }
}
