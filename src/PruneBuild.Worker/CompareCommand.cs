using System.CommandLine;
using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild compare REFERENCE DEVICE</c>: one artifact on two machines, case by case.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var reference = new Argument<FileInfo>("reference") { Description = "The recording of the machine that the gate ran on." };
        var device = new Argument<FileInfo>("device") { Description = "The same cases, replayed on the device." };
        var limits = new PlatformLimits();
        var agreement = Limit("--agreement", "The least share of cases with the same answer.", limits.Agreement);
        var divergence = Limit("--divergence", "The largest mean divergence of the outputs, in nats.", limits.MeanDivergence);
        var flips = new Option<int?>("--right-to-wrong") { Description = "How many cases may be right on the reference alone; no limit without it." };
        var command = new Command("compare", "Compares what one artifact answers on two machines; differences beyond the limits are an error.")
        {
            reference, device, agreement, divergence, flips,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var allowed = new PlatformLimits(Checked(parsed, agreement, 1), Checked(parsed, divergence, double.MaxValue), parsed.GetValue(flips));
            var (here, there) = (CaseRecording.Load(parsed.GetValue(reference)!.FullName), CaseRecording.Load(parsed.GetValue(device)!.FullName));
            var difference = PlatformDifference.Of(here, there);
            Print(difference, here.Description, there.Description, parsed.InvocationConfiguration.Output);
            var beyond = allowed.Check(difference, there.Description.Machine);
            foreach (var one in beyond.SkipLast(1))
                parsed.InvocationConfiguration.Error.WriteLine(one);
            if (beyond.Count > 0)
                throw new PruneBuildException(beyond[^1]);
        }));
        return command;
    }

    private static double Checked(ParseResult parsed, Option<double> option, double most)
    {
        var value = parsed.GetValue(option);
        return value >= 0 && value <= most ? value : throw new PruneBuildException("PB1012", value, option.Name, "it is out of range");
    }

    private static void Print(PlatformDifference difference, CaseRecordingDescription here, CaseRecordingDescription there, TextWriter output)
    {
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine($"{here.Artifact} for {here.Rid}: {Machine(here)} against {Machine(there)}");
        output.WriteLine(string.Create(culture, $"  {difference.Cases} cases, {difference.Identical} with the same bits, {difference.Agreement:0.0000} answered alike"));
        output.WriteLine(string.Create(culture, $"  largest difference {difference.LargestDifference:g4}, relative error {difference.RelativeError:g4}, divergence mean {difference.MeanDivergence:g4}, largest {difference.WorstDivergence:g4} nats"));
        output.WriteLine($"  right to wrong {difference.RightToWrong}, wrong to right {difference.WrongToRight}, not finite {difference.NotFinite}");
        foreach (var one in difference.Worst)
        {
            output.WriteLine(string.Create(culture,
                $"  {one.Id} ({one.Slice}): {one.Reference} and {(one.IsFinite ? one.Other.ToString(culture) : "not finite")}, largest difference {one.LargestDifference:g4}, {one.Divergence:g4} nats"));
        }
    }

    private static string Machine(CaseRecordingDescription description) =>
        $"{description.Machine} ({description.KernelTier}, ONNX Runtime {description.OnnxRuntime}, {description.Threads} threads, batch {description.Batch})";

    private static Option<double> Limit(string name, string description, double value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
