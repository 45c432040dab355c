using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A real language model of 260,000 weights, gated by its perplexity and by questions.</summary>
public sealed class LanguageHarnessTests
{
    private const int Windows = 40;

    private static readonly string Model = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "stories260K");

    [Fact]
    public void Perplexity_has_a_floor_and_the_verdict_names_its_protocol()
    {
        using var project = Project();
        Write(project, "language", """ "window": 64, "stride": 64, "tokenizer": "tok.json", "input": { "elementType": "uint16" }, """, """{ "slice": "common", "tokens": "gate.u16" }""",
            """{ "metric": "perplexity", "slice": "*", "max": 6, "maxDrop": 0.2 }""");
        StageRunner.Run("evaluate", project.Request, project, CancellationToken.None);
        Assert.True(project.Diagnostics.Count == 0, string.Join('\n', project.Diagnostics));
        var score = Verdict.Load(Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, "verdict.json"), project.HarnessPath).Scores![^1];
        // Windows of 64 tokens have less before a token than the stories of which 3.55 is known.
        Assert.InRange(score.Parent!.Value, 3, 5);
        Assert.NotEqual(0, score.Change);
        Assert.StartsWith("gate.u16|tok:sha256:", score.Signature, StringComparison.Ordinal);
        Assert.EndsWith("|window:64|stride:64|bos:no", score.Signature, StringComparison.Ordinal);
    }

    [Fact]
    public void The_right_continuation_of_a_story_is_likelier_than_that_of_another()
    {
        using var project = Project();
        var tokens = MemoryMarshal.Cast<byte, ushort>(File.ReadAllBytes(Path.Combine(project.Folder, "gate.u16"))).ToArray();
        string List(int first, int count) => $"[{string.Join(',', tokens.Skip(first).Take(count))}]";
        File.WriteAllLines(Path.Combine(project.Folder, "q.jsonl"), Enumerable.Range(0, 30).Select(i =>
            $$"""{"id":"q{{i}}","slice":"common","context":{{List(64 * i, 24)}},"choices":[{{List((64 * ((i + 7) % Windows)) + 24, 8)}},{{List((64 * i) + 24, 8)}}],"answer":1}"""));
        Write(project, "multiple-choice", "", """{ "jsonl": "q.jsonl" }""", """{ "dimension": "accuracy", "slice": "*", "min": 0.8, "mode": "point" }, { "dimension": "agreement", "slice": "*", "min": 0.8, "mode": "point" }""");
        StageRunner.Run("evaluate", project.Request, project, CancellationToken.None);
        Assert.True(project.Diagnostics.Count == 0, string.Join('\n', project.Diagnostics));
    }

    [Fact]
    public void A_lock_remembers_the_parents_perplexity_and_the_tokenizer()
    {
        using var project = Project();
        Write(project, "language", """ "window": 64, "tokenizer": "tok.json", "input": { "elementType": "uint16" }, """, """{ "slice": "common", "tokens": "gate.u16" }""", """{ "metric": "perplexity", "slice": "*", "max": 6 }""");
        var (locked, obstacles) = HarnessLocking.Lock(project.HarnessPath, project.ModelPath, "test", new DateOnly(2026, 11, 29), 1, CancellationToken.None);
        Assert.Empty(obstacles);
        Assert.InRange(locked!.Parent[^1].Scores["perplexity"], 3, 5);
        File.AppendAllText(Path.Combine(project.Folder, "tok.json"), " ");
        StageRunner.Run("evaluate", project.Request, project, CancellationToken.None);
        var diagnostic = Assert.Single(project.Diagnostics);
        Assert.Equal(("PB4202", Severity.Error, project.HarnessPath), (diagnostic.Code, diagnostic.Severity, diagnostic.File));
    }

    private static TinyProject Project()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Model, "model.onnx")), "the language model is not on this machine");
        var project = new TinyProject();
        File.Copy(Path.Combine(Model, "model.onnx"), project.ModelPath, overwrite: true);
        File.Copy(Path.Combine(Model, "tok512.json"), Path.Combine(project.Folder, "tok.json"));
        var tokenizer = new PruneBuild.Tests.LlamaTokenizer(Path.Combine(Model, "tokenizer.bin"));
        var text = File.ReadAllText(Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "tinystories", "gate.txt"));
        ushort[] tokens = [.. text[..Math.Min(text.Length, 30_000)].Split("\n\n").SelectMany(story => tokenizer.Encode(story, 256)).Take(64 * Windows).Select(token => (ushort)token)];
        File.WriteAllBytes(Path.Combine(project.Folder, "gate.u16"), MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray());
        project.WriteRecipe("""{ "version": 1, "quantize": { "precision": "int8" } }""");
        return project;
    }

    private static void Write(TinyProject project, string task, string keys, string cases, string floors) => File.WriteAllText(project.HarnessPath, $$"""
        { "version": 1, "task": "{{task}}", {{keys}} "cases": [ {{cases}} ], "floors": [ {{floors}} ] }
        """);
}
