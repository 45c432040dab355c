using System.Globalization;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>A speed-up that a kernel is meant to reach against ONNX Runtime's best kernel of a precision.</summary>
internal sealed record Goal(string Format, double Sparsity, int Rows, int Threads, string Rival, double AtLeast)
{
    /// <summary>The figures the kernels were built for. M = 1 with weights out of the cache, M of 16 and more in it.</summary>
    public static IReadOnlyList<Goal> All { get; } =
    [
        new("2:4.float32", 0.5, 1, 1, "float32", 1.8),
        new("block8x1.float32", 0.8, 1, 1, "float32", 4.5),
        new("2:4.int8", 0.5, 1, 1, "int8", 1.65),
        new("4:16.int8", 0.75, 1, 1, "int8", 3.0),
        new("4:16.int8", 0.75, 1, 1, "int4", 2.3),
        new("block8x4.int8", 0.5, 1, 1, "int4", 1.4),
        new("block8x4.int8", 0.8, 1, 1, "int4", 3.2),
        new("block8x4.int4", 0.5, 1, 1, "int4", 1.8),
        new("block8x4.int4", 0.8, 1, 1, "int4", 4.0),
        new("4:16+overflow.int8", 0.9, 1, 1, "int8", 2.7),
        new("block8x4.int8", 0.5, 16, 1, "int8", 1.6),
        new("block8x4.int8", 0.8, 16, 1, "int8", 3.6),
        new("block8x4.int4", 0.5, 16, 1, "int4", 2.5),
        new("csr.float32", 0.7, 64, 1, "float32", 2.0),
        new("csr.float32", 0.8, 64, 1, "float32", 3.0),
        new("csr.float32", 0.9, 64, 1, "float32", 5.0),
        new("block8x4.int4", 0.5, 1, 2, "int4", 1.4),
    ];

    /// <summary>Measures every goal on one layer shape; goals of the same rows and threads share a run.</summary>
    public static void Run(int inputs, int outputs, double seconds, TextWriter text)
    {
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"K={inputs} N={outputs}, {seconds} s for each number of rows and threads; {Machine.Description}"));
        text.WriteLine();
        text.WriteLine("| kernel | sparsity | M | threads | against ONNX Runtime | goal | measured |");
        text.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var goals in All.GroupBy(goal => (goal.Rows, goal.Threads)))
        {
            using var comparison = new Comparison(new Layer(inputs, outputs, goals.Key.Rows, goals.Key.Threads, goals.Key.Rows == 1 ? 4 : 1));
            foreach (var (format, sparsity) in goals.Select(goal => (goal.Format, goal.Sparsity)).Distinct())
                comparison.Add(PackedFormats.Find(format)!, sparsity);
            comparison.Measure(TimeSpan.FromSeconds(seconds), goals.Key.Rows == 1 ? 96 : 0);
            foreach (var goal in goals)
            {
                var measured = comparison.SpeedUp(goal.Format, goal.Sparsity, goal.Rival);
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {goal.Format} | {goal.Sparsity * 100:0.#} % | {goal.Rows} | {goal.Threads} | {goal.Rival} | {goal.AtLeast:0.00} × | {measured:0.00} ×{(measured < goal.AtLeast ? " (missed)" : "")} |"));
            }
        }
    }
}
