namespace PruneBuild.Evaluation.Tests.Measuring;

/// <summary>Which part of the work a change of the cases asks for.</summary>
public class CaseKeyTests
{
    private const string Lines = """
        {"id":"a","slice":"common","input":[1],"label":0,"cluster":"k"}
        {"id":"b","slice":"edge","input":[2],"label":3}
        """;

    [Theory]
    [InlineData("[2]", "[3]", true, false, false)]
    [InlineData("\"label\":3", "\"label\":4", false, true, false)]
    [InlineData("edge", "common", false, false, true)]
    [InlineData("\"cluster\":\"k\"", "\"cluster\":\"m\"", false, false, true)]
    [InlineData("\"id\":\"b\"", "\"id\":\"c\"", false, false, false)]
    [InlineData("{\"id\":\"b\"", "{  \"id\" : \"b\"", false, false, false)]
    [InlineData("\"label\":3", "\"label\":3,\"critical\":true", false, false, false)]
    public void A_change_of_a_line_changes_the_key_of_what_depends_on_it(string from, string to, bool inputs, bool gold, bool frame)
    {
        var (before, after) = (Keys(Lines), Keys(Lines.Replace(from, to, StringComparison.Ordinal)));
        Assert.NotEqual(Lines, Lines.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal((inputs, gold, frame), (before.Inputs != after.Inputs, before.Gold != after.Gold, before.Frame != after.Frame));
    }

    [Fact]
    public void The_order_of_the_cases_is_part_of_what_the_model_sees()
    {
        var lines = Lines.Split('\n');
        Assert.NotEqual(Keys(Lines).Inputs, Keys($"{lines[1]}\n{lines[0]}").Inputs);
    }

    private static (string Inputs, string Gold, string Frame) Keys(string lines)
    {
        using var folder = new TemporaryFolder();
        folder.Write("cases.jsonl", lines);
        var cases = CaseSet.Load(Harness.Load(folder.Write("harness.json", HarnessFiles.Json("""{ "jsonl": "cases.jsonl" }""", HarnessFiles.AnyFloor))));
        return (CaseKeys.Inputs(cases, path => path), CaseKeys.Gold(cases), CaseKeys.Frame(cases));
    }
}
