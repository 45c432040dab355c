using System.Globalization;

namespace HomeAssistant.Training;

/// <summary>The command line.</summary>
/// <param name="OutputFolder">The sample that receives <c>models/</c> and <c>eval/</c>.</param>
/// <param name="Checkpoint">A file to go on from and to save to; empty for none.</param>
/// <param name="Seed">Of the first weights.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Rows">Rows of a step.</param>
/// <param name="LearningRate">Peak rate.</param>
/// <param name="Threads">Threads of libtorch. More of them add up in another order, so the last bits of the weights differ.</param>
/// <param name="Check">A folder in Hugging Face layout, or of an artifact, that is measured instead of training.</param>
/// <param name="Show">How many sentences of each slice to print instead of training.</param>
internal sealed record TrainingOptions(
    string OutputFolder = "",
    string Checkpoint = "",
    int Seed = 20261,
    int Steps = 6000,
    int Rows = 8,
    double LearningRate = 2.5e-3,
    int Threads = 1,
    string Check = "",
    int Show = 0)
{
    /// <summary>Tokens of a row: three examples or so.</summary>
    public const int RowLength = 128;

    public const string Usage = """
        usage: HomeAssistant.Training --output <folder of samples/HomeAssistant> [--checkpoint <file>] [--seed n] [--steps n] [--rows n]
                                      [--learning-rate x] [--threads n]
               HomeAssistant.Training --check <folder> [--threads n]
               HomeAssistant.Training --show n
        """;

    public static TrainingOptions Parse(string[] arguments)
    {
        if (arguments.Length % 2 != 0)
            throw new FormatException($"'{arguments[^1]}' has no value");
        var options = new TrainingOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--output" => options with { OutputFolder = value },
                "--checkpoint" => options with { Checkpoint = value },
                "--seed" => options with { Seed = Whole(value) },
                "--steps" => options with { Steps = Whole(value) },
                "--rows" => options with { Rows = Whole(value) },
                "--learning-rate" => options with { LearningRate = double.Parse(value, CultureInfo.InvariantCulture) },
                "--threads" => options with { Threads = Whole(value) },
                "--check" => options with { Check = value },
                "--show" => options with { Show = Whole(value) },
                _ => throw new FormatException($"unknown option '{arguments[i]}'"),
            };
        }
        return options.OutputFolder.Length > 0 || options.Check.Length > 0 || options.Show > 0 ? options : throw new FormatException("--output is missing");
    }

    private static int Whole(string value) => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
}
