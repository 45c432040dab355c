using System.Text.Json.Nodes;
using PruneBuild.Runtime;
using PruneBuild.Runtime.Text;

namespace PruneBuild.Tests.Templates;

/// <summary>Templates whose output Jinja2 3.1.6 wrote, set up as publishers of models do: sandboxed, with trim_blocks and lstrip_blocks.</summary>
public sealed class JinjaTests
{
    private static readonly JsonObject Cases = JsonNode.Parse(File.ReadAllText(
        Path.Combine(OnnxRuntimeNative.RepositoryRoot, "tests", "PruneBuild.Runtime.Text.Tests", "Templates", "jinja-cases.json")))!.AsObject();

    public static TheoryData<string> Names => [.. Cases["cases"]!.AsArray().Select(test => (string)test!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_template_writes_what_Jinja2_writes(string name)
    {
        var test = Cases["cases"]!.AsArray().Single(test => (string)test!["name"]! == name)!;
        string Render() => ChatTemplate.Parse((string)test["template"]!).Render(
            Cases["messages"]!.AsArray().Select(message => new TemplateMessage((string)message!["role"]!, (string)message["content"]!)), true,
            Cases["variables"]!.AsObject().ToDictionary(StringComparer.Ordinal));
        if (test["expected"] is { } expected)
            Assert.Equal((string)expected!, Render());
        else
            Assert.Equal(EdgeModelException.TemplateInvalid, Assert.Throws<EdgeModelException>(Render).Code);
    }
}
