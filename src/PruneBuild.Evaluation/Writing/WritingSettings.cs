using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>How models write; the key <c>generation</c> of a harness. The likeliest token is taken each time, so the same model writes the same.</summary>
/// <param name="MaxTokens">Tokens after which a text ends.</param>
/// <param name="Stop">Texts that end it; they are not part of it.</param>
/// <param name="PromptsAreChats">Whether a prompt is the message of a user, written by the template of the model as messages are; otherwise it is read as it is.</param>
public sealed record WritingSettings(int MaxTokens, IReadOnlyList<string> Stop, bool PromptsAreChats)
{
    /// <summary>Whether every text is a JSON object: tokens that would leave JSON are not chosen.</summary>
    public bool IsJson { get; init; }

    internal const string Key = "generation";

    private const int MostTokens = 1 << 16;
    private const int MostStops = 16;

    /// <exception cref="PruneBuildException">PB1011 to PB1013 at the token at fault.</exception>
    internal static WritingSettings Parse(JsonSection harness)
    {
        var section = harness.Section(Key);
        section.AllowOnly("maxTokens", "stop", "template", "format");
        var promptsAreChats = section.Has("template") && section.OneOf("template", ("messages", false), ("all", true));
        return new WritingSettings(section.WholeNumber("maxTokens", 1, MostTokens), section.Has("stop") ? Texts(section, "stop") : [], promptsAreChats)
        {
            IsJson = section.Has("format") && section.OneOf("format", ("text", false), ("json", true)),
        };
    }

    private static string[] Texts(JsonSection section, string key)
    {
        if (section.Required(key) is not JArray { Count: > 0 and <= MostStops } items) throw section.Invalid(key, $"a list of 1 to {MostStops} strings is expected");
        return [.. items.Select(item => item.Type == JTokenType.String && (string)item! is { Length: > 0 } text ? text : throw section.Invalid(key, item, "a string that is not empty is expected"))];
    }
}
