using System.CommandLine;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild dataset lint|hash|bump|import</c>: what to do with cases before a model is judged by them.</summary>
internal static class DatasetCommand
{
    public static Command Create() => new("dataset", "Checks, versions and imports the cases of a harness.") { Lint(), Hash(), Bump(), DatasetImportCommand.Create() };

    private static Command Lint()
    {
        var path = PathArgument();
        var strict = new Option<bool>("--strict") { Description = "Warnings fail as well." };
        var command = new Command("lint", "Lists everything that makes scores wrong or weak, the worst first.") { path, strict };
        command.SetAction(parsed =>
        {
            var exitCode = ExitCodes.Success;
            var failed = CommandFailure.Catch(parsed, () =>
            {
                var findings = DatasetLint.Of(Load(parsed.GetValue(path)!));
                Print(findings, parsed.InvocationConfiguration.Output);
                if (findings.Errors > 0 || (parsed.GetValue(strict) && findings.Warnings > 0)) exitCode = ExitCodes.Findings;
            });
            return failed == ExitCodes.Success ? exitCode : failed;
        });
        return command;
    }

    private static Command Hash()
    {
        var path = PathArgument();
        var command = new Command("hash", "Prints the hash of all cases; white space and order do not move it.") { path };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var content = DatasetHash.Of(Load(parsed.GetValue(path)!));
            parsed.InvocationConfiguration.Output.WriteLine(content.Hash);
            foreach (var (split, cases) in content.Cases)
                parsed.InvocationConfiguration.Output.WriteLine($"  {split}: {cases} cases");
        }));
        return command;
    }

    private static Command Bump()
    {
        var path = PathArgument();
        var step = new Option<VersionStep?>("--step") { Description = "patch, minor or major; the least that the change allows without it." };
        var command = new Command("bump", "Moves the version of a dataset to its content and records the hash of that.") { path, step };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var (before, after, changed) = DatasetBump.Apply(Manifest(parsed.GetValue(path)!), parsed.GetValue(step));
            parsed.InvocationConfiguration.Output.WriteLine(
                !changed ? $"{before}: nothing changed" : before == after ? $"{after}: recorded" : $"{before} -> {after}");
        }));
        return command;
    }

    private static Argument<string> PathArgument() => new("path") { Description = "A dataset.json, its folder, or for lint and hash a JSONL file." };

    private static Dataset Load(string path) =>
        path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) && File.Exists(path) ? Dataset.OfFile(path) : Dataset.Load(Manifest(path));

    /// <exception cref="PruneBuildException">PB1012.</exception>
    private static string Manifest(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, Dataset.FileName) : path;
        return File.Exists(file) ? Path.GetFullPath(file) : throw new PruneBuildException("PB1012", file, "path", "the file does not exist");
    }

    private static void Print(Findings findings, TextWriter output)
    {
        foreach (var finding in findings.Kept)
            output.WriteLine(finding);
        foreach (var (code, count) in findings.NotKept)
            output.WriteLine($"{count} more {code}");
        output.WriteLine($"{findings.Errors} errors, {findings.Warnings} warnings");
    }
}
