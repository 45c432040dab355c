namespace PruneBuild.Pipeline;

/// <summary>What lies beside a language model and decides what it writes: its tokenizer, its chat template, its settings.</summary>
internal static class WriterFiles
{
    private static readonly string[] Names =
    [
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
        "genai_config.json", "generation_config.json", "config.json",
    ];

    /// <summary>Those beside the model of a request.</summary>
    public static IReadOnlyList<FileFingerprint> Of(WorkContext context) =>
        [.. Paths(ParentModel.IsFolder(context.Request.Model) ? context.Request.Model : Path.GetDirectoryName(context.Request.Model)!).Select(file => context.Files.Of(file, "tokenizer"))];

    /// <summary>Those in a folder.</summary>
    public static IEnumerable<string> Paths(string folder) => Names.Select(name => Path.Combine(folder, name)).Where(File.Exists);
}
