using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Reads the cases of tasks that ask a model several times for one case: JSONL with a case a line, and files of tokens.</summary>
/// <param name="harness">The harness.</param>
internal sealed class TaskCaseReader(Harness harness)
{
    private const int MostTokens = 1 << 24;
    private const int MostBytes = 1 << 30;

    private static readonly string[] Shared = ["id", "slice", "cluster"];

    private readonly TaskSettings _settings = harness.Settings;
    private readonly int[]? _tokenBytes = harness.Settings.TokenBytes is { } file ? TokenFile.ReadBytes(file) : null;

    /// <exception cref="PruneBuildException">PB1010 to PB1013 at the line and column at fault.</exception>
    public IEnumerable<TaskCaseLine> Read(JsonlCases source)
    {
        foreach (var json in Lines(source.Path))
        {
            var isCritical = harness.Kind == TaskKind.MultipleChoice && json.Has("critical")
                && (json.Required("critical") is JValue { Value: bool flag } ? flag : throw json.Invalid("critical", "true or false is expected"));
            var slice = json.Text("slice");
            if (!SliceName.IsValid(slice)) throw json.Invalid("slice", SliceName.Expected);
            var (answer, read) = harness.Kind switch
            {
                TaskKind.Language => (CaseSet.NoLabel, Text(json)),
                TaskKind.MultipleChoice => Question(json),
                _ => (CaseSet.NoLabel, [Embedding(json)]),
            };
            yield return new TaskCaseLine(json.Text("id"), json.LocationOf("id"), slice, json.OptionalText("cluster"), isCritical, answer, read);
        }
    }

    /// <summary>One case for every step of the window over the whole file, each with its parts.</summary>
    /// <exception cref="PruneBuildException">As <see cref="TokenFile.Read"/>; PB1012 for a file without a token to score.</exception>
    public IEnumerable<IReadOnlyList<TaskCase>> Read(TokenCases source)
    {
        var windows = TokenWindows.Of(TokenFile.Read(source, _settings.TokenWidth), _settings).ToList();
        if (windows.Count == 0) throw source.TokensAt.Error("PB1012", source.Tokens, "tokens", "one token has nothing before it to be predicted from");
        return windows.Select(window => WithBytes(ContextParts.Of([window], _settings.ContextLengths), source.TokensAt));
    }

    /// <summary>The documents of the corpus; none without one.</summary>
    /// <exception cref="PruneBuildException">PB1010 to PB1013 at the line and column at fault; PB1034 id used twice.</exception>
    public IReadOnlyList<CorpusDocument> Corpus()
    {
        var documents = new List<CorpusDocument>();
        if (_settings.Corpus is not { } file) return documents;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var json in Lines(file.Path))
        {
            json.AllowOnly("id", "document");
            var id = json.Text("id");
            if (!ids.Add(id)) throw json.LocationOf("id").Error("PB1034", id);
            documents.Add(new CorpusDocument(id, Input(json, "document")));
        }
        return documents.Count > 0 ? documents : throw file.NamedAt.Error("PB1012", file.Name, "corpus", "the file holds no documents");
    }

    private static IEnumerable<JsonSection> Lines(string file) =>
        from line in File.ReadLines(file).Index()
        where !string.IsNullOrWhiteSpace(line.Item)
        select new JsonSection(LocatedJson.Parse(line.Item, file, line.Index + 1), file);

    private IReadOnlyList<TaskCase> Text(JsonSection json)
    {
        json.AllowOnly([.. Shared, "tokens", "bytes"]);
        ModelInput[] windows = [.. TokenWindows.Of(Tokens(json, "tokens"), _settings)];
        if (windows.Length == 0) throw json.Invalid("tokens", "one token has nothing before it to be predicted from");
        var parts = ContextParts.Of(windows, _settings.ContextLengths);
        if (!json.Has("bytes")) return WithBytes(parts, json.LocationOf("tokens"));
        var bytes = json.WholeNumber("bytes", 1, MostBytes);
        if (parts.Count == 1) return [parts[0] with { Bytes = [bytes] }];
        if (_tokenBytes is null) throw json.Invalid("bytes", $"{ContextLengths.Key} take the text apart, and only tokenBytes of the harness say what a part has");
        return WithBytes(parts, json.LocationOf("tokens"));
    }

    private IReadOnlyList<TaskCase> WithBytes(IReadOnlyList<TaskCase> parts, SourceLocation at) =>
        _tokenBytes is null ? parts : [.. parts.Select(part => part with { Bytes = [BytesOf(part, at)] })];

    private (int Answer, IReadOnlyList<TaskCase> Parts) Question(JsonSection json)
    {
        json.AllowOnly([.. Shared, "critical", "context", "choices", "bytes", "answer"]);
        int[] context = [.. _settings.StartToken is { } start ? [start] : Array.Empty<int>(), .. Tokens(json, "context")];
        if (context.Length == 0) throw json.Invalid("context", "at least one token is expected");
        if (json.Required("choices") is not JArray { Count: >= 2 } choices) throw json.Invalid("choices", "a list of at least two lists of tokens is expected");
        var inputs = choices.Select(choice => ModelInput.OfTokens([.. context, .. Tokens(json, "choices", choice)], context.Length)).ToList();
        if (inputs.FindIndex(input => input.Tokens.Length == context.Length) is >= 0 and var empty)
            throw json.Invalid("choices", choices[empty], "at least one token is expected");
        var bytes = json.Has("bytes") ? json.WholeNumbers("bytes", 1, MostBytes) : [];
        if (bytes.Length > 0 && bytes.Length != inputs.Count) throw json.Invalid("bytes", $"{inputs.Count} numbers are expected, one a choice");
        return (json.WholeNumber("answer", 0, inputs.Count - 1), [new TaskCase(inputs) { Bytes = bytes, Context = context.Length }]);
    }

    private TaskCase Embedding(JsonSection json)
    {
        if (json.Has("query"))
        {
            json.AllowOnly([.. Shared, "query", "relevance"]);
            return new TaskCase([Input(json, "query")]) { Relevance = Relevance(json) };
        }
        json.AllowOnly([.. Shared, "first", "second", "similarity", "query"]);
        return new TaskCase([Input(json, "first"), Input(json, "second")]) { Similarity = json.Has("similarity") ? json.Number("similarity") : null };
    }

    private Dictionary<string, double> Relevance(JsonSection json)
    {
        if (_settings.Corpus is null) throw json.Invalid("query", "the harness names no corpus to search in");
        var section = json.Section("relevance");
        return json.SectionJson("relevance").Properties().ToDictionary(
            property => property.Name, property => section.Number(property.Name, 0, double.MaxValue), StringComparer.Ordinal);
    }

    private ModelInput Input(JsonSection json, string key)
    {
        if (_settings.TakesTokens)
        {
            var tokens = Tokens(json, key);
            return tokens.Length > 0 ? ModelInput.OfTokens(tokens) : throw json.Invalid(key, "at least one token is expected");
        }
        var numbers = json.Numbers(key);
        if (numbers.Length != harness.Input.ElementsPerCase) throw json.Invalid(key, $"{harness.Input.ElementsPerCase} numbers are expected, as in the harness's input shape");
        var normalised = new float[numbers.Length];
        harness.Input.Normalize(Array.ConvertAll(numbers, number => (float)number), normalised);
        return ModelInput.OfNumbers(normalised);
    }

    private static int[] Tokens(JsonSection json, string key) => json.WholeNumbers(key, 0, MostTokens);

    private static int[] Tokens(JsonSection json, string key, JToken list) => list is JArray items
        ? [.. items.Select(item => item is JValue { Value: long and >= 0 and <= MostTokens } value ? (int)(long)value : throw json.Invalid(key, item, "a token id is expected"))]
        : throw json.Invalid(key, list, "a list of tokens is expected");

    private int BytesOf(TaskCase part, SourceLocation at)
    {
        var sum = 0;
        foreach (var (index, window) in part.Inputs.Index())
        {
            var range = part.RangeOf(index);
            foreach (var token in window.Tokens.AsSpan(range.From, range.Count))
            {
                sum += token < _tokenBytes!.Length ? _tokenBytes[token]
                    : throw at.Error("PB1012", token, "tokens", $"'{_settings.TokenBytes!.Name}' knows 0 to {_tokenBytes.Length - 1}");
            }
        }
        return sum;
    }
}
