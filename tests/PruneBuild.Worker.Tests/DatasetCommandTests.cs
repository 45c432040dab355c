using System.Diagnostics;

namespace PruneBuild.Worker.Tests;

/// <summary>The commands around a dataset: import, bump, lint, hash.</summary>
public sealed class DatasetCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prunebuild-dataset-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_dataset_is_imported_recorded_linted_and_changed()
    {
        Write("in.csv", "key,text,class\na,first text,0\nb,second text,1\n");
        Write("dataset.json", """{ "name": "made", "version": "1.0.0", "splits": { "gate": ["cases/*.jsonl"] }, "lint": { "minSlice": 2 } }""");
        var imported = Run("import", Path("in.csv"), "--to", Path("cases/x.jsonl"), "--format", "csv", "--id", "key", "--input", "text", "--label", "class", "--slice", "=common");
        Assert.True(imported.ExitCode == 0, imported.Error);
        Assert.Equal("2 cases in x.jsonl\n", imported.Output);

        Assert.Contains("error PB1053: ", Run("lint", _folder).Output, StringComparison.Ordinal);
        Assert.Equal("1.0.0: recorded\n", Run("bump", _folder).Output);
        var good = Run("lint", _folder);
        Assert.Equal((0, "0 errors, 0 warnings\n"), (good.ExitCode, good.Output));

        File.AppendAllText(Path("cases/x.jsonl"), """{"id":"c","slice":"common","input":"First  text.","label":0}""" + "\n");
        Assert.Equal("1.0.0 -> 1.1.0\n", Run("bump", _folder).Output);
        Assert.Equal("1.1.0: nothing changed\n", Run("bump", _folder).Output);
        Assert.Equal(0, Run("lint", _folder).ExitCode);
        var strict = Run("lint", _folder, "--strict");
        Assert.Equal(2, strict.ExitCode);
        Assert.Equal($"{Path("cases/x.jsonl")}(3,7): warning PB1055: Case 'c' says the same as case 'a' at x.jsonl(1,7).\n0 errors, 1 warnings\n", strict.Output);
    }

    [Fact]
    public void A_single_file_is_linted_and_hashed()
    {
        Write("c.jsonl", """{"id":"a","slice":"common","input":"x"}""");
        var lint = Run("lint", Path("c.jsonl"));
        Assert.Equal(2, lint.ExitCode);
        Assert.StartsWith($"{Path("c.jsonl")}(1,7): error PB1059: Case 'a' does not say what is right.\n", lint.Output, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{64}\n  gate: 1 cases\n$", Run("hash", Path("c.jsonl")).Output);
    }

    [Theory]
    [InlineData("PB1012", "lint", "absent.json")]
    [InlineData("PB1012", "import", "in.csv", "--to", "in.csv", "--format", "csv")]
    [InlineData("PB1012", "import", "in.csv", "--to", "new.jsonl", "--format", "raw", "--shape", "2,x")]
    [InlineData("PB1065", "import", "in.csv", "--to", "new.jsonl", "--format", "csv")]
    public void A_wrong_command_is_one_coded_line(string code, params string[] arguments)
    {
        Write("in.csv", "a,b\n1,2\n");
        var (exitCode, output, error) = Run([arguments[0], .. arguments[1..].Select(one => one.Contains('.', StringComparison.Ordinal) ? Path(one) : one)]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"error {code}: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path("new.jsonl")));
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(Path(name), text);

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Process.Start(WorkerProcess.StartInfo(["dataset", .. arguments]))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.ReplaceLineEndings("\n"), error.Result);
    }
}
