using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Chat.Tools;

public sealed class ToolCallReaderTests
{
    [Theory]
    [InlineData(ToolCallFormat.Hermes, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>", "f(a=1)")]
    [InlineData(ToolCallFormat.Hermes, "I look. \n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n<tool_call>{\"name\":\"g\",\"arguments\":{\"b\":\"x\"}}</tool_call>\n", "'I look.' f() g(b=\"x\")")]
    [InlineData(ToolCallFormat.Hermes, "<tool_call>{\"name\":\"f\",\"arguments\":{}}", "f()")]
    [InlineData(ToolCallFormat.Hermes, "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"</tool_call>\\\"</tool_call>\"}}</tool_call> ok", "f(a=\"</tool_call>\\\"</tool_call>\") ' ok'")]
    [InlineData(ToolCallFormat.Hermes, "<tool_call>{\"name: 1}\n</tool_call><tool_call>{\"name\":\"g\",\"arguments\":{}}</tool_call>", "'<tool_call>{\"name: 1}\n</tool_call>' g()")]
    [InlineData(ToolCallFormat.Hermes, "a <tool_call>broken</tool_call> b", "'a' '<tool_call>broken</tool_call>' ' b'")]
    [InlineData(ToolCallFormat.Hermes, "<tool_call>{\"name\":\"f\",\"argu", "'<tool_call>{\"name\":\"f\",\"argu'")]
    [InlineData(ToolCallFormat.Hermes, "1 < 2 <tool", "'1 < 2 <tool'")]
    [InlineData(ToolCallFormat.Hermes, " \n ", "' \n '")]
    [InlineData(ToolCallFormat.Llama, " {\"name\": \"f\", \"parameters\": {\"a\": [1]}}", "f(a=[1])")]
    [InlineData(ToolCallFormat.Llama, "{\"answer\": 1}", "'{\"answer\": 1}'")]
    [InlineData(ToolCallFormat.Llama, "It is {\"name\": \"f\", \"parameters\": {}}", "'It is {\"name\": \"f\", \"parameters\": {}}'")]
    [InlineData(ToolCallFormat.Mistral, "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {\"b\": null}}]", "f() g(b=null)")]
    [InlineData(ToolCallFormat.Mistral, "so [TOOL_CALLS][]", "'so' '[TOOL_CALLS][]'")]
    [InlineData(ToolCallFormat.Mistral, "[TOOL_BOX]", "'[TOOL_BOX]'")]
    public void Calls_and_text_are_told_apart_wherever_parts_end(ToolCallFormat format, string answer, string expected)
    {
        for (var size = 1; size <= answer.Length; size++)
        {
            var reader = new ToolCallReader(format);
            var parts = answer.Chunk(size).SelectMany(chunk => reader.Push(new string(chunk))).ToList();
            parts.AddRange(reader.Flush());
            Assert.Equal(Text(expected), Text(string.Join(' ', Joined(parts))));
            Assert.Equal(parts.Exists(part => part.Call is not null), reader.FoundCalls);
        }
    }

    [Fact]
    public void Text_comes_at_once_as_far_as_it_cannot_become_a_call()
    {
        var reader = new ToolCallReader(ToolCallFormat.Hermes);
        Assert.Equal("a < b", Assert.Single(reader.Push("a < b <too")).Text);
        Assert.Equal(" <toot", Assert.Single(reader.Push("t")).Text);
    }

    /// <summary>Where text is cut into parts is of no matter.</summary>
    private static string Text(string parts) => parts.Replace("' '", "", StringComparison.Ordinal);

    private static IEnumerable<string> Joined(IEnumerable<AnswerPart> parts) => parts.Select(part => part.Call is { } call
        ? $"{call.Name}({string.Join(", ", call.Arguments.Select(argument => $"{argument.Key}={argument.Value.GetRawText()}"))})" : $"'{part.Text}'");
}
