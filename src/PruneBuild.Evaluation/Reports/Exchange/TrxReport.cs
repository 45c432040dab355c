using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// The verdict as a TRX file, as Azure DevOps and Visual Studio read it: a test for each floor. Identifiers are hashes of what they
/// stand for, so the same verdict gives the same file; times are left out for the same reason.
/// </summary>
public static class TrxReport
{
    /// <summary>The file's name.</summary>
    public const string FileName = "verdict.trx";

    private const string Namespace = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    // The identifiers that Visual Studio itself gives to its unit tests and to results that are in no list.
    private const string UnitTestType = "13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b";
    private const string NoList = "8c84fa94-04c1-424b-9868-57a2d4851a1d";

    private static readonly XNamespace Xml = Namespace;

    /// <summary>The text of the file.</summary>
    public static string Write(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var names = FloorFacts.Names(report.Floors);
        var tests = report.Floors.Select((floor, index) => new Test(
            floor, names[index], IdOf(report, "test", names[index]), IdOf(report, "execution", names[index]), XmlText.Clean($"{report.Name}.{report.Verdict.Rid}.{floor.Check.Dimension}"))).ToList();
        int Count(FloorOutcome outcome) => tests.Count(test => FloorFacts.Outcome(test.Floor) == outcome);
        return XmlText.Write(new XElement(
            Xml + "TestRun",
            new XAttribute("id", IdOf(report, "run", "")),
            new XAttribute("name", XmlText.Clean($"{report.Name} {report.Verdict.Rid}/{report.Verdict.Task}")),
            new XElement(Xml + "Results", tests.Select(test => Result(report, test))),
            new XElement(Xml + "TestDefinitions", tests.Select(test => Definition(report, test))),
            new XElement(Xml + "TestEntries", tests.Select(test => new XElement(
                Xml + "TestEntry", new XAttribute("testId", test.Id), new XAttribute("executionId", test.Execution), new XAttribute("testListId", NoList)))),
            new XElement(Xml + "TestLists", new XElement(Xml + "TestList", new XAttribute("name", "Results Not in a List"), new XAttribute("id", NoList))),
            new XElement(
                Xml + "ResultSummary",
                new XAttribute("outcome", report.MayShip ? "Completed" : "Failed"),
                new XElement(
                    Xml + "Counters",
                    new XAttribute("total", tests.Count),
                    new XAttribute("executed", tests.Count - Count(FloorOutcome.Skipped)),
                    new XAttribute("passed", Count(FloorOutcome.Passed)),
                    new XAttribute("failed", Count(FloorOutcome.Failed)),
                    new XAttribute("error", Count(FloorOutcome.Errored)),
                    new XAttribute("notExecuted", Count(FloorOutcome.Skipped))),
                new XElement(Xml + "Output", new XElement(Xml + "StdOut", Lines(FloorFacts.Provenance(report)))))));
    }

    private static XElement Result(EvaluationReport report, Test test)
    {
        var outcome = FloorFacts.Outcome(test.Floor);
        var output = new XElement(Xml + "Output", new XElement(Xml + "StdOut", Lines(FloorFacts.Numbers(test.Floor).Concat(FloorFacts.Origin(test.Floor)))));
        if (outcome != FloorOutcome.Passed)
            output.Add(new XElement(Xml + "ErrorInfo", new XElement(Xml + "Message", FloorFacts.Explanation(test.Floor))));
        return new XElement(
            Xml + "UnitTestResult",
            new XAttribute("executionId", test.Execution),
            new XAttribute("testId", test.Id),
            new XAttribute("testName", test.Name),
            new XAttribute("computerName", XmlText.Clean(report.Verdict.Rid)),
            new XAttribute("testType", UnitTestType),
            new XAttribute("outcome", outcome switch { FloorOutcome.Passed => "Passed", FloorOutcome.Failed => "Failed", FloorOutcome.Errored => "Error", _ => "NotExecuted" }),
            new XAttribute("testListId", NoList),
            output);
    }

    private static XElement Definition(EvaluationReport report, Test test) => new(
        Xml + "UnitTest",
        new XAttribute("name", test.Name),
        new XAttribute("storage", XmlText.Clean(report.Relative(test.Floor.Check.File))),
        new XAttribute("id", test.Id),
        new XElement(Xml + "Execution", new XAttribute("id", test.Execution)),
        new XElement(
            Xml + "TestMethod",
            new XAttribute("codeBase", XmlText.Clean(report.Relative(test.Floor.Check.File))),
            new XAttribute("adapterTypeName", "executor://prunebuild/"),
            new XAttribute("className", test.Class),
            new XAttribute("name", test.Name)));

    private static string Lines(IEnumerable<(string Name, string Value)> facts) => XmlText.Clean(string.Join('\n', facts.Select(fact => $"{fact.Name}: {fact.Value}")));

    private static Guid IdOf(EvaluationReport report, string what, string name) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', what, report.Name, report.Verdict.Rid, name)))[..16]);

    private sealed record Test(FloorRow Floor, string Name, Guid Id, Guid Execution, string Class);
}
