using System.CommandLine;
using PruneBuild.Benchmarks.Kernels;
using PruneBuild.Runtime;

var inputs = new Option<int>("--inputs", "-k") { DefaultValueFactory = _ => 2048, Description = "Inputs of the layer (K).", Recursive = true };
var outputs = new Option<int>("--outputs", "-n") { DefaultValueFactory = _ => 2048, Description = "Outputs of the layer (N).", Recursive = true };
var seconds = new Option<double>("--seconds", "-s") { DefaultValueFactory = _ => 20, Description = "Seconds to measure in all.", Recursive = true };
var rows = new Option<int>("--rows", "-m") { DefaultValueFactory = _ => 1, Description = "Rows of activations (M)." };
var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => 1, Description = "Threads of every session." };
var sparsities = new Option<double[]>("--sparsity") { DefaultValueFactory = _ => [0.5, 0.8, 0.9], AllowMultipleArgumentsPerToken = true, Description = "Fractions of zeros of the format's pattern; N:M formats have their own." };
var formats = new Option<string[]>("--formats") { DefaultValueFactory = _ => [.. PackedFormats.All.Where(format => format.IsExecutable).Select(format => format.Name)], AllowMultipleArgumentsPerToken = true, Description = "Packed formats; all that run unless given." };
var flush = new Option<int>("--flush") { DefaultValueFactory = _ => 0, Description = "MiB to touch before each run, to push weights out of the caches; also prints the share of the read bandwidth." };
var goals = new Command("goals", "Measures every speed-up the kernels were built for.");
goals.SetAction(parsed => Goal.Run(parsed.GetValue(inputs), parsed.GetValue(outputs), parsed.GetValue(seconds), Console.Out));
var command = new RootCommand("Times sparse kernels against ONNX Runtime's dense ones: one process, one layer a session, interleaved, medians.")
{
    inputs, outputs, rows, threads, seconds, sparsities, formats, flush, goals,
};
command.SetAction(parsed =>
{
    var layer = new Layer(parsed.GetValue(inputs), parsed.GetValue(outputs), parsed.GetValue(rows), parsed.GetValue(threads), parsed.GetValue(flush) > 0 ? 4 : 1);
    using var comparison = new Comparison(layer);
    foreach (var format in parsed.GetValue(formats)!.Select(name => PackedFormats.Find(name) ?? throw new ArgumentException($"There is no format '{name}'.")))
    {
        foreach (var sparsity in FixedSparsity(format) is { } only ? [only] : parsed.GetValue(sparsities)!)
            comparison.Add(format, sparsity);
    }

    double? bandwidth = parsed.GetValue(flush) > 0 ? Bandwidth.Measure(layer.Threads) : null;
    if (bandwidth is { } rate)
        Console.WriteLine($"Read bandwidth of {layer.Threads} thread(s): {rate / 1e9:0.0} GB/s.\n");
    comparison.Measure(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(flush));
    Console.Write(comparison.ToMarkdown($"dotnet run -c Release --project benchmarks/Kernels -- {string.Join(' ', args)}", bandwidth));
});
return command.Parse(args).Invoke();

static double? FixedSparsity(PackedFormat format) =>
    format.Pattern.Split(':') is [var n, var m] ? 1 - double.Parse(n) / double.Parse(m) : null;
