using System.Globalization;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Which part of a version moves.</summary>
public enum VersionStep
{
    /// <summary>Nothing that is scored changed.</summary>
    Patch,

    /// <summary>Cases were added and none changed.</summary>
    Minor,

    /// <summary>Cases went or changed: figures of the two versions are of different tests.</summary>
    Major,
}

/// <summary>A version of three numbers, as in Semantic Versioning 2.0.0 without labels.</summary>
/// <param name="Major">First number.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Patch">Third number.</param>
public readonly record struct SemanticVersion(int Major, int Minor, int Patch)
{
    /// <summary>Reads a version; null when the text is none. Leading zeros are none.</summary>
    public static SemanticVersion? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('.');
        var numbers = new int[3];
        if (parts.Length != numbers.Length) return null;
        for (var i = 0; i < numbers.Length; i++)
        {
            if (parts[i].Length > 1 && parts[i][0] == '0') return null;
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return new SemanticVersion(numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>The version after a step.</summary>
    public SemanticVersion Next(VersionStep step) => step switch
    {
        VersionStep.Major => new SemanticVersion(Major + 1, 0, 0),
        VersionStep.Minor => new SemanticVersion(Major, Minor + 1, 0),
        _ => this with { Patch = Patch + 1 },
    };

    /// <summary>As in files: <c>1.2.0</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
