using System.Globalization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Probing;

/// <summary>The other end of a <see cref="ChildProbe"/>: reads a job, then one order a line, does it, and answers with one line.</summary>
public static class ProbeServer
{
    internal const string LoadOrder = "load", RunOrder = "run", PeakOrder = "peak", FirstTokenOrder = "first-token", TokenOrder = "token", Done = "done", Failed = "failed";

    /// <summary>Serves until the orders end.</summary>
    /// <param name="open">What does the work of a job.</param>
    /// <param name="orders">The job, then the orders, one a line.</param>
    /// <param name="answers">One a line.</param>
    /// <exception cref="PruneBuildException">PB9005: there is no job.</exception>
    public static void Serve(Func<ProbeJob, IModelProbe> open, TextReader orders, TextWriter answers)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(orders);
        ArgumentNullException.ThrowIfNull(answers);
        using var probe = open(ProbeJob.Parse(orders.ReadLine()));
        while (orders.ReadLine() is { } order)
        {
            try
            {
                answers.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Done} {Number(probe, order.Split(' ')):R}"));
            }
            catch (PruneBuildException exception)
            {
                answers.WriteLine($"{Failed} {exception.Code} {exception.Diagnostic.Message.ReplaceLineEndings(" ")}");
            }
            answers.Flush();
        }
    }

    private static double Number(IModelProbe probe, string[] words) => words[0] switch
    {
        LoadOrder => probe.Load(),
        RunOrder => probe.Run(int.Parse(words[1], CultureInfo.InvariantCulture)),
        FirstTokenOrder => probe.FirstTokenSeconds(),
        TokenOrder => probe.TokenSeconds(),
        PeakOrder => probe.PeakResidentBytes() ?? double.NaN,
        _ => throw new PruneBuildException("PB9005", $"the order '{words[0]}'"),
    };
}
