using System.Text.Json;

namespace HomeAssistant.Language;

/// <summary>Reads what a model wrote. A model may write anything: what is no answer is told apart from one that the house cannot follow.</summary>
public static class AnswerReader
{
    /// <summary>The answer in a text.</summary>
    /// <exception cref="FormatException">It is not JSON, or not an answer.</exception>
    public static Answer Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return new Answer(Commands(json.RootElement), Text(json.RootElement, "refuse"));
        }
        catch (Exception reason) when (reason is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"this is no answer: {text}", reason);
        }
    }

    /// <summary>Why the house cannot follow a command; null when it can.</summary>
    public static string? Objection(Command command)
    {
        var device = Home.Devices.FirstOrDefault(known => known.Name == command.Device);
        if (device is null)
            return Refusals.Unknown;
        if (command.Room != Command.EveryRoom && !device.Rooms.Any(room => room.Name == command.Room))
            return Refusals.NotThere;
        if (!device.Actions.Contains(command.Action) || (command.Action == Actions.Set) != command.Value.HasValue)
            return Refusals.CannotDo;
        return command.Value is { } value && !device.Range!.Contains(value) ? Refusals.OutOfRange : null;
    }

    private static IReadOnlyList<Command> Commands(JsonElement json) => !json.TryGetProperty("commands", out var list) ? [] :
    [
        .. list.EnumerateArray().Select(command => new Command(
            command.GetProperty("device").GetString()!, command.GetProperty("room").GetString()!, command.GetProperty("action").GetString()!,
            command.TryGetProperty("value", out var value) ? value.GetInt32() : null, Text(command, "time"))),
    ];

    private static string? Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) ? value.GetString() : null;
}
