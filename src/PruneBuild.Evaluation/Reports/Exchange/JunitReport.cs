using System.Xml.Linq;

namespace PruneBuild.Evaluation.Reports;

/// <summary>The verdict as JUnit XML, as Jenkins, GitLab and most other servers read it: a suite for the target and task, a test case for each floor.</summary>
public static class JunitReport
{
    /// <summary>The file's name.</summary>
    public const string FileName = "verdict.junit.xml";

    /// <summary>The text of the file.</summary>
    public static string Write(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var floors = report.Floors;
        var names = FloorFacts.Names(floors);
        int Count(FloorOutcome outcome) => floors.Count(floor => FloorFacts.Outcome(floor) == outcome);
        XAttribute[] totals =
        [
            new("tests", floors.Count), new("failures", Count(FloorOutcome.Failed)), new("errors", Count(FloorOutcome.Errored)), new("skipped", Count(FloorOutcome.Skipped)), new("time", 0),
        ];
        var suite = new XElement(
            "testsuite",
            new XAttribute("name", XmlText.Clean($"{report.Verdict.Rid}/{report.Verdict.Task}")),
            totals,
            Properties(FloorFacts.Provenance(report)),
            floors.Select((floor, index) => TestCase(report, floor, names[index])));
        return XmlText.Write(new XElement("testsuites", new XAttribute("name", XmlText.Clean($"prunebuild {report.Name}")), totals.Select(total => new XAttribute(total)), suite));
    }

    private static XElement TestCase(EvaluationReport report, FloorRow floor, string name) => new(
        "testcase",
        new XAttribute("name", name),
        new XAttribute("classname", XmlText.Clean($"{report.Name}.{report.Verdict.Rid}.{floor.Check.Dimension}")),
        new XAttribute("file", XmlText.Clean(report.Relative(floor.Check.File))),
        new XAttribute("line", floor.Check.Line),
        new XAttribute("time", 0),
        Properties(FloorFacts.Numbers(floor).Concat(FloorFacts.Origin(floor))),
        Outcome(floor));

    private static XElement? Outcome(FloorRow floor)
    {
        var message = new XAttribute("message", XmlText.Clean(floor.Check.Message));
        var type = new XAttribute("type", floor.Diagnostic?.Code ?? floor.State.Word);
        return FloorFacts.Outcome(floor) switch
        {
            FloorOutcome.Failed => new XElement("failure", message, type, FloorFacts.Explanation(floor)),
            FloorOutcome.Errored => new XElement("error", message, type, FloorFacts.Explanation(floor)),
            FloorOutcome.Skipped => new XElement("skipped", new XAttribute("message", XmlText.Clean($"{floor.State.Word}: {floor.Check.Message}"))),
            _ => null,
        };
    }

    private static XElement Properties(IEnumerable<(string Name, string Value)> properties) => new(
        "properties",
        properties.Select(property => new XElement("property", new XAttribute("name", XmlText.Clean(property.Name)), new XAttribute("value", XmlText.Clean(property.Value)))));
}
