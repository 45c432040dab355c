namespace MeterReader;

/// <summary>The command line.</summary>
/// <param name="Image">A PGM strip to read instead of the rendered meters; empty when none.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="SaveFolder">Where to write the rendered meters as PGM files; empty when nowhere.</param>
/// <param name="Replay">A recording of <c>prunebuild record</c> to answer on this device instead; empty when none.</param>
/// <param name="Answers">Where those answers go.</param>
internal sealed record AppOptions(string Image = "", bool Json = false, string SaveFolder = "", string Replay = "", string Answers = "")
{
    public const string Usage = """
        usage: MeterReader [--image strip.pgm] [--json] [--save folder]
               MeterReader --replay recording --answers file
          --image  read the digit windows of an 8-bit PGM image, 32 pixels high and 24 per digit
          --json   print the readings as JSON that is the same on every device
          --save   write the rendered meters as PGM images into a folder
          --replay answer the cases of 'prunebuild record' on this device, for 'prunebuild compare'
        """;

    /// <exception cref="FormatException">An unknown option, or one without its value.</exception>
    public static AppOptions Parse(string[] arguments)
    {
        var options = new AppOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--json" => options with { Json = true },
                "--image" => options with { Image = Value(arguments, ++i) },
                "--save" => options with { SaveFolder = Value(arguments, ++i) },
                "--replay" => options with { Replay = Value(arguments, ++i) },
                "--answers" => options with { Answers = Value(arguments, ++i) },
                _ => throw new FormatException($"unknown option '{arguments[i]}'"),
            };
        }
        return (options.Replay.Length > 0) == (options.Answers.Length > 0) ? options : throw new FormatException("--replay and --answers belong together");
    }

    private static string Value(string[] arguments, int index) =>
        index < arguments.Length ? arguments[index] : throw new FormatException($"{arguments[index - 1]} needs a value");
}
