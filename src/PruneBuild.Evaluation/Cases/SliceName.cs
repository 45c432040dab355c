namespace PruneBuild.Evaluation;

/// <summary>Names of slices. The standard ones are common, edge and adversarial; any identifier will do.</summary>
internal static class SliceName
{
    /// <summary>In a floor: every slice, each on its own.</summary>
    public const string Every = "*";

    public const string Expected = "an identifier is expected, such as common, edge or adversarial";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 100
        && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');
}
