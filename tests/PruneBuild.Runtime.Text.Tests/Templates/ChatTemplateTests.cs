using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Templates;

public sealed class ChatTemplateTests
{
    private static readonly TemplateMessage[] Hello = [new("user", "hi")];

    [Theory]
    [InlineData("a\n{% include 'x' %}", "(2,4)", "'include'")]
    [InlineData("{{ x | frobnicate }}", "(1,8)", "'frobnicate'")]
    [InlineData("{{ x is frobnicated }}", "(1,9)", "'frobnicated'")]
    [InlineData("{% for i in x recursive %}{% endfor %}", "(1,15)", "recursive")]
    [InlineData("{% if x %}", "(1,11)", "'endif'")]
    [InlineData("{{ x", "(1,1)", "does not end")]
    [InlineData("{{ 'x }}", "(1,4)", "string does not end")]
    [InlineData("{# x", "(1,1)", "comment")]
    [InlineData("{{ 1 + }}", "(1,8)", "a value is expected")]
    [InlineData("{{ $ }}", "(1,4)", "'$'")]
    [InlineData("{% break %}", "(1,4)", "outside of loops")]
    [InlineData("{{ f(**a) }}", "(1,6)", "of a map")]
    public void What_is_not_supported_is_refused_with_its_place(string template, string place, string reason)
    {
        var error = Assert.Throws<EdgeModelException>(() => ChatTemplate.Parse(template, path: "t.jinja"));
        Assert.Equal(EdgeModelException.TemplateInvalid, error.Code);
        Assert.Contains($"t.jinja{place}", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n{{ raise_exception('no ' ~ messages[0].role) }}", "(2,", "refuses the conversation: no user")]
    [InlineData("{{ missing.a }}", "(1,", "'missing' is undefined")]
    [InlineData("{{ 1 / 0 }}", "(1,", "division by zero")]
    [InlineData("{{ 9999999999 * 9999999999 }}", "", "")]
    [InlineData("{{ undefined_function(1) }}", "(1,", "not a function")]
    [InlineData("{% set x = 1 %}{% set x.a = 2 %}", "(1,", "not a namespace")]
    [InlineData("{{ strftime_now('%d') }}", "(1,", "'strftime_now'")]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "(1,", "steps")]
    [InlineData("{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}", "(1,", "characters")]
    [InlineData("{{ range(999999) }}", "(1,", "numbers")]
    [InlineData("{{ [1] | tojson(indent=9999999999) }}", "(1,", "at most 1000")]
    [InlineData("{% set n = namespace(a=[]) %}{% for i in range(99999) %}{% set n.a = [n.a] %}{% endfor %}{{ n.a | tojson }}", "(1,", "deep")]
    [InlineData("{% set n = namespace(a=[]) %}{% for i in range(99999) %}{% set n.a = [n.a] %}{% endfor %}{{ n.a }}", "(1,", "deep")]
    [InlineData("{% set n = namespace(a=[], b=[]) %}{% for i in range(99999) %}{% set n.a = [n.a] %}{% set n.b = [n.b] %}{% endfor %}{{ n.a == n.b }}", "(1,", "deep")]
    [InlineData("{% set n = namespace(a=[]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ n.a | tojson }}", "(1,", "characters")]
    [InlineData("{% set n = namespace(a=[]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ n.a }}", "(1,", "characters")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "(1,", "deep")]
    public void What_goes_wrong_is_told_with_its_place(string template, string place, string reason)
    {
        var error = Assert.Throws<EdgeModelException>(() => ChatTemplate.Parse(template, path: "t.jinja").Render(Hello));
        Assert.Equal(EdgeModelException.TemplateInvalid, error.Code);
        Assert.Contains($"t.jinja{place}", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Expressions_in_expressions_without_end_are_refused() => Assert.Contains("deep", Assert.Throws<EdgeModelException>(
        () => ChatTemplate.Parse($"{{{{ {new string('(', 100_000)}1{new string(')', 100_000)} }}}}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Blocks_in_blocks_without_end_are_refused() => Assert.Contains("deep", Assert.Throws<EdgeModelException>(
        () => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if x %}", 100_000)))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_clock_is_told_only_when_there_is_one()
    {
        const string template = "{{ strftime_now('%d %b %Y %H:%M') if strftime_now is defined else 'never' }}";
        Assert.Equal("never", ChatTemplate.Parse(template).Render(Hello));
        Assert.Equal("05 Jul 2024 13:07", ChatTemplate.Parse(template).Render(Hello, clock: new Clock()));
    }

    [Fact]
    public void A_file_of_its_own_comes_before_the_settings_of_the_tokenizer()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer_config.json"], """
            { "bos_token": { "content": "<s>" }, "eos_token": "</s>", "chat_template": [ { "name": "default", "template": "A{{ eos_token }}" }, { "name": "rag", "template": "B" } ] }
            """);
        Assert.Equal("A</s>", ChatTemplate.Load(folder.Path).Render(Hello));
        File.WriteAllText(folder["chat_template.jinja"], "{{ bos_token }}{{ messages[0].content }}{% if add_generation_prompt %}>{% endif %}");
        Assert.Equal("<s>hi>", ChatTemplate.Load(folder.Path).Render(Hello));
        Assert.Equal("<s>hi", ChatTemplate.Load(folder.Path).Render(Hello, addGenerationPrompt: false));
    }

    [Fact]
    public void A_folder_without_a_template_says_so()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(EdgeModelException.TemplateInvalid, Assert.Throws<EdgeModelException>(() => ChatTemplate.Load(folder.Path)).Code);
    }

    private sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 7, 5, 13, 7, 0, TimeSpan.Zero);
    }
}
