namespace PruneBuild.Pipeline;

/// <summary>Packed weights beside a stage's model, whose floats are exactly what they stand for. By the name of the stored weight.</summary>
internal static class PackedWeightsFile
{
    private const string FileName = "levels.bin";

    /// <summary>Writes them in the order given.</summary>
    public static void Save(string folder, IReadOnlyCollection<KeyValuePair<string, byte[]>> weights)
    {
        using var writer = new BinaryWriter(File.Create(Path.Combine(folder, FileName)));
        writer.Write(weights.Count);
        foreach (var (name, bytes) in weights)
        {
            writer.Write(name);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }
    }

    /// <summary>Reads what the stage wrote; empty where it wrote none.</summary>
    public static IReadOnlyDictionary<string, byte[]> Load(string folder)
    {
        var weights = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return weights;
        using var reader = new BinaryReader(File.OpenRead(path));
        for (var left = reader.ReadInt32(); left > 0; left--)
            weights[reader.ReadString()] = reader.ReadBytes(reader.ReadInt32());
        return weights;
    }
}
