using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>The normalization form C of Unicode.</summary>
internal static class CanonicalComposition
{
    /// <summary>Composes a text.</summary>
    public static string Of(string text) => text.Normalize(NormalizationForm.FormC);
}
