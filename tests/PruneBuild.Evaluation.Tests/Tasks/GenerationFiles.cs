using Newtonsoft.Json;

namespace PruneBuild.Evaluation.Tests.Tasks;

/// <summary>Small harnesses of texts that models write.</summary>
internal static class GenerationFiles
{
    public const string Settings = """ "generation": { "maxTokens": 20 }, """;

    /// <summary>A harness of the given case lines.</summary>
    public static (Harness Harness, CaseSet Cases) Create(TemporaryFolder folder, string floors, string dimensions, params string[] lines)
    {
        folder.Write("cases.jsonl", string.Join('\n', lines));
        return TaskFiles.Create(folder, "generation", Settings, """{ "jsonl": "cases.jsonl" }""", floors, dimensions);
    }

    public static string Line(int id, string slice, string more) => $$"""{ "id": "c{{id}}", "slice": "{{slice}}", "prompt": "Question {{id}}", {{more}} }""";

    public static string Text(string value) => JsonConvert.ToString(value);

    public static WrittenTexts Texts(params string[] texts) => new([.. texts.Select(text => new WrittenText(text, 3, text.Split(' ').Length, TextEnd.Stop))]);

    public static EvaluatedModels Models(WrittenTexts parent, WrittenTexts candidate) => new(new ModelOutputs([]), new ModelOutputs([])) { Texts = (parent, candidate) };

    public static Verdict Judge((Harness Harness, CaseSet Cases) loaded, WrittenTexts parent, WrittenTexts candidate) =>
        Gate.Judge(loaded.Harness, loaded.Cases, Models(parent, candidate), "linux-x64").Verdict;
}
