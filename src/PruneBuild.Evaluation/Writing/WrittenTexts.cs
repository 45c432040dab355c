using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace PruneBuild.Evaluation;

/// <summary>What a model wrote, a text a case in their order. Nothing in it depends on what is expected.</summary>
/// <param name="Texts">The texts.</param>
public sealed record WrittenTexts(IReadOnlyList<WrittenText> Texts)
{
    private static readonly JsonSerializerSettings Settings = new() { Converters = { new StringEnumConverter() }, DateParseHandling = DateParseHandling.None, StringEscapeHandling = StringEscapeHandling.EscapeNonAscii };

    /// <summary>Lets a model answer every case of a harness, one after the other.</summary>
    /// <param name="model">The model.</param>
    /// <param name="harness">A harness of texts.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Diagnostics.PruneBuildException">As <see cref="ITextGenerator.Write"/>.</exception>
    public static WrittenTexts Of(ITextGenerator model, Harness harness, CaseSet cases, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        var settings = harness.Settings.Writing ?? throw new ArgumentException("the task is not to write", nameof(harness));
        var texts = new WrittenText[cases.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            texts[i] = model.Write(cases.Id(i), cases.Tasks[i].Writing!.Prompt, settings, cancellation);
            progress?.Report(new EvaluationProgress(i + 1, texts.Length));
        }
        return new WrittenTexts(texts);
    }

    /// <summary>Keeps the texts for a later build: their hash, then one a line. The file is replaced as a whole.</summary>
    public void Save(string path)
    {
        var lines = string.Concat(Texts.Select(text => JsonConvert.SerializeObject(text, Settings) + "\n"));
        var unfinished = $"{path}.tmp";
        File.WriteAllText(unfinished, $"{Hash(lines)}\n{lines}");
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Texts that were saved; null when the file is missing or damaged.</summary>
    public static WrittenTexts? Load(string path)
    {
        if (!File.Exists(path)) return null;
        var stored = File.ReadAllText(path);
        var end = stored.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || stored[..end] != Hash(stored[(end + 1)..])) return null;
        return new WrittenTexts([.. stored[(end + 1)..].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonConvert.DeserializeObject<WrittenText>(line, Settings)!)]);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
