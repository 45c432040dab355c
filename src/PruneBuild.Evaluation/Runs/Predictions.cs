using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>What a classifier answered for every case of a <see cref="CaseSet"/>.</summary>
public sealed class Predictions
{
    /// <summary>In <see cref="Classes"/>: the model's output held NaN or infinity, so there is no answer.</summary>
    public const int NotFinite = -1;

    private const int SchemaVersion = 1;

    /// <param name="classes">The predicted class of every case, or <see cref="NotFinite"/>.</param>
    /// <param name="margins">The largest minus the second largest output of every case, in the output's own unit; 0 without an answer.</param>
    public Predictions(IReadOnlyList<int> classes, IReadOnlyList<float> margins)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(margins);
        if (classes.Count != margins.Count) throw new ArgumentException("one margin a class is expected", nameof(margins));
        (Classes, Margins) = (classes, margins);
    }

    /// <summary>The predicted class of every case, or <see cref="NotFinite"/>.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>How clear each answer was.</summary>
    public IReadOnlyList<float> Margins { get; }

    /// <summary>Number of cases.</summary>
    public int Count => Classes.Count;

    /// <summary>Number of cases without an answer.</summary>
    public int Errors => Classes.Count(answer => answer == NotFinite);

    /// <summary>Keeps the predictions for a later build. The file is replaced as a whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What they depend on: model, cases, runtime, threads, batch size.</param>
    public void Save(string path, string key) =>
        AtomicFile.WriteText(path, JsonConvert.SerializeObject(new Stored(SchemaVersion, key, [.. Classes], [.. Margins])) + "\n");

    /// <summary>Predictions saved under the same key; null when the file is missing, damaged, of another version or of another key.</summary>
    public static Predictions? Load(string path, string key)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var stored = JsonConvert.DeserializeObject<Stored>(File.ReadAllText(path));
            return stored is { SchemaVersion: SchemaVersion, Classes: { } classes, Margins: { } margins }
                && stored.Key == key && classes.Length == margins.Length
                ? new Predictions(classes, margins)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Stored(int SchemaVersion, string Key, int[]? Classes, float[]? Margins);
}
