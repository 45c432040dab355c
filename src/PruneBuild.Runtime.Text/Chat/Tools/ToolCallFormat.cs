namespace PruneBuild.Runtime.Text;

/// <summary>How a model writes that it calls a tool.</summary>
public enum ToolCallFormat
{
    /// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, as often as there are calls: Hermes, Qwen.</summary>
    Hermes,

    /// <summary><c>{"name": …, "parameters": {…}}</c> and nothing else, so one call: Llama 3.</summary>
    Llama,

    /// <summary><c>[TOOL_CALLS][{"name": …, "arguments": {…}}]</c>: Mistral.</summary>
    Mistral,
}

/// <summary>What the formats consist of.</summary>
internal static class ToolCallFormats
{
    /// <summary>Begins a call of Hermes.</summary>
    public const string Start = "<tool_call>";

    /// <summary>Ends it.</summary>
    public const string End = "</tool_call>";

    /// <summary>Begins the calls of Mistral.</summary>
    public const string List = "[TOOL_CALLS]";

    // Mistral's later format, with the name outside of the JSON.
    private const string Arguments = "[ARGS]";

    /// <summary>The format whose marks a chat template writes, or null.</summary>
    public static ToolCallFormat? Of(ChatTemplate template) =>
        template.Mentions(Start) ? ToolCallFormat.Hermes
        : template.Mentions(List) ? template.Mentions(Arguments) ? null : ToolCallFormat.Mistral
        : template.Mentions("\"parameters\"") ? ToolCallFormat.Llama : null;

    /// <summary>The marks that are special tokens of a tokenizer, where others have them as text.</summary>
    public static IReadOnlyList<int> Marks(this ToolCallFormat format, TextTokenizer tokenizer)
    {
        string[] marks = format switch { ToolCallFormat.Hermes => [Start, End], ToolCallFormat.Mistral => [List], _ => [] };
        return [.. marks.Select(tokenizer.IdOf).OfType<int>().Where(token => tokenizer.TextOf(token).IsSpecial)];
    }
}
