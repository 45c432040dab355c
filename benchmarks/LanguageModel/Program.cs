// Language models as large as people run on devices, with random weights: what importing, compressing and planning them takes.
using System.CommandLine;
using System.Diagnostics;
using PruneBuild.Benchmarks.LanguageModel;
using PruneBuild.Benchmarks.LargeModel;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Targeting;

var size = new Argument<string>("shape") { Description = $"One of {string.Join(", ", Shape.Known.Select(shape => shape.Name))}." };
Shape Chosen(ParseResult parsed) => Shape.Known.Single(shape => shape.Name == parsed.GetValue(size));

var recipe = new Option<string>("--recipe")
{
    DefaultValueFactory = _ => """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5 }, "quantize": { "precision": "int4", "method": "rtn", "embeddings": "int8" } }""",
    Description = "JSON.",
};
var build = new Command("build", "Seconds and peak memory of every stage of a build, and what it ships.") { size, recipe };
build.SetAction(parsed =>
{
    var shape = Chosen(parsed);
    using var workshop = new Workshop(shape);
    var written = PeakMemory.Bytes();
    Console.WriteLine(FormattableString.Invariant($"{Cpu.Name()}, {Environment.ProcessorCount} cores; {shape.Name}: {shape.Parameters / 1e9:0.000} billion parameters; `{parsed.GetValue(recipe)}`; {written / 1e9:0.00} GB before the first stage"));
    Console.WriteLine("| stage | s | peak of the process, GB |");
    Console.WriteLine("|---|---|---|");
    var artifact = workshop.Build("built", parsed.GetValue(recipe)!, tell: true);
    Console.WriteLine(FormattableString.Invariant(
        $"{Directory.EnumerateFiles(workshop.Model).Sum(file => new FileInfo(file).Length) / 1e6:N0} MB of bf16 became {Directory.EnumerateFiles(artifact).Sum(file => new FileInfo(file).Length) / 1e6:N0} MB"));
});

var plan = new Command("plan", "Planning a model whose files are there and hold nothing.") { size };
plan.SetAction(parsed =>
{
    var shape = Chosen(parsed);
    var folder = Directory.CreateTempSubdirectory("prunebuild-language-");
    try
    {
        SyntheticCheckpoint.Write(shape, folder.FullName, isEmpty: true);
        var (before, clock) = (BytesRead(), Stopwatch.StartNew());
        var device = DeviceCatalogue.FindToPlan("linux-arm64", null);
        var planned = ModelFolder.WithOutline(folder.FullName, outline => ModelPlan.Of(outline, device, new ModelPlanOptions { Pattern = ZeroPattern.Parse("8x4"), Sparsity = 0.5 }));
        Console.WriteLine(FormattableString.Invariant(
            $"{shape.Name}: {shape.Parameters / 1e9:0.00} billion parameters in {folder.EnumerateFiles().Sum(file => file.Length) / 1e9:0.0} GB of files, {planned.Layers.Count} layers planned for {device.Id} in {clock.Elapsed.TotalSeconds:0.00} s, {(BytesRead() - before) / 1e6:0.0} MB read, peak {PeakMemory.Bytes() / 1e6:0} MB"));
    }
    finally
    {
        folder.Delete(recursive: true);
    }
});

var cores = new Option<int[]>("--threads", "-t") { DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 7 };
var prompt = new Option<int>("--prompt") { DefaultValueFactory = _ => 128, Description = "Tokens before the first that is written." };
var decode = new Command("decode", "Speed of writing: 8x4 blocks of int4 at 50 % against dense int4 from the same pipeline, in turn.") { size, cores, rounds, prompt };
decode.SetAction(parsed =>
{
    var shape = Chosen(parsed);
    using var workshop = new Workshop(shape);
    Console.WriteLine(FormattableString.Invariant($"{Cpu.Name()}, {Environment.ProcessorCount} cores; {shape.Name}: {shape.Parameters / 1e9:0.000} billion random parameters; `decode {shape.Name}`"));
    const string Quantized = """
        "quantize": { "precision": "int4", "method": "rtn", "embeddings": "int8"
        """;
    (string Name, string Recipe)[] recipes =
    [
        ("dense int4, groups of 32", $$"""{ "version": 1, {{Quantized}} } }"""),
        ("the same, PruneBuild's attention", $$"""{ "version": 1, "attention": "prunebuild", {{Quantized}} } }"""),
        ("dense int4, groups of 128, PruneBuild's attention", $$"""{ "version": 1, "attention": "prunebuild", {{Quantized}}, "group": 128 } }"""),
        ("8x4 at 50 %, int4", $$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5 }, {{Quantized}} } }"""),
    ];
    var artifacts = recipes.Select((recipe, index) => (recipe.Name, Folder: workshop.Build($"artifact{index}", recipe.Recipe, tell: false))).ToList();
    foreach (var count in parsed.GetValue(cores)!)
    {
        using var race = new DecodeRace(count, parsed.GetValue(prompt));
        foreach (var (name, folder) in artifacts)
            race.Add(name, folder);
        race.Run(parsed.GetValue(rounds));
        race.Print();
    }
});

var attention = new Command("attention", "One operator that attends over a cache, ONNX Runtime's and PruneBuild's in turn.") { cores };
attention.SetAction(parsed =>
{
    Console.WriteLine($"{Cpu.Name()}, {Environment.ProcessorCount} cores; medians");
    Console.WriteLine("| heads / of keys x size | cached | new | threads | ONNX Runtime, µs | PruneBuild, µs | × |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    foreach (var shape in AttentionRace.Shapes)
    {
        foreach (var count in parsed.GetValue(cores)!)
        {
            using var race = new AttentionRace(shape, count);
            Console.WriteLine(race.Run());
        }
    }
});

return new RootCommand("Language models of real sizes.") { build, plan, decode, attention }.Parse(args).Invoke();

static long BytesRead() => long.Parse(File.ReadLines("/proc/self/io").First(line => line.StartsWith("rchar:", StringComparison.Ordinal)).Split(' ')[1]);
