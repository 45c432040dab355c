using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>A parsed <c>harness.json</c>: which cases a model has to answer and which floors it must clear.</summary>
public sealed class Harness
{
    private const int Version = 1;
    private const int MaxClasses = 1_000_000;
    private const int MaxBatchSize = 4096;
    private const int DefaultBatchSize = 64;

    private Harness(string file) => File = file;

    /// <summary>Full path of the harness.</summary>
    public string File { get; }

    /// <summary>What is measured, as the harness writes it.</summary>
    public string Task => TaskNames.Of(Kind);

    /// <summary>What is measured.</summary>
    public required TaskKind Kind { get; init; }

    /// <summary>Number of classes; 0 where there are none.</summary>
    public required int Classes { get; init; }

    /// <summary>What one case looks like, where the model takes tensors.</summary>
    /// <exception cref="InvalidOperationException">The model takes tokens; <see cref="HasTensors"/> says so.</exception>
    public InputSpec Input => TensorInput ?? throw new InvalidOperationException("the model takes tokens");

    /// <summary>Whether the model takes tensors, not tokens.</summary>
    public bool HasTensors => TensorInput is not null;

    /// <summary>What only tasks on tokens and on vectors have.</summary>
    public required TaskSettings Settings { get; init; }

    /// <summary>The dimensions of the harness's own.</summary>
    public required IReadOnlyList<ScoredDimension> Dimensions { get; init; }

    /// <summary>Scorers of the user's own; null without any.</summary>
    public required ScorerAssembly? OwnScorers { get; init; }

    /// <summary>Who judges what the models write.</summary>
    public required IReadOnlyList<HarnessJudge> Judges { get; init; }

    /// <summary>The resource profiles that everything measured is measured under; one without a name and limits where the harness has none.</summary>
    public required IReadOnlyList<ResourceProfile> Profiles { get; init; }

    /// <summary>How they are measured.</summary>
    public required PerformanceSettings Performance { get; init; }

    private InputSpec? TensorInput { get; init; }

    /// <summary>The model output that is scored; null for its first output.</summary>
    public required string? Output { get; init; }

    /// <summary>Cases that the model gets at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Where the cases are.</summary>
    public required IReadOnlyList<CaseSource> Cases { get; init; }

    /// <summary>The dataset that the cases come from; null when the harness names them itself.</summary>
    public Dataset? Dataset { get; private init; }

    /// <summary>Where the dataset is named.</summary>
    public SourceLocation DatasetAt { get; private init; }

    /// <summary>What must be cleared, in file order; <c>min</c>, <c>maxDrop</c> and <c>retention</c> of one entry are three floors.</summary>
    public required IReadOnlyList<Floor> Floors { get; init; }

    /// <summary>The cases that the floors name as critical.</summary>
    public required CriticalCases Critical { get; init; }

    /// <summary>Where the list of floors starts.</summary>
    public required SourceLocation FloorsAt { get; init; }

    /// <summary>What a floor is about.</summary>
    internal Dimension Subject(Floor floor) =>
        Dimension.Of(Kind).FirstOrDefault(known => known.Name == floor.Dimension)
        ?? (Dimensions.FirstOrDefault(own => own.Name == floor.Dimension) is { } dimension
            ? FloorSubjects.Of(dimension)
            : FloorSubjects.Of(FloorSubjects.Find(floor.Dimension, OwnScorers, Judges)!));

    /// <summary>Whether something is measured under profiles: the harness names some, or asks for times or memory.</summary>
    public bool IsProfiled => Profiles is not [{ Name: "" }] || Floors.Select(floor => floor.Dimension).Concat(Dimensions.Select(own => own.Name)).Any(IsMeasured);

    /// <summary>Whether a floor's subject is measured under profiles; what depends on answers alone is the same under all of them.</summary>
    internal bool IsMeasured(string subject) => Dimensions.FirstOrDefault(own => own.Name == subject) is { } dimension
        ? dimension.Scorers.Any(part => FloorSubjects.Find(part.Scorer, OwnScorers, Judges) is { } scorer && FloorSubjects.IsMeasured(scorer))
        : FloorSubjects.Find(subject, OwnScorers, Judges) is { } alone && FloorSubjects.IsMeasured(alone);

    /// <summary>Whether slices by context length hold parts of texts, which have no times of their own.</summary>
    internal bool TimesWholeTexts => Kind == TaskKind.Language;

    /// <summary>Full paths of every file that decides the verdict: the harness, its dataset, then the case files in the order they are named.</summary>
    public IReadOnlyList<string> SourceFiles =>
    [
        .. Cases.SelectMany(source => source switch
        {
            RawCases raw => [raw.TensorsPath, raw.LabelsPath],
            JsonlCases lines => (string[])[lines.Path],
            TokenCases tokens => [tokens.Path],
            _ => [],
        }).Prepend(Dataset?.File ?? File).Prepend(File).Concat(Settings.Files.Select(file => file.Path)).Concat(OwnScorers?.Files ?? []).Concat(Judges.SelectMany(judge => judge.Files)).Distinct(),
    ];

    /// <summary>Parses a harness and checks that its case files are there; <see cref="CaseSet.Load"/> looks into them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 malformed JSON, PB1011 unknown key, PB1012 bad value, PB1013 missing key, PB1030
    /// file missing, PB1035 file outside the folder, PB1071 unknown scorer, PB1072 unusable scorer assembly, PB1074 what needs written
    /// text, PB1075 scorer that does not fit the task, PB1080 unknown profile: each at line and column of the token.</exception>
    /// <exception cref="IOException">The harness itself cannot be read.</exception>
    public static Harness Load(string path)
    {
        var file = Path.GetFullPath(path);
        var json = LocatedJson.Load(file);
        var section = new JsonSection(json, file);
        var kind = section.Has("task") ? TaskNames.Parse(section) : TaskKind.Classification;
        section.AllowOnly(["$schema", "version", "task", .. TaskSettings.Keys(kind), "output", "batchSize", "cases", "dataset", "split", "scorers", "dimensions", ResourceProfiles.Key, PerformanceSettings.Key, "floors"]);
        section.WholeNumber("version", Version, Version);
        section.Required("task");
        var folder = Path.GetDirectoryName(file)!;
        var settings = TaskSettings.Parse(section, kind, folder);
        var own = ScorerAssembly.Parse(section, folder);
        var judges = HarnessJudge.ParseAll(section, folder);
        var dimensions = FloorSubjects.ParseDimensions(section, kind, own, judges);
        var subjects = new FloorSubjects(kind, dimensions, own, judges);
        var profiles = ResourceProfiles.Parse(section);
        var floors = section.Sections("floors");
        var (dataset, cases) = ParseCases(section, kind, folder);
        var critical = floors.Where(entry => entry.Has(CriticalCases.Key)).ToList();
        if (critical.Count > 0 && !TaskNames.CanFail(kind)) throw critical[0].Invalid(CriticalCases.Key, "the task has no answers that are right or wrong");
        var harness = new Harness(file)
        {
            Kind = kind,
            Classes = kind == TaskKind.Classification ? section.WholeNumber("classes", 2, MaxClasses) : 0,
            TensorInput = settings.TakesTokens ? null : InputSpec.Parse(section.SectionJson("input"), file),
            Settings = settings,
            Dimensions = dimensions,
            OwnScorers = own,
            Profiles = profiles,
            Performance = PerformanceSettings.Parse(section),
            Judges = judges,
            Output = section.OptionalText("output"),
            BatchSize = section.Has("batchSize") ? section.WholeNumber("batchSize", 1, MaxBatchSize) : DefaultBatchSize,
            Cases = cases,
            Dataset = dataset,
            DatasetAt = dataset is null ? default : section.LocationOf("dataset"),
            Floors = Floor.Number(floors.Where(entry => !entry.Has(CriticalCases.Key)).SelectMany(entry => Floor.Parse(entry, subjects, profiles, settings.ContextLengths))),
            Critical = CriticalCases.Parse(critical),
            FloorsAt = section.LocationOf("floors"),
        };
        foreach (var floor in harness.Floors)
        {
            if (harness.TimesWholeTexts && ContextLengths.IsName(floor.Slice) && harness.IsMeasured(floor.Dimension))
                throw floor.SliceLocation.Error("PB1012", floor.Slice, "slice", "a text is timed as a whole, not by its parts");
        }
        return harness;
    }

    private static (Dataset? Dataset, IReadOnlyList<CaseSource> Cases) ParseCases(JsonSection section, TaskKind kind, string folder)
    {
        if (!section.Has("dataset"))
        {
            if (section.Has("split")) throw section.Invalid("split", "it belongs to a dataset");
            return (null, [.. section.Sections("cases").Select(entry => ParseCaseSource(entry, kind, folder))]);
        }
        if (section.Has("cases")) throw section.Invalid("cases", "they come from the dataset");
        var dataset = Dataset.Load(NamedFile.Parse(section, "dataset", folder).Path);
        var split = section.OptionalText("split") ?? DatasetSplit.Gate;
        var found = dataset.Splits.FirstOrDefault(one => one.Name == split)
            ?? throw section.Invalid(section.Has("split") ? "split" : "dataset", $"the dataset has no split '{split}'");
        return kind == TaskKind.Classification || !found.Sources.OfType<RawCases>().Any()
            ? (dataset, found.Sources)
            : throw section.Invalid("dataset", "its tensors have labels, which the task has not; name JSONL files");
    }

    internal static CaseSource ParseCaseSource(JsonSection entry, TaskKind kind, string folder)
    {
        if (entry.Has("jsonl"))
        {
            entry.AllowOnly("jsonl");
            var lines = NamedFile.Parse(entry, "jsonl", folder);
            return new JsonlCases(lines.Name, lines.Path, lines.NamedAt);
        }
        string[] keys = kind switch
        {
            TaskKind.Classification => ["tensors", "labels"],
            TaskKind.Regression => ["tensors", "targets"],
            TaskKind.Language => ["tokens"],
            _ => [],
        };
        if (keys.Length == 0) entry.Required("jsonl");
        entry.AllowOnly(["slice", .. keys, "jsonl"]);
        var slice = entry.Text("slice");
        if (!SliceName.IsValid(slice)) throw entry.Invalid("slice", SliceName.Expected);
        var files = keys.Select(key => NamedFile.Parse(entry, key, folder)).ToList();
        return kind == TaskKind.Language
            ? new TokenCases(slice, files[0].Name, files[0].Path, files[0].NamedAt)
            : new RawCases(
                slice, entry.LocationOf("slice"), files[0].Name, files[0].Path, files[0].NamedAt, files[1].Name, files[1].Path, files[1].NamedAt);
    }
}
