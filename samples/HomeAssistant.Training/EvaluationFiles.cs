using System.Text.Json;
using HomeAssistant.Language;

namespace HomeAssistant.Training;

/// <summary>Writes what the gate asks, the schema of answers, and the tokens that compression learns from.</summary>
internal static class EvaluationFiles
{
    /// <summary>Rows of tokens for calibration; each begins with an example.</summary>
    public const int CalibrationRows = 384;

    private const string Schema = "answer.schema.json";

    public static void Write(string folder, ChatEncoder encoder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "cases"));
        foreach (var (slice, count) in ExampleSets.GateCounts)
        {
            var name = slice.ToString().ToLowerInvariant();
            JsonFile.WriteLines(Path.Combine(folder, "cases", $"{name}.jsonl"), ExampleSets.Gate(slice, count).Index(), (json, example) => Case(json, name, example.Index, example.Item));
        }
        JsonFile.Write(Path.Combine(folder, Schema), AnswerSchema);
        Tokens(Path.Combine(folder, "calibration.tokens.u16"), ExampleSets.Calibration(), encoder);
        Tokens(Path.Combine(folder, "calibration.common.tokens.u16"), ExampleSets.Calibration(Slice.Common), encoder);
    }

    private static void Tokens(string file, IEnumerable<Example> examples, ChatEncoder encoder)
    {
        using var stream = new BinaryWriter(File.Create(file));
        foreach (var (row, _) in TokenRow.Pack(examples, encoder, TrainingOptions.RowLength).Take(CalibrationRows))
            foreach (var token in row.Tokens)
                stream.Write((ushort)token);
    }

    /// <summary>The whole answer is instruction following, each slot of a command and each refusal factuality, the schema format.</summary>
    private static void Case(Utf8JsonWriter json, string slice, int index, Example example)
    {
        json.WriteString("id", $"{slice}-{index:000}-{example.Kind.Replace(' ', '-')}");
        json.WriteString("slice", slice);
        json.WriteString("prompt", example.Sentence);
        json.WriteStartArray("expect");
        Check(json, "json-schema", "format_compliance", () => json.WriteString("schema", Schema));
        Check(json, "equals", "instruction_following", () =>
        {
            json.WritePropertyName("value");
            json.WriteRawValue(example.Answer.ToJson());
        });
        foreach (var (place, command) in example.Answer.Commands.Index())
        {
            Slot(json, $"commands[{place}].device", () => json.WriteStringValue(command.Device));
            Slot(json, $"commands[{place}].room", () => json.WriteStringValue(command.Room));
            if (command.Value is { } value)
                Slot(json, $"commands[{place}].value", () => json.WriteNumberValue(value));
            if (command.Time is { } time)
                Slot(json, $"commands[{place}].time", () => json.WriteStringValue(time));
        }
        if (example.Answer.Refusal is { } reason)
            Slot(json, "refuse", () => json.WriteStringValue(reason));
        json.WriteEndArray();
    }

    private static void Slot(Utf8JsonWriter json, string path, Action value) => Check(json, "json-path", "factuality", () =>
    {
        json.WriteString("path", path);
        json.WritePropertyName("value");
        value();
    });

    private static void Check(Utf8JsonWriter json, string type, string dimension, Action rest)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        rest();
        json.WriteString("dim", dimension);
        json.WriteEndObject();
    }

    private static void AnswerSchema(Utf8JsonWriter json)
    {
        json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("type", "object");
        json.WriteNumber("minProperties", 1);
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        json.WriteStartObject("commands");
        json.WriteString("type", "array");
        json.WriteNumber("minItems", 1);
        json.WriteStartObject("items");
        CommandSchema(json);
        json.WriteEndObject();
        json.WriteEndObject();
        OneOf(json, "refuse", Refusals.All);
        json.WriteEndObject();
    }

    private static void CommandSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "object");
        json.Strings("required", ["device", "room", "action"]);
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        OneOf(json, "device", Home.Devices.Select(device => device.Name));
        OneOf(json, "room", Home.Rooms.Select(room => room.Name).Append(Command.EveryRoom));
        OneOf(json, "action", Actions.All);
        json.WriteStartObject("value");
        json.WriteString("type", "integer");
        json.WriteNumber("minimum", 0);
        json.WriteNumber("maximum", 250);
        json.WriteEndObject();
        json.WriteStartObject("time");
        json.WriteString("type", "string");
        json.WriteString("pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$|^\\+[1-9][0-9]?[mh]$");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void OneOf(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartObject(name);
        json.Strings("enum", values);
        json.WriteEndObject();
    }
}
