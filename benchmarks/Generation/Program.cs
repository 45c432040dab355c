// What a token costs beyond ONNX Runtime's run: dotnet run -c Release --project benchmarks/Generation -- random | FOLDER
// Every row is generated in turn with the others, ROUNDS times; medians.
using System.Diagnostics;
using System.Globalization;
using PruneBuild.Benchmarks.Generation;
using PruneBuild.Runtime.Text;

const int Rounds = 9;
const int Tokens = 100;

if (args is not [var source])
{
    Console.Error.WriteLine("usage: random | FOLDER (a model in Hugging Face layout, or one with model.onnx)");
    return 2;
}

using var folder = BenchmarkModel.Make(source);
using var model = LanguageModel.Open(folder.Path, new() { Threads = 1 });
using var generator = model.CreateGenerator();
int[] prompt = [.. Enumerable.Range(0, 16).Select(index => 3 + (index * 7 % Math.Min(200, model.Vocabulary - 3)))];
var greedy = new GenerationOptions { MaxTokens = Math.Min(Tokens, model.ContextLength - prompt.Length), IgnoreEndTokens = true, ReuseCache = false, Seed = 1 };
(string Name, GenerationOptions Options)[] rows =
[
    ("greedy", greedy),
    ("repetition penalty 1.1", greedy with { RepetitionPenalty = 1.1f }),
    ("temperature 0.8", greedy with { Temperature = 0.8f }),
    ("temperature 0.8, top-k 50, top-p 0.9", greedy with { Temperature = 0.8f, TopK = 50, TopP = 0.9f }),
    ("temperature 0.8, top-p 0.9", greedy with { Temperature = 0.8f, TopP = 0.9f }),
    ("stop strings", greedy with { StopStrings = ["</s>", "\u0001never\u0001"] }),
];
var overhead = rows.Select(_ => new List<double>()).ToArray();
var bytes = rows.Select(_ => new List<double>()).ToArray();
var speed = rows.Select(_ => new List<double>()).ToArray();
for (var round = -1; round < Rounds; round++)
    for (var row = 0; row < rows.Length; row++)
    {
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
for (var row = 0; row < rows.Length; row++)
    Console.WriteLine($"| {rows[row].Name} | {Figures(overhead[row], "0.0")} | {Figures(bytes[row], "0")} | {Figures(speed[row], "0")} |");
return 0;

static string Figures(List<double> values, string format)
{
    values.Sort();
    string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    return $"{Text(values[values.Count / 2])} ({Text(values[0])} - {Text(values[^1])})";
}
