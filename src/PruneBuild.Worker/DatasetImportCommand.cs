using System.CommandLine;
using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild dataset import FILE --to CASES --format csv|jsonl|raw</c>: makes a case file of another file.</summary>
internal static class DatasetImportCommand
{
    public static Command Create()
    {
        var source = new Argument<FileInfo>("file") { Description = "The file to read." };
        var target = new Option<FileInfo>("--to") { Description = "The JSONL case file to write.", Required = true };
        var format = new Option<string>("--format") { Description = "csv, jsonl, or raw for .npy, .u8 and .f32.", Required = true };
        format.AcceptOnlyFromAmong("csv", "jsonl", "raw");
        var id = new Option<string?>("--id") { Description = "Column of the id; the file's name and the number of the row without it." };
        var label = new Option<string?>("--label") { Description = "Column of the label." };
        var input = new Option<string>("--input") { Description = "Column of the input, or several separated by commas for a list of numbers.", DefaultValueFactory = _ => "input" };
        var slice = new Option<string?>("--slice") { Description = "Column of the slice, or =NAME for the same slice for all; common without it." };
        var labels = new Option<FileInfo?>("--labels") { Description = "raw: label file, one byte a case or .i32." };
        var shape = new Option<string?>("--shape") { Description = "raw: dimensions of one case, such as 32,24,1; .npy files say it themselves." };
        var replace = new Option<bool>("--replace") { Description = "Replaces the case file that is there." };
        var command = new Command("import", "Makes a case file of separated values, JSON lines or tensors.")
        {
            source, target, format, id, label, input, slice, labels, shape, replace,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            var (from, to) = (parsed.GetValue(source)!.FullName, parsed.GetValue(target)!.FullName);
            if (File.Exists(to) && !parsed.GetValue(replace))
                throw new PruneBuildException("PB1012", to, target.Name, "the file is there already; --replace overwrites it");
            var sliceName = parsed.GetValue(slice);
            var fixedSlice = sliceName is null ? "common" : sliceName.StartsWith('=') ? sliceName[1..] : null;
            var mapping = new ImportMapping(parsed.GetValue(input)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                Id = parsed.GetValue(id),
                Label = parsed.GetValue(label),
                Slice = fixedSlice is null ? sliceName : null,
                DefaultSlice = fixedSlice ?? "common",
            };
            if (mapping.Input.Count == 0)
                throw new PruneBuildException("PB1012", parsed.GetValue(input), input.Name, "the name of a column is expected");
            var count = parsed.GetValue(format) switch
            {
                "csv" => CaseImport.Csv(from, to, mapping),
                "jsonl" => CaseImport.Jsonl(from, to, mapping),
                _ => CaseImport.Tensors(from, to, parsed.GetValue(labels)?.FullName, Shape(parsed.GetValue(shape)), mapping.DefaultSlice),
            };
            parsed.InvocationConfiguration.Output.WriteLine($"{count} cases in {Path.GetFileName(to)}");
        }));
        return command;
    }

    private static int[]? Shape(string? text) => text is null ? null : [.. text.Split(',').Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var dimension) && dimension > 0
            ? dimension
            : throw new PruneBuildException("PB1012", text, "--shape", "whole numbers above 0 are expected, such as 32,24,1"))];
}
