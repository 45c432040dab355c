using System.Buffers.Binary;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Windows of token ids as batches of a language model's inputs.</summary>
internal static class TokenBatches
{
    /// <summary>Windows of a batch. Batches go to fit and hold-out in turn, so there should be many.</summary>
    private const int BatchSize = 4;

    /// <exception cref="Diagnostics.PruneBuildException">
    /// PB1033 at the recipe: the file holds no whole window, or half an id. PB3004: the model has no input for tokens, or one of which
    /// nobody knows what to put there; an id is outside the vocabulary.
    /// </exception>
    public static IEnumerable<CalibrationBatch> Read(OnnxModel model, TokenCalibration calibration)
    {
        var inputs = LanguageInputs.Of(model, calibration);
        var width = (int)calibration.Width;
        var length = new FileInfo(calibration.File).Length;
        var window = (long)width * calibration.Length;
        return length % width == 0 && length >= window
            ? Batches(calibration, inputs, width, (int)Math.Min(length / window, calibration.Samples))
            : throw calibration.At.Error("PB1033", calibration.File, length, Math.Max(1, length / window), window);
    }

    private static IEnumerable<CalibrationBatch> Batches(TokenCalibration calibration, LanguageInputs inputs, int width, int windows)
    {
        using var stream = File.OpenRead(calibration.File);
        var stored = new byte[width * calibration.Length];
        for (var first = 0; first < windows; first += BatchSize)
        {
            var count = Math.Min(BatchSize, windows - first);
            var tokens = new long[count * calibration.Length];
            for (var place = 0; place < tokens.Length; place += calibration.Length)
            {
                stream.ReadExactly(stored);
                for (var index = 0; index < calibration.Length; index++)
                    tokens[place + index] = Id(stored.AsSpan(index * width, width));
            }
            if (inputs.Vocabulary is { } vocabulary && Array.FindIndex(tokens, id => id < 0 || id >= vocabulary) is >= 0 and var wrong)
            {
                throw calibration.At.Error("PB3004", calibration.File, inputs.Tokens,
                    $"token {((long)first * calibration.Length) + wrong} is {tokens[wrong]}, the model knows 0 to {vocabulary - 1}");
            }
            yield return inputs.Batch(tokens, count, calibration.Length);
        }
    }

    private static long Id(ReadOnlySpan<byte> stored) =>
        stored.Length == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(stored) : BinaryPrimitives.ReadInt32LittleEndian(stored);
}
