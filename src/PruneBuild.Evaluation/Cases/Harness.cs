using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

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

    /// <summary>What is measured; <c>classification</c> is the only task so far.</summary>
    public string Task { get; } = "classification";

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>What one case looks like.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>The model output with one number a class; null for its first output.</summary>
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

    /// <summary>Full paths of every file that decides the verdict: the harness, its dataset, then the case files in the order they are named.</summary>
    public IReadOnlyList<string> SourceFiles =>
    [
        .. Cases.SelectMany(source => source switch
        {
            RawCases raw => [raw.TensorsPath, raw.LabelsPath],
            JsonlCases lines => (string[])[lines.Path],
            _ => [],
        }).Prepend(Dataset?.File ?? File).Prepend(File).Distinct(),
    ];

    /// <summary>Parses a harness and checks that its case files are there; <see cref="CaseSet.Load"/> looks into them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 malformed JSON, PB1011 unknown key, PB1012 bad value, PB1013 missing key, PB1030 case
    /// file missing, PB1035 case file outside the folder: each at line and column of the token.</exception>
    /// <exception cref="IOException">The harness itself cannot be read.</exception>
    public static Harness Load(string path)
    {
        var file = Path.GetFullPath(path);
        var json = LocatedJson.Load(file);
        var section = new JsonSection(json, file);
        section.AllowOnly("$schema", "version", "task", "classes", "input", "output", "batchSize", "cases", "dataset", "split", "floors");
        section.WholeNumber("version", Version, Version);
        section.OneOf("task", ("classification", true));
        var floors = section.Sections("floors");
        var (dataset, cases) = ParseCases(section, Path.GetDirectoryName(file)!);
        return new Harness(file)
        {
            Classes = section.WholeNumber("classes", 2, MaxClasses),
            Input = InputSpec.Parse(section.SectionJson("input"), file),
            Output = section.OptionalText("output"),
            BatchSize = section.Has("batchSize") ? section.WholeNumber("batchSize", 1, MaxBatchSize) : DefaultBatchSize,
            Cases = cases,
            Dataset = dataset,
            DatasetAt = dataset is null ? default : section.LocationOf("dataset"),
            Floors = Floor.Number(floors.Where(entry => !entry.Has(CriticalCases.Key)).SelectMany(Floor.Parse)),
            Critical = CriticalCases.Parse(floors.Where(entry => entry.Has(CriticalCases.Key))),
            FloorsAt = section.LocationOf("floors"),
        };
    }

    private static (Dataset? Dataset, IReadOnlyList<CaseSource> Cases) ParseCases(JsonSection section, string folder)
    {
        if (!section.Has("dataset"))
        {
            if (section.Has("split")) throw section.Invalid("split", "it belongs to a dataset");
            return (null, [.. section.Sections("cases").Select(entry => ParseCaseSource(entry, folder))]);
        }
        if (section.Has("cases")) throw section.Invalid("cases", "they come from the dataset");
        var dataset = Dataset.Load(Existing(section, "dataset", folder));
        var split = section.OptionalText("split") ?? DatasetSplit.Gate;
        return dataset.Splits.FirstOrDefault(one => one.Name == split) is { } found
            ? (dataset, found.Sources)
            : throw section.Invalid(section.Has("split") ? "split" : "dataset", $"the dataset has no split '{split}'");
    }

    internal static CaseSource ParseCaseSource(JsonSection entry, string folder)
    {
        if (entry.Has("jsonl"))
        {
            entry.AllowOnly("jsonl");
            return new JsonlCases(entry.Text("jsonl"), Existing(entry, "jsonl", folder), entry.LocationOf("jsonl"));
        }
        entry.AllowOnly("slice", "tensors", "labels", "jsonl");
        var slice = entry.Text("slice");
        if (!SliceName.IsValid(slice)) throw entry.Invalid("slice", SliceName.Expected);
        return new RawCases(
            slice,
            entry.LocationOf("slice"),
            entry.Text("tensors"),
            Existing(entry, "tensors", folder),
            entry.LocationOf("tensors"),
            entry.Text("labels"),
            Existing(entry, "labels", folder),
            entry.LocationOf("labels"));
    }

    private static string Existing(JsonSection entry, string key, string folder)
    {
        var path = CasePath.Resolve(folder, entry.Text(key), entry.LocationOf(key));
        return System.IO.File.Exists(path) ? path : throw entry.LocationOf(key).Error("PB1030", entry.Text(key));
    }
}
