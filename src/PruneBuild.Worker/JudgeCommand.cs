using System.CommandLine;
using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild judge calibrate HARNESS</c>: asks judges about what people labelled, and writes down what they are worth.</summary>
internal static class JudgeCommand
{
    public static Command Create()
    {
        var harness = HarnessOption.Argument();
        var name = new Option<string?>("--judge", "-j") { Description = "The judge's name in the harness; all of them without it." };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var calibrate = new Command("calibrate", "Asks the judges of a harness about the texts that people labelled, and writes their calibrations.") { harness, name, natives };
        calibrate.SetAction((parsed, cancellation) => Task.FromResult(CommandFailure.Catch(parsed, () =>
        {
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            foreach (var judge in Named(Harness.Load(HarnessOption.Existing(parsed.GetValue(harness)!)), parsed.GetValue(name)))
                Print(judge, Calibrate(judge, cancellation), parsed.InvocationConfiguration.Output);
        })));
        return new Command("judge", "What judges are worth.") { calibrate };
    }

    private static IReadOnlyList<HarnessJudge> Named(Harness harness, string? name)
    {
        IReadOnlyList<HarnessJudge> judges = [.. harness.Judges.Where(judge => name is null || judge.Name == name)];
        return judges.Count > 0 ? judges : throw new PruneBuildException("PB1012", name ?? "", "judge", $"the harness has: {string.Join(", ", harness.Judges.Select(judge => judge.Name))}").At(harness.File);
    }

    private static JudgeCalibration Calibrate(HarnessJudge judge, CancellationToken cancellation)
    {
        using var opened = new OpenJudge(judge);
        var calibration = JudgeEvaluation.CalibrateAsync(judge, () => opened.Judge, HarnessOption.Today, cancellation).GetAwaiter().GetResult();
        calibration.Save(judge.CalibrationPath);
        return calibration;
    }

    private static void Print(HarnessJudge judge, JudgeCalibration calibration, TextWriter output)
    {
        output.WriteLine($"calibrated {judge.Name} on {calibration.Date}");
        foreach (var (role, name) in ((RoleCalibration?, string)[])[(calibration.Parent, "parent"), (calibration.Pruned, "pruned")])
        {
            if (role is not null)
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {name}: n={role.Cases}, kappa {role.Kappa:F3} ({role.KappaLower:F3} to {role.KappaUpper:F3}), agreement {role.Agreement:F3}, bias {role.Bias:+0.000;-0.000;0.000}"));
        }
        if (calibration.Consistency is { } consistency)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  asked again: {consistency:P1} equal answers"));
        foreach (var fault in calibration.Check(judge.Pin, judge.Spec.Limits, HarnessOption.Today))
            output.WriteLine($"  {fault.Code}: {fault.Message}");
    }
}
