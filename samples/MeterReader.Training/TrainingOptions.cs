using System.Globalization;

namespace MeterReader.Training;

/// <summary>The command line.</summary>
/// <param name="OutputFolder">The sample that receives <c>models/</c> and <c>eval/</c>.</param>
/// <param name="Seed">Seed of the training renders and of libtorch.</param>
/// <param name="Renders">Size of the training pool.</param>
/// <param name="Epochs">Passes over the pool.</param>
/// <param name="BatchSize">Windows per step.</param>
/// <param name="LearningRate">Peak rate of Adam; it falls to zero along a cosine.</param>
/// <param name="BlockLasso">Weight of the group lasso over the 8×4 blocks of the dense layers.</param>
/// <param name="Threads">Threads of libtorch. More of them add up in another order, so the last bits of the weights differ.</param>
/// <param name="ContactSheet">Where to draw a picture of the three slices instead of training.</param>
/// <param name="Windows">Where to write windows of the training mix, without labels, instead of training.</param>
internal sealed record TrainingOptions(
    string OutputFolder = "",
    int Seed = 20260,
    int Renders = 80_000,
    int Epochs = 10,
    int BatchSize = 128,
    double LearningRate = 1.5e-3,
    double BlockLasso = 1e-4,
    int Threads = 1,
    string ContactSheet = "",
    string Windows = "")
{
    public const string Usage = """
        usage: MeterReader.Training --output <folder of samples/MeterReader> [--seed n] [--renders n] [--epochs n] [--batch n]
                                    [--learning-rate x] [--block-lasso x] [--threads n]
               MeterReader.Training --contact-sheet <file.png>
               MeterReader.Training --windows <file.u8> [--seed n] [--renders n]
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
                "--seed" => options with { Seed = Whole(value) },
                "--renders" => options with { Renders = Whole(value) },
                "--epochs" => options with { Epochs = Whole(value) },
                "--batch" => options with { BatchSize = Whole(value) },
                "--learning-rate" => options with { LearningRate = Real(value) },
                "--block-lasso" => options with { BlockLasso = Real(value) },
                "--threads" => options with { Threads = Whole(value) },
                "--contact-sheet" => options with { ContactSheet = value },
                "--windows" => options with { Windows = value },
                _ => throw new FormatException($"unknown option '{arguments[i]}'"),
            };
        }
        return options.OutputFolder.Length + options.ContactSheet.Length + options.Windows.Length > 0 ? options : throw new FormatException("--output is missing");
    }

    private static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Real(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
