namespace HomeAssistant;

/// <summary>The command line.</summary>
/// <param name="Demonstrate">Answer the fixed sentences instead of reading lines.</param>
/// <param name="Json">Print only what has to be equal on every device.</param>
internal sealed record AppOptions(bool Demonstrate, bool Json)
{
    public const string Usage = """
        usage: HomeAssistant [--demonstrate [--json]]
          without options it reads sentences, a line each, and answers them
          --demonstrate answer sentences with known answers; the exit code is 1 when one that must be right is not
          --json        print sentences and answers as JSON, to be compared with another device's
        """;

    /// <exception cref="FormatException">An unknown option, or one without the other.</exception>
    public static AppOptions Parse(string[] arguments)
    {
        var options = new AppOptions(false, false);
        foreach (var argument in arguments)
        {
            options = argument switch
            {
                "--demonstrate" => options with { Demonstrate = true },
                "--json" => options with { Json = true },
                _ => throw new FormatException($"unknown option '{argument}'"),
            };
        }
        return options.Json && !options.Demonstrate ? throw new FormatException("--json belongs to --demonstrate") : options;
    }
}
