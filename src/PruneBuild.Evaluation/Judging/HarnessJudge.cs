using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>What answers for a judge.</summary>
public enum JudgeKind
{
    /// <summary>A language model behind an endpoint that speaks OpenAI's chat protocol.</summary>
    Chat,

    /// <summary>An ONNX classifier.</summary>
    Classifier,
}

/// <summary>One entry of a harness's <c>judges</c>: a pinned judge, and the labels of people that it was calibrated by.</summary>
public sealed record HarnessJudge
{
    /// <summary>The key of a harness.</summary>
    internal const string Key = "judges";

    /// <summary>Before the name of a judge, as floors and dimensions name its scores.</summary>
    internal const string Prefix = "judge.";

    private const int HashDigits = 64;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What answers.</summary>
    public required JudgeKind Kind { get; init; }

    /// <summary>Whether it is shown the texts of parent and candidate together, in both orders, and says which is better.</summary>
    public bool Compares { get; init; }

    /// <summary>What it is asked, and what it may answer.</summary>
    public required JudgeSpec Spec { get; init; }

    /// <summary>The file of that.</summary>
    public required NamedFile SpecFile { get; init; }

    /// <summary>Where a chat judge is.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The environment variable that holds the key of the endpoint; null for an endpoint without one.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>The file of a classifier.</summary>
    public NamedFile? Model { get; init; }

    /// <summary>Its tokenizer; null for one that reads bytes.</summary>
    public NamedFile? Tokenizer { get; init; }

    /// <summary>People's labels.</summary>
    public required NamedFile Labels { get; init; }

    /// <summary>Where the calibration by these labels is, or belongs.</summary>
    public required string CalibrationPath { get; init; }

    /// <summary>Where it is named.</summary>
    public required SourceLocation CalibrationAt { get; init; }

    /// <summary>Hash of everything that may change an answer: model and place of the judge, rubric, labels, prompt.</summary>
    public required string Pin { get; init; }

    /// <summary>As floors name its scores.</summary>
    public string Scorer => Prefix + Name;

    /// <summary>The files that it depends on.</summary>
    internal IEnumerable<string> Files => [.. Pinned, .. Calibrating];

    /// <summary>Those that say who judges, by what and within which limits: a lock holds them.</summary>
    internal IEnumerable<string> Pinned => new[] { SpecFile.Path, Model?.Path, Tokenizer?.Path }.OfType<string>();

    /// <summary>Those that change whenever the judge is calibrated again.</summary>
    public IEnumerable<string> Calibrating => File.Exists(CalibrationPath) ? [Labels.Path, CalibrationPath] : [Labels.Path];

    /// <summary>The judges of a harness; none without the key.</summary>
    /// <exception cref="PruneBuildException">PB1010 to PB1013, PB1030 or PB1035 at the token at fault.</exception>
    internal static IReadOnlyList<HarnessJudge> ParseAll(JsonSection harness, string folder)
    {
        var judges = new List<HarnessJudge>();
        foreach (var entry in harness.Has(Key) ? harness.Sections(Key) : [])
        {
            var judge = Parse(entry, folder);
            judges.Add(judges.Exists(other => other.Name == judge.Name) ? throw entry.Invalid("name", "another judge has this name") : judge);
        }
        return judges;
    }

    private static HarnessJudge Parse(JsonSection entry, string folder)
    {
        var kind = entry.OneOf("kind", ("chat", JudgeKind.Chat), ("classifier", JudgeKind.Classifier));
        entry.AllowOnly(["name", "kind", "mode", "spec", "labels", "calibration", .. kind == JudgeKind.Chat ? (string[])["endpoint", "keyVariable"] : ["model", "sha256", "tokenizer"]]);
        var name = entry.Text("name");
        if (!SliceName.IsValid(name)) throw entry.Invalid("name", "an identifier is expected");
        var specFile = NamedFile.Parse(entry, "spec", folder);
        var spec = JudgeSpec.Load(specFile.Path);
        var compares = entry.Has("mode") && entry.OneOf("mode", ("score", false), ("compare", true));
        if (compares && (spec.Find(PairwiseComparison.First) is null || spec.Find(PairwiseComparison.Second) is null))
            throw entry.Invalid("mode", $"the labels {PairwiseComparison.First} and {PairwiseComparison.Second} are expected in '{specFile.Name}'");
        var endpoint = kind == JudgeKind.Chat ? ParseEndpoint(entry) : null;
        var model = kind == JudgeKind.Classifier ? NamedFile.Parse(entry, "model", folder) : null;
        var tokenizer = NamedFile.ParseOptional(entry, "tokenizer", folder);
        return new HarnessJudge
        {
            Name = name,
            Kind = kind,
            Compares = compares,
            Spec = spec,
            SpecFile = specFile,
            Endpoint = endpoint,
            KeyVariable = entry.OptionalText("keyVariable"),
            Model = model,
            Tokenizer = tokenizer,
            Labels = NamedFile.Parse(entry, "labels", folder),
            CalibrationPath = CasePath.Resolve(folder, entry.Text("calibration"), entry.LocationOf("calibration")),
            CalibrationAt = entry.LocationOf("calibration"),
            Pin = CanonicalJson.HashOf(new
            {
                spec = spec.Key,
                compares,
                endpoint = endpoint?.AbsoluteUri,
                model = model is null ? null : RequireHash(entry, model),
                tokenizer = tokenizer is null ? null : HashOf(tokenizer.Path),
            }),
        };
    }

    private static Uri ParseEndpoint(JsonSection entry)
    {
        if (!Uri.TryCreate(entry.Text("endpoint"), UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.UserInfo.Length > 0)
            throw entry.Invalid("endpoint", "an address is expected, such as https://judge.example/v1");
        // A key that goes over the wire in the open is nobody's any more.
        return endpoint.Scheme == "https" || endpoint.IsLoopback ? endpoint : throw entry.Invalid("endpoint", "https is expected, except on this machine");
    }

    private static string RequireHash(JsonSection entry, NamedFile model)
    {
        var pinned = entry.Text("sha256");
        if (pinned.Length != HashDigits || !pinned.All(char.IsAsciiHexDigitLower)) throw entry.Invalid("sha256", $"{HashDigits} lower-case hexadecimal digits are expected");
        return HashOf(model.Path) is var found && found == pinned ? found : throw entry.Invalid("sha256", $"'{model.Name}' has {found}");
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
