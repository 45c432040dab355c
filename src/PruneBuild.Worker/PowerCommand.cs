using System.CommandLine;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild power HARNESS</c>: how many cases every floor needs, and what the cases there are can show.</summary>
internal static class PowerCommand
{
    public static Command Create()
    {
        var harness = HarnessOption.Argument();
        var drop = Fraction("--drop", "The true drop that shall be told from none.", 0.02);
        var power = Fraction("--power", "The share of runs in which a floor shall decide.", 0.8);
        var discordance = Fraction("--discordance", "Share of cases that parent and candidate are assumed to answer differently.", 0.06);
        var parent = Fraction("--parent", "What the dense parent is assumed to score where no lock says it.", 0.9);
        var model = new Option<string?>("--model", "-m") { Description = "The dense parent, for a harness of texts with contextLengths: its tokenizer counts the tokens of prompts." };
        var command = new Command("power", "Shows how many cases every floor needs, how many there are, and the smallest drop they can show.")
        {
            harness, drop, power, discordance, parent, model,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            double Value(Option<double> option, double least)
            {
                var value = parsed.GetValue(option);
                return value > least && value < 1 ? value : throw new PruneBuildException("PB1012", value, option.Name, $"more than {least} and less than 1 is expected");
            }
            var loaded = Harness.Load(HarnessOption.Existing(parsed.GetValue(harness)!));
            var counted = parsed.GetValue(model);
            if (counted is null && loaded is { Kind: TaskKind.Generation, Settings.ContextLengths: not null })
                throw new PruneBuildException("PB1012", "", model.Name, "the model whose tokenizer counts prompts is expected, since the harness has contextLengths");
            var cases = CaseSet.Load(loaded, counted is null ? null : PromptTokens.Of(counted));
            var lockPath = HarnessLock.PathOf(loaded.File);
            var locked = File.Exists(lockPath) ? HarnessLock.Load(lockPath) : null;
            var assumptions = new PowerAssumptions(
                Value(drop, 0), Value(power, 0.5), Value(discordance, 0), (dimension, slice) => Locked(locked, dimension, slice), Value(parent, 0));
            parsed.InvocationConfiguration.Output.Write(PowerTable.Write(FloorPower.Of(loaded, cases, assumptions), assumptions));
        }));
        return command;
    }

    /// <summary>The discordance of what compares with the parent is limited by the parent's accuracy.</summary>
    private static double? Locked(HarnessLock? locked, string dimension, string slice)
    {
        var scores = locked?.Parent.FirstOrDefault(one => one.Slice == slice)?.Scores;
        if (scores is null) return null;
        return scores.TryGetValue(dimension, out var value) || scores.TryGetValue(Dimension.Accuracy.Name, out value) ? value : null;
    }

    private static Option<double> Fraction(string name, string description, double value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
