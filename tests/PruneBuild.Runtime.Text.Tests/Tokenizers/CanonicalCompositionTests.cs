using System.Text.Json.Nodes;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Tokenizers;

public sealed class CanonicalCompositionTests
{
    /// <summary>Random characters that compose, decompose or combine, with what Python's unicodedata makes of them.</summary>
    [Fact]
    public void Texts_compose_as_another_implementation_composes_them()
    {
        var cases = JsonNode.Parse(File.ReadAllText(
            Path.Combine(OnnxRuntimeNative.RepositoryRoot, "tests", "PruneBuild.Runtime.Text.Tests", "Tokenizers", "canonical-composition.json")))!.AsArray();
        Assert.Equal(400, cases.Count);
        Assert.Empty(cases.Where(test => CanonicalComposition.Of((string)test![0]!) != (string)test[1]!).Select(test => test!.ToJsonString()));
    }

    [Fact]
    public void A_text_without_marks_is_the_same_object()
    {
        const string text = "Où est la bibliothèque?";
        Assert.Same(text, CanonicalComposition.Of(text));
    }
}
