using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>The weights of a model's folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
public sealed class Checkpoint : IDisposable
{
    private const string WeightMap = "weight_map";

    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> tensors = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);

    private Checkpoint()
    {
    }

    /// <summary>Name of the only weights file.</summary>
    public const string SingleFile = "model.safetensors";

    /// <summary>Name of the file that says which shard holds which tensor.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>The tensors' names.</summary>
    public IReadOnlyCollection<string> Names => tensors.Keys;

    /// <summary>Opens the weights of a folder.</summary>
    /// <param name="folder">Absolute.</param>
    /// <exception cref="PruneBuildException">
    /// PB2020: there are none. PB2013, PB2021: a file is unreadable or damaged. PB2022, PB2023: a shard is missing or outside the folder.
    /// PB1010 to PB1013: the index cannot be used.
    /// </exception>
    public static Checkpoint Open(string folder)
    {
        var checkpoint = new Checkpoint();
        try
        {
            foreach (var (path, names) in Shards(folder))
                checkpoint.Add(SafetensorsFile.Open(path), names);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>The weights files of a folder, the index first where there is one; without reading a shard.</summary>
    /// <exception cref="PruneBuildException">As <see cref="Open"/>, but for the shards' content.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        var shards = Shards(folder).Select(shard => shard.Path);
        return Index(folder) is { } index ? [index, .. shards] : [.. shards];
    }

    /// <summary>Whether a folder has weights.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, SingleFile)) || File.Exists(Path.Combine(folder, IndexFile));

    /// <summary>Whether there is a tensor of a name.</summary>
    public bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>The dimensions of a tensor.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => tensors[name].Tensor.Shape;

    /// <summary>The element type of a tensor, as its file spells it.</summary>
    public string TypeOf(string name) => tensors[name].Tensor.Type;

    /// <summary>The file that holds a tensor.</summary>
    public string FileOf(string name) => tensors[name].File.Path;

    /// <inheritdoc cref="SafetensorsFile.Read"/>
    public void Read(string name, long first, Span<float> destination) => tensors[name].File.Read(tensors[name].Tensor, first, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }

    private void Add(SafetensorsFile file, IReadOnlyList<string>? names)
    {
        files.Add(file.Path, file);
        foreach (var name in names ?? [.. file.Tensors.Keys])
        {
            if (!file.Tensors.TryGetValue(name, out var tensor))
                throw new PruneBuildException("PB2021", file.Path, $"it does not hold '{name}', which {IndexFile} places there").At(file.Path);
            tensors.Add(name, (file, tensor));
        }
    }

    private static string? Index(string folder) =>
        !File.Exists(Path.Combine(folder, SingleFile)) && Path.Combine(folder, IndexFile) is var index && File.Exists(index) ? index : null;

    /// <summary>The weights files in the order of their names, with what the index places in each; null for all of a file.</summary>
    private static IEnumerable<(string Path, IReadOnlyList<string>? Names)> Shards(string folder)
    {
        if (Index(folder) is not { } index)
        {
            var single = Path.Combine(folder, SingleFile);
            return File.Exists(single) ? [(single, null)] : throw new PruneBuildException("PB2020", folder, $"it has neither {SingleFile} nor {IndexFile}").At(folder);
        }
        var map = FolderJson.Load(index).Section(WeightMap) ?? throw new PruneBuildException("PB1013", WeightMap).At(index);
        return [.. map.Keys.GroupBy(map.Text, StringComparer.Ordinal).OrderBy(shard => shard.Key, StringComparer.Ordinal)
            .Select(shard => (Resolve(folder, shard.Key, map, shard.First()), (IReadOnlyList<string>?)[.. shard]))];
    }

    private static string Resolve(string folder, string shard, FolderJson map, string name)
    {
        var path = ContainedPath.Resolve(folder, shard)?.Path ?? throw map.Error(name, "PB2023", shard, IndexFile);
        return File.Exists(path) ? path : throw map.Error(name, "PB2022", shard, IndexFile);
    }
}
