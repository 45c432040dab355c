using System.CommandLine;
using PruneBuild.Diagnostics;

namespace PruneBuild.Worker;

/// <summary>The harness that a command works on.</summary>
internal static class HarnessOption
{
    public static Argument<FileInfo> Argument() => new("harness") { Description = "The harness file." };

    public static Option<FileInfo> Create() => new("--harness")
    {
        Description = "The harness file; harness.json in the current folder without it.",
        DefaultValueFactory = _ => new FileInfo("harness.json"),
    };

    /// <summary>Full path of a harness that is there.</summary>
    /// <exception cref="PruneBuildException">PB1012.</exception>
    public static string Existing(FileInfo harness) =>
        harness.Exists ? harness.FullName : throw new PruneBuildException("PB1012", harness.FullName, "harness", "the file does not exist");

    /// <summary>The current day.</summary>
    public static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
}
