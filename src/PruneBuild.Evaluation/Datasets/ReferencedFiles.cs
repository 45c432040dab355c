using System.Security.Cryptography;
using System.Text.Json;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Files that an input names in an object of one of the keys <c>file</c>, <c>npy</c>, <c>image</c> and <c>audio</c>: they belong to the
/// case, so they lie in the dataset's folder and their bytes are part of its hashes.
/// </summary>
/// <param name="folder">The dataset's folder.</param>
internal sealed class ReferencedFiles(string folder)
{
    private static readonly string[] Keys = ["file", "npy", "image", "audio"];

    /// <summary>SHA-256 of the files in order; one that cannot be used is a finding (PB1035, PB1030).</summary>
    public List<byte[]> Hash(JsonElement input, SourceLocation at, Findings findings)
    {
        var hashes = new List<byte[]>();
        foreach (var name in Names(input))
        {
            var path = CasePath.Find(folder, name);
            if (path is null) findings.Error("PB1035", at, name);
            else if (!File.Exists(path)) findings.Error("PB1030", at, name);
            else hashes.Add(HashOf(path));
        }
        return hashes;
    }

    /// <summary>A hash with those of the files.</summary>
    public static byte[] Join(byte[] hash, List<byte[]> files) => files.Count == 0 ? hash : SHA256.HashData([.. hash, .. files.SelectMany(file => file)]);

    /// <summary>The same: what the files hold counts, not what they are called.</summary>
    public static UInt128 Join(UInt128 meaning, List<byte[]> files)
    {
        if (files.Count == 0) return meaning;
        var hash = SHA256.HashData([.. files.SelectMany(file => file)]);
        return new UInt128(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, sizeof(ulong)));
    }

    private static IEnumerable<string> Names(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Names),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property =>
            property.Value.ValueKind == JsonValueKind.String && Keys.Contains(property.Name) ? [property.Value.GetString()!] : Names(property.Value)),
        _ => [],
    };

    private static byte[] HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }
}
