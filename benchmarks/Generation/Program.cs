// What a token costs beyond ONNX Runtime's run: dotnet run -c Release --project benchmarks/Generation -- random | FOLDER
// Every row is generated in turn with the others, ROUNDS times; medians.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PruneBuild.Benchmarks.Generation;
using PruneBuild.Runtime.Text;

const int Rounds = 9;
const int Tokens = 100;
const string Anew = "nothing known of the constraint";

if (args is not [var source])
{
    Console.Error.WriteLine("usage: random | FOLDER (a model in Hugging Face layout, or one with model.onnx)");
    return 2;
}

using var folder = BenchmarkModel.Make(source);
using var model = LanguageModel.Open(folder.Path, new() { Threads = 1 });
int[] prompt = [.. Enumerable.Range(0, 16).Select(index => 3 + (index * 7 % Math.Min(200, model.Vocabulary - 3)))];
var greedy = new GenerationOptions { MaxTokens = Math.Min(Tokens, model.ContextLength - prompt.Length), IgnoreEndTokens = true, ReuseCache = false, Seed = 1 };
using var schema = JsonDocument.Parse("""
    { "type": "object", "properties": { "name": { "type": "string", "maxLength": 200 }, "kind": { "enum": ["lamp", "door"] }, "levels": { "type": "array", "items": { "type": "integer" } } }, "required": ["name"] }
    """);
var (json, ofSchema) = (greedy with { Constraint = TextConstraint.Json }, greedy with { Constraint = TextConstraint.ForJsonSchema(schema.RootElement) });
List<(string Name, GenerationOptions Options)> rows =
[
    ("greedy", greedy),
    ("repetition penalty 1.1", greedy with { RepetitionPenalty = 1.1f }),
    ("temperature 0.8", greedy with { Temperature = 0.8f }),
    ("temperature 0.8, top-k 50, top-p 0.9", greedy with { Temperature = 0.8f, TopK = 50, TopP = 0.9f }),
    ("temperature 0.8, top-p 0.9", greedy with { Temperature = 0.8f, TopP = 0.9f }),
    ("stop strings", greedy with { StopStrings = ["</s>", "\u0001never\u0001"] }),
];
if (model.HasTokenizer)
    rows.AddRange([
        ("JSON", json),
        ("JSON, temperature 0.8", json with { Temperature = 0.8f }),
        ($"JSON, temperature 0.8, {Anew}", json with { Temperature = 0.8f }),
        ("JSON Schema", ofSchema),
        ("JSON Schema, temperature 0.8", ofSchema with { Temperature = 0.8f }),
        ($"JSON Schema, temperature 0.8, {Anew}", ofSchema with { Temperature = 0.8f }),
    ]);
// A generator keeps what it found out about its last constraint.
var generators = rows.Select(_ => model.CreateGenerator()).ToArray();
var overhead = rows.Select(_ => new List<double>()).ToArray();
var bytes = rows.Select(_ => new List<double>()).ToArray();
var speed = rows.Select(_ => new List<double>()).ToArray();
for (var round = -1; round < Rounds; round++)
    for (var row = 0; row < rows.Count; row++)
    {
        if (rows[row].Name.EndsWith(Anew, StringComparison.Ordinal))
        {
            generators[row].Dispose();
            generators[row] = model.CreateGenerator();
        }
        var generator = generators[row];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var result = generator.Generate(prompt, rows[row].Options);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (round < 0)
            continue;
        overhead[row].Add((result.Duration - result.SessionDuration).TotalMicroseconds / result.Tokens.Count);
        bytes[row].Add((double)allocated / result.Tokens.Count);
        speed[row].Add((result.Tokens.Count - 1) / (result.Duration - result.TimeToFirstToken).TotalSeconds);
    }

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{model.Vocabulary} tokens in the vocabulary, {greedy.MaxTokens} generated, one thread, median of {Rounds} (lowest - highest) in turn; a timestamp is {1e9 / Stopwatch.Frequency:0} ns\n"));
Console.WriteLine("| sampling | µs a token beyond the run | bytes allocated a token | tokens a second |");
Console.WriteLine("|---|---|---|---|");
for (var row = 0; row < rows.Count; row++)
    Console.WriteLine($"| {rows[row].Name} | {Figures(overhead[row], "0.0")} | {Figures(bytes[row], "0")} | {Figures(speed[row], "0")} |");
foreach (var generator in generators)
    generator.Dispose();
return 0;

static string Figures(List<double> values, string format)
{
    values.Sort();
    string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    return $"{Text(values[values.Count / 2])} ({Text(values[0])} - {Text(values[^1])})";
}
