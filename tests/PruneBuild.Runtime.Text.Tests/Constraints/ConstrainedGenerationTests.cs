using System.Text.Json;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests.Constraints;

public sealed class ConstrainedGenerationTests : IDisposable
{
    private static readonly TextConstraint Pair = ConstrainedWriter.Schema("""
        { "type": "object", "properties": { "name": { "type": "string", "maxLength": 6 }, "on": { "type": "boolean" } }, "required": ["name", "on"], "additionalProperties": false }
        """);

    private readonly ScriptedModel scripted = new();

    public void Dispose() => scripted.Dispose();

    public static TheoryData<GenerationOptions> Samplings =>
    [
        new GenerationOptions { Seed = 3 },
        new GenerationOptions { Seed = 3, RepetitionPenalty = 1.3f },
        new GenerationOptions { Seed = 3, Temperature = 1.5f },
        new GenerationOptions { Seed = 3, Temperature = 1.5f, TopP = 0.8f },
        new GenerationOptions { Seed = 3, Temperature = 1.5f, TopK = 5 },
        new GenerationOptions { Seed = 3, Temperature = 1.5f, TopK = 5, TopP = 0.8f },
        new GenerationOptions { Seed = 3, IgnoreEndTokens = true },
    ];

    [Theory]
    [MemberData(nameof(Samplings))]
    public void However_tokens_are_chosen_the_text_is_valid_and_whole(GenerationOptions options)
    {
        using var model = scripted.Open();
        using var generator = model.CreateGenerator();
        var result = generator.Generate("x", options with { Constraint = Pair });
        Assert.Equal(GenerationEnd.ConstraintMet, result.End);
        using var document = JsonDocument.Parse(result.Text);
        Assert.Equal(["name", "on"], document.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(result.Text, generator.Generate("x", options with { Constraint = Pair }).Text);
        using var other = model.CreateGenerator();
        Assert.Equal(result.Tokens, other.Generate("x", options with { Constraint = Pair }).Tokens);
    }

    [Fact]
    public void What_the_model_would_write_anyway_is_unchanged()
    {
        const string text = """{"name":"é€","on":true}""";
        using var model = scripted.Say(1, text).Open();
        using var generator = model.CreateGenerator();
        Assert.Equal(generator.Generate("x").Text, generator.Generate("x", new() { Constraint = Pair }).Text);
        Assert.Equal(text, string.Concat(generator.Stream("x", new() { Constraint = Pair }).Select(part => part.Text)));
    }

    [Fact]
    public void The_end_is_chosen_only_where_the_value_may_end()
    {
        var number = ConstrainedWriter.Schema("""{ "type": "integer" }""");
        // Behind "-" the model wants to end.
        using var model = scripted.Say(1, "-").Say(3, "7", ends: true).Open();
        using var generator = model.CreateGenerator();
        var result = generator.Generate("x", new() { Constraint = number });
        Assert.Matches("^-[0-9]7?$", result.Text);
        Assert.Contains(result.End, new[] { GenerationEnd.EndToken, GenerationEnd.ConstraintMet });
    }

    [Fact]
    public void A_limit_of_tokens_cuts_a_value_and_says_so()
    {
        using var model = scripted.Open();
        using var generator = model.CreateGenerator();
        var result = generator.Generate("x", new() { Constraint = Pair, MaxTokens = 4 });
        Assert.Equal((4, GenerationEnd.MaxTokens), (result.Tokens.Count, result.End));
        Assert.StartsWith(result.Text, generator.Generate("x", new() { Constraint = Pair }).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_string_ends_a_value_too()
    {
        using var model = scripted.Say(1, """{"name":"abc","on":true}""").Open();
        using var generator = model.CreateGenerator();
        var result = generator.Generate("x", new() { Constraint = Pair, StopStrings = ["bc"] });
        Assert.Equal(("""{"name":"a""", GenerationEnd.StopString), (result.Text, result.End));
    }

    [Fact]
    public void A_special_token_is_no_text_of_a_string()
    {
        using var model = scripted.Say(1, """{"name":"[TOOL_CALLS]""", ends: false).Open();
        using var generator = model.CreateGenerator();
        Assert.DoesNotContain(model.Tokenizer.IdOf("[TOOL_CALLS]")!.Value, generator.Generate("x", new() { Constraint = Pair }).Tokens);
    }

    [Fact]
    public void A_vocabulary_that_cannot_write_braces_is_an_error_of_its_own()
    {
        using var tiny = new TinyModel();
        using var model = tiny.Open();
        using var generator = model.CreateGenerator();
        var error = Assert.Throws<EdgeModelException>(() => generator.Generate("a", new() { Constraint = TextConstraint.Json }));
        Assert.Equal(EdgeModelException.ConstraintUnwritable, error.Code);
        Assert.Contains("'{'", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, generator.Generate("a", new() { MaxTokens = 3, IgnoreEndTokens = true }).Tokens.Count);
    }

    [Fact]
    public void A_space_that_the_tokenizer_puts_before_a_text_is_none_of_the_value()
    {
        using var writer = new ConstrainedWriter(Pair);
        Assert.True(writer.Accepts(""" {"name":"a","on":true}"""));
        Assert.False(writer.Accepts("""  {"name":"a","on":true}"""));
    }
}
