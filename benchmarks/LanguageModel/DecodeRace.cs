using PruneBuild.Runtime.Text;

namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>Artifacts of one model that write in turn.</summary>
internal sealed class DecodeRace(int threads, int promptTokens) : IDisposable
{
    private const int Written = 24;

    private readonly List<Entrant> entrants = [];

    public void Add(string name, string artifact)
    {
        var model = Runtime.Text.LanguageModel.Load(artifact, new LanguageModelOptions { AllowUngated = true, Threads = threads });
        entrants.Add(new Entrant(name, new DirectoryInfo(artifact).EnumerateFiles().Sum(file => file.Length), model, model.CreateGenerator(), new LinearOperators(Path.Combine(artifact, "model.onnx"), threads)));
    }

    public void Run(int rounds)
    {
        var options = new GenerationOptions { MaxTokens = Written, IgnoreEndTokens = true, ReuseCache = false, Seed = 1 };
        int[] prompt = [.. Enumerable.Range(0, promptTokens).Select(index => 3 + (index * 7 % 500))];
        for (var round = -1; round < rounds; round++)
        {
            foreach (var entrant in entrants)
            {
                var result = entrant.Generator.Generate(prompt, options);
                var alone = entrant.Linear.Milliseconds(Written);
                if (round < 0)
                    continue;
                entrant.FirstToken.Add(result.TimeToFirstToken.TotalMilliseconds);
                entrant.Token.Add((result.Duration - result.TimeToFirstToken).TotalMilliseconds / (result.Tokens.Count - 1));
                entrant.Overhead.Add((result.Duration - result.SessionDuration).TotalMicroseconds / result.Tokens.Count);
                entrant.Alone.Add(alone);
            }
        }
    }

    public void Print()
    {
        Console.WriteLine($"\n{threads} thread(s), {entrants[0].Token.Count} rounds in turn, medians; {Written} tokens after a prompt of {promptTokens}; ratios are medians of the rounds' ratios.\n");
        Console.WriteLine("| artifact | MB | ms a token | tokens a second | × dense int4 | its linear operators alone, ms | of the token | first token, ms | µs a token beyond the session |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var rival = entrants[0];
        foreach (var one in entrants)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"| {one.Name} | {one.Bytes / 1e6:0.0} | {Median(one.Token):0.00} | {1000 / Median(one.Token):0.0} | {Median(rival.Token.Zip(one.Token, (theirs, mine) => theirs / mine)):0.00} | {Median(one.Alone):0.00} | {Median(one.Alone.Zip(one.Token, (alone, all) => alone / all)) * 100:0} % | {Median(one.FirstToken):0} | {Median(one.Overhead):0.0} |"));
        }
    }

    public void Dispose()
    {
        foreach (var entrant in entrants)
        {
            entrant.Generator.Dispose();
            entrant.Model.Dispose();
            entrant.Linear.Dispose();
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private sealed record Entrant(string Name, long Bytes, Runtime.Text.LanguageModel Model, TextGenerator Generator, LinearOperators Linear)
    {
        public List<double> FirstToken { get; } = [];
        public List<double> Token { get; } = [];
        public List<double> Overhead { get; } = [];
        public List<double> Alone { get; } = [];
    }
}
