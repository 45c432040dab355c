using System.Text;

namespace HomeAssistant.Language;

/// <summary>What the assistant says to a sentence.</summary>
/// <param name="Commands">What is done, in the order it was asked for.</param>
/// <param name="Refusal">Why (the rest) is not, of <see cref="Refusals"/>; null where everything is done.</param>
public sealed record Answer(IReadOnlyList<Command> Commands, string? Refusal = null)
{
    /// <summary>Compact JSON; the order of keys is fixed, and what is null is left out.</summary>
    public string ToJson()
    {
        var json = new StringBuilder("{");
        if (Commands.Count > 0)
            json.Append("\"commands\":[").AppendJoin(',', Commands.Select(ToJson)).Append(']');
        if (Refusal is not null)
            json.Append(Commands.Count > 0 ? "," : "").Append($"\"refuse\":\"{Refusal}\"");
        return json.Append('}').ToString();
    }

    private static string ToJson(Command command)
    {
        var json = new StringBuilder($$"""{"device":"{{command.Device}}","room":"{{command.Room}}","action":"{{command.Action}}" """.TrimEnd());
        if (command.Value is { } value)
            json.Append($",\"value\":{value}");
        if (command.Time is { } time)
            json.Append($",\"time\":\"{time}\"");
        return json.Append('}').ToString();
    }
}
