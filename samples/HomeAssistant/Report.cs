using System.Text.Encodings.Web;
using System.Text.Json;
using HomeAssistant.Language;

namespace HomeAssistant;

/// <summary>Says what the assistant would do, and prints answers for a comparison of devices.</summary>
internal static class Report
{
    /// <summary>What an answer leads to. The model proposes; what the house does not have is not done.</summary>
    public static IEnumerable<string> Consequences(string text)
    {
        Answer answer;
        try
        {
            answer = AnswerReader.Read(text);
        }
        catch (FormatException)
        {
            return ["nothing is done: this is no answer"];
        }
        return answer.Commands.Select(Consequence).Concat(answer.Refusal is { } reason ? [$"refused: {reason}"] : []);
    }

    public static void WriteJson(Stream stream, IEnumerable<(Sentence Sentence, string Answer)> answers)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var (sentence, answer) in answers)
        {
            json.WriteStartObject();
            json.WriteString("sentence", sentence.Text);
            json.WriteString("expected", sentence.Expected.ToJson());
            json.WriteString("answer", answer);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Consequence(Command command)
    {
        var place = command.Room == Command.EveryRoom ? "every room" : command.Room;
        var value = command.Value is { } number ? $" {number}" : "";
        var time = command.Time is null ? "now" : command.Time.StartsWith('+') ? $"in {command.Time[1..]}" : $"at {command.Time}";
        var objection = AnswerReader.Objection(command) is { } reason ? $" is not done: {reason}" : "";
        return $"{time}: {command.Device}, {place}: {command.Action}{value}{objection}";
    }
}
