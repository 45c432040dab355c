using System.Text.Json;
using CsCheck;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Constraints;

public sealed class JsonConstraintTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_chosen_is_a_JSON_object(bool ofCharacters)
    {
        using var writer = new ConstrainedWriter(TextConstraint.Json, ofCharacters);
        for (var seed = 0; seed < 60; seed++)
        {
            using var document = JsonDocument.Parse(writer.Write(new Random(seed)));
            Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            // Escapes that are half a character would fail here.
            _ = document.RootElement.EnumerateObject().Select(member => member.Name).ToList();
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" {\"a\": [1, -0.5e+10, true, null, \"é€😀\\n\\u00e9\\ud83d\\ude00\"], \"b\": {}}")]
    [InlineData("{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ]\n}")]
    public void What_models_write_fits(string text)
    {
        using var writer = new ConstrainedWriter(TextConstraint.Json);
        Assert.True(writer.Accepts(text));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":\"\\ud83d\"}")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":      1}")]
    [InlineData("{\"a\":1234567890123456789}")]
    public void What_is_not_JSON_or_runs_on_does_not(string text)
    {
        using var writer = new ConstrainedWriter(TextConstraint.Json);
        Assert.False(writer.Accepts(text));
    }

    [Fact]
    public void Values_are_as_deep_as_readers_go()
    {
        using var writer = new ConstrainedWriter(TextConstraint.Json);
        string Deep(int depth) => $"{{\"a\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}";
        Assert.True(writer.Accepts(Deep(JsonGrammar.MostDepth)));
        Assert.False(writer.Accepts(Deep(JsonGrammar.MostDepth + 1)));
    }

    [Fact]
    public void Any_text_of_Unicode_can_be_in_a_string()
    {
        using var writer = new ConstrainedWriter(ConstrainedWriter.Schema("""{ "type": "string" }"""));
        Gen.Int[0, 0x10FFFF].Where(code => System.Text.Rune.IsValid(code)).Array[0, 8].Sample(codes => writer.Accepts(
            JsonSerializer.Serialize(string.Concat(codes.Select(code => new System.Text.Rune(code).ToString())), Relaxed)), threads: 1, iter: 500);
    }

    [Fact]
    public void What_is_forgotten_is_found_again()
    {
        var grammar = TextConstraint.Json.Grammar;
        var automaton = new GrammarAutomaton(grammar);
        var state = automaton.Start();
        foreach (var value in "{\"a\":[\"x"u8)
            state = automaton.Forget(automaton.Next(state, value)!);
        foreach (var value in "\"]}"u8)
            state = automaton.Next(state, value)!;
        Assert.True(state is { CanEnd: true, Frames.Count: 0 });
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
