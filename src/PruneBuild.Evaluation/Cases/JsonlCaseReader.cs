using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Reads a JSONL case file line by line: <c>{"id":"a1","slice":"edge","input":[…],"label":3}</c>. The input is a flat list of numbers,
/// or lists nested as in the shape. <c>cluster</c> names what dependent cases have in common, <c>critical</c> is true where a wrong answer
/// fails the gate. A regression has a number as <c>target</c> in place of the label. Only one line is in memory at a time.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="spec">What one input looks like.</param>
/// <param name="classes">Number of classes; 0 for a regression.</param>
internal sealed class JsonlCaseReader(string file, InputSpec spec, int classes)
{
    private readonly string[] _keys = classes > 0 ? ["id", "slice", "input", "label", "cluster", "critical"] : ["id", "slice", "input", "target", "cluster"];

    private readonly float[] _input = new float[spec.ElementsPerCase];

    /// <exception cref="PruneBuildException">PB1010 to PB1013 or PB1031 at the line and column at fault.</exception>
    public IEnumerable<JsonlCase> Read()
    {
        var line = 0;
        foreach (var text in File.ReadLines(file))
        {
            line++;
            if (!string.IsNullOrWhiteSpace(text)) yield return ReadLine(text, line);
        }
    }

    private JsonlCase ReadLine(string text, int line)
    {
        using var reader = new TokenStartReader(text, line) { DateParseHandling = DateParseHandling.None };
        try
        {
            return ReadCase(reader, line);
        }
        catch (JsonReaderException exception)
        {
            throw LocatedJson.Malformed(exception, file);
        }
    }

    private JsonlCase ReadCase(TokenStartReader reader, int line)
    {
        string? id = null, slice = null, cluster = null;
        int? label = null;
        double? target = null;
        bool? isCritical = null;
        var hasInput = false;
        SourceLocation idAt = default;
        Next(reader);
        var start = Here(reader);
        if (reader.TokenType != JsonToken.StartObject) throw Malformed(reader, "An object is expected on every line.");
        for (Next(reader); reader.TokenType != JsonToken.EndObject; Next(reader))
        {
            var key = (string)reader.Value!;
            var isRepeated = key switch
            {
                "id" => id is not null,
                "slice" => slice is not null,
                "input" => hasInput,
                "label" => label is not null,
                "target" => target is not null,
                "cluster" => cluster is not null,
                "critical" => isCritical is not null,
                _ => false,
            };
            if (isRepeated) throw Malformed(reader, $"Key '{key}' is there twice.");
            if (!_keys.Contains(key)) throw Here(reader).Error("PB1011", key, string.Join(", ", _keys));
            Next(reader);
            switch (key)
            {
                case "id":
                    (id, idAt) = (Text(reader, key, value => value.Length > 0, "a string that is not empty is expected"), Here(reader));
                    break;
                case "slice":
                    slice = Text(reader, key, SliceName.IsValid, SliceName.Expected);
                    break;
                case "label":
                    label = Label(reader);
                    break;
                case "target":
                    target = Target(reader);
                    break;
                case "cluster":
                    cluster = Text(reader, key, value => value.Length > 0, "a string that is not empty is expected");
                    break;
                case "critical":
                    isCritical = reader.TokenType == JsonToken.Boolean ? (bool)reader.Value! : throw Invalid(reader, key, "true or false is expected");
                    break;
                default:
                    ReadInput(reader);
                    hasInput = true;
                    break;
            }
        }
        if (reader.Read()) throw Malformed(reader, "Text after the end of the object.");

        PruneBuildException Missing(string key) => (start with { Line = line }).Error("PB1013", key);
        if (!hasInput) throw Missing("input");
        if (classes > 0 && label is null) throw Missing("label");
        if (classes == 0 && target is null) throw Missing("target");
        return new JsonlCase(
            id ?? throw Missing("id"), idAt, slice ?? throw Missing("slice"), _input, label ?? CaseSet.NoLabel, cluster, isCritical ?? false, target);
    }

    private string Text(TokenStartReader reader, string key, Func<string, bool> isValid, string expected) =>
        reader.TokenType == JsonToken.String && (string)reader.Value! is var text && isValid(text) ? text : throw Invalid(reader, key, expected);

    private int Label(TokenStartReader reader)
    {
        if (reader.TokenType != JsonToken.Integer) throw Invalid(reader, "label", "a whole number is expected");
        return reader.Value is long label && label >= 0 && label < classes
            ? (int)label
            : throw Here(reader).Error("PB1031", reader.Value, classes - 1);
    }

    private double Target(TokenStartReader reader)
    {
        if (reader.TokenType is not (JsonToken.Integer or JsonToken.Float)) throw Invalid(reader, "target", "a number is expected");
        var number = Convert.ToDouble(reader.Value, CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? number : throw Invalid(reader, "target", "a finite number is expected");
    }

    private void ReadInput(TokenStartReader reader)
    {
        var start = Here(reader);
        if (reader.TokenType != JsonToken.StartArray) throw Invalid(reader, "input", "a list of numbers is expected");
        Next(reader);
        var isNested = reader.TokenType == JsonToken.StartArray && spec.Shape.Count > 1;
        var count = isNested ? ReadDimension(reader, 0, 0, start) : ReadNumbers(reader, 0, spec.ElementsPerCase, start);
        if (count != spec.ElementsPerCase) throw WrongCount(start, count, spec.ElementsPerCase);
    }

    // The reader stands on the first item of a list of the given dimension; afterwards on the list's end.
    private int ReadDimension(TokenStartReader reader, int dimension, int position, SourceLocation listAt)
    {
        if (dimension == spec.Shape.Count - 1) return ReadNumbers(reader, position, spec.Shape[dimension], listAt);
        var items = 0;
        for (; reader.TokenType != JsonToken.EndArray; Next(reader), items++)
        {
            if (reader.TokenType != JsonToken.StartArray) throw Invalid(reader, "input", "a list of numbers is expected");
            if (items == spec.Shape[dimension]) throw WrongCount(listAt, items + 1, items);
            var itemAt = Here(reader);
            Next(reader);
            position = ReadDimension(reader, dimension + 1, position, itemAt);
        }
        return items == spec.Shape[dimension] ? position : throw WrongCount(listAt, items, spec.Shape[dimension]);
    }

    private int ReadNumbers(TokenStartReader reader, int position, int expected, SourceLocation listAt)
    {
        var end = position + expected;
        var items = 0;
        for (; reader.TokenType != JsonToken.EndArray; Next(reader), items++)
        {
            var number = Number(reader);
            if (items < expected) _input[position + items] = number;
        }
        return items == expected ? end : throw WrongCount(listAt, items, expected);
    }

    private float Number(TokenStartReader reader)
    {
        if (reader.TokenType is not (JsonToken.Integer or JsonToken.Float)) throw Invalid(reader, "input", "a number is expected");
        var number = (float)Convert.ToDouble(reader.Value, CultureInfo.InvariantCulture);
        if (!float.IsFinite(number)) throw Invalid(reader, "input", "a finite number is expected");
        var isByte = number is >= 0 and <= 255 && number == Math.Floor(number);
        return spec.ElementType == ElementType.U8 && !isByte ? throw Invalid(reader, "input", "uint8: a whole number from 0 to 255 is expected") : number;
    }

    private void Next(TokenStartReader reader)
    {
        do
        {
            if (!reader.Read()) throw Malformed(reader, "The line ends inside the object.");
        }
        while (reader.TokenType == JsonToken.Comment);
    }

    private SourceLocation Here(TokenStartReader reader)
    {
        var info = (IJsonLineInfo)reader;
        return new SourceLocation(file, info.LineNumber, info.LinePosition);
    }

    private PruneBuildException Malformed(TokenStartReader reader, string sentence) => Here(reader).Error("PB1010", sentence);

    private PruneBuildException Invalid(TokenStartReader reader, string key, string expected) =>
        Here(reader).Error("PB1012", reader.Value ?? reader.TokenType, key, expected);

    private static PruneBuildException WrongCount(SourceLocation listAt, int found, int expected) =>
        listAt.Error("PB1012", $"a list of {found}", "input", $"{expected} numbers are expected, as in the harness's input shape");
}
