using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// A pinned judge, read from <c>judge.json</c>: the model, what it is asked, the answers that it may give. The temperature is 0 and the
/// seed fixed, so that the same case gets the same answer as far as the model allows.
/// </summary>
public sealed record JudgeSpec
{
    private const int CurrentVersion = 1;
    private const int MostLabels = 100;
    private const int MostRepeats = 100;

    /// <summary>Id of the model as its server knows it, or name of the ONNX file.</summary>
    public required string Model { get; init; }

    /// <summary>What makes an output good or bad, for the judge.</summary>
    public required string Rubric { get; init; }

    /// <summary>The answers, two or more with different names.</summary>
    public required IReadOnlyList<JudgeLabel> Labels { get; init; }

    /// <summary>Seed of the model's sampling.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Seconds after which an answer that is not there is an error.</summary>
    public double TimeoutSeconds { get; init; } = 60;

    /// <summary>How often each question is asked at the calibration; with 2 or more, the answers have to be the same often enough.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>What the judge must show before its scores count.</summary>
    public JudgeLimits Limits { get; init; } = new();

    /// <summary>
    /// Identity of the judge: SHA-256 of everything that may change an answer, also the fixed parts of the prompt. It belongs into the key
    /// of every stored score.
    /// </summary>
    public string Key => CanonicalJson.HashOf(new { Model, Rubric, Labels, Seed, JudgePrompt.Temperature, Prompt = JudgePrompt.Hash });

    /// <summary>Reads the file.</summary>
    /// <exception cref="PruneBuildException">PB1010 malformed JSON, PB1011 unknown key, PB1012 bad value, PB1013 missing key: each at its token.</exception>
    public static JudgeSpec Load(string path)
    {
        var file = Path.GetFullPath(path);
        var section = new JsonSection(LocatedJson.Load(file), file);
        section.AllowOnly("$schema", "version", "model", "rubric", "labels", "seed", "timeoutSeconds", "repeats", "limits");
        section.WholeNumber("version", CurrentVersion, CurrentVersion);
        JudgeLabel[] labels = [.. section.Sections("labels").Select(Label)];
        if (labels.Length is < 2 or > MostLabels || labels.DistinctBy(label => label.Name, StringComparer.OrdinalIgnoreCase).Count() < labels.Length)
            throw section.Invalid("labels", "two labels or more with different names are expected");
        var spec = new JudgeSpec { Model = section.Text("model"), Rubric = section.Text("rubric"), Labels = labels };
        return spec with
        {
            Seed = section.Has("seed") ? section.WholeNumber("seed", 0, int.MaxValue) : spec.Seed,
            TimeoutSeconds = section.Has("timeoutSeconds") ? section.Number("timeoutSeconds", 0.001, 3600) : spec.TimeoutSeconds,
            Repeats = section.Has("repeats") ? section.WholeNumber("repeats", 1, MostRepeats) : spec.Repeats,
            Limits = section.Has("limits") ? JudgeLimits.Parse(section.Section("limits")) : spec.Limits,
        };
    }

    /// <summary>The label of a name; null when it is none.</summary>
    public JudgeLabel? Find(string name) => Labels.FirstOrDefault(label => label.Name == name);

    private static JudgeLabel Label(JsonSection entry)
    {
        entry.AllowOnly("label", "score");
        var name = entry.Text("label");
        return SliceName.IsValid(name) ? new JudgeLabel(name, entry.Number("score", 0, 1)) : throw entry.Invalid("label", "one word is expected, such as pass");
    }
}
