namespace PruneBuild.Evaluation.Datasets;

/// <summary>Ids of cases whose source has none.</summary>
internal static class ImportedId
{
    /// <summary>The file's name without its ending and the number of the case, from 1.</summary>
    public static string Of(string file, int number) => FormattableString.Invariant($"{Path.GetFileNameWithoutExtension(file)}-{number}");
}
