using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Turns other files into a JSONL case file, case by case. The file appears as a whole or not at all.</summary>
public static class CaseImport
{
    /// <summary>From separated values.</summary>
    /// <returns>Number of cases.</returns>
    /// <exception cref="PruneBuildException">PB1012, PB1034, PB1061, PB1064 or PB1065 at the line of the source.</exception>
    public static int Csv(string file, string target, ImportMapping mapping) => Write(file, target, writer => CsvCases.Import(file, mapping, writer));

    /// <summary>From JSON lines.</summary>
    /// <returns>Number of cases.</returns>
    /// <exception cref="PruneBuildException">PB1010, PB1012, PB1034, PB1061, PB1062 or PB1065 at the line of the source.</exception>
    public static int Jsonl(string file, string target, ImportMapping mapping) => Write(file, target, writer => JsonlCasesImport.Import(file, mapping, writer));

    /// <summary>From tensors.</summary>
    /// <param name="file">A <c>.npy</c>, <c>.u8</c> or <c>.f32</c> file.</param>
    /// <param name="target">The case file.</param>
    /// <param name="labels">A label file as the harness reads it, or null.</param>
    /// <param name="shape">Dimensions of one case; null for <c>.npy</c>.</param>
    /// <param name="slice">Slice of all cases.</param>
    /// <returns>Number of cases.</returns>
    /// <exception cref="PruneBuildException">PB1012, PB1030, PB1033, PB1064 or PB1065.</exception>
    public static int Tensors(string file, string target, string? labels, IReadOnlyList<int>? shape, string slice) =>
        Write(file, target, writer => TensorCases.Import(file, labels, shape, slice, writer));

    private static int Write(string file, string target, Action<CaseWriter> import)
    {
        if (!File.Exists(file)) throw new SourceLocation(file, 0, 0).Error("PB1030", file);
        var count = 0;
        AtomicFile.Write(target, stream =>
        {
            var writer = new CaseWriter(stream);
            import(writer);
            count = writer.Count > 0 ? writer.Count : throw new SourceLocation(file, 0, 0).Error("PB1064", Path.GetFileName(file), "it holds no cases");
        });
        return count;
    }
}
