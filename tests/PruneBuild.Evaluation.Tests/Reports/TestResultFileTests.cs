using System.Xml.Linq;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

/// <summary>JUnit XML and TRX, the two forms in which servers read test results.</summary>
public sealed class TestResultFileTests : IDisposable
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void JUnit_counts_what_it_lists()
    {
        var suites = Junit(SampleReport.Create(folder));
        var suite = Assert.Single(suites.Elements("testsuite"));
        Assert.Equal("linux-arm64/classification", (string?)suite.Attribute("name"));
        foreach (var element in (XElement[])[suites, suite])
        {
            Assert.Equal(suite.Elements("testcase").Count(), (int?)element.Attribute("tests"));
            Assert.Equal(suite.Descendants("failure").Count(), (int?)element.Attribute("failures"));
            Assert.Equal(suite.Descendants("error").Count(), (int?)element.Attribute("errors"));
            Assert.Equal(suite.Descendants("skipped").Count(), (int?)element.Attribute("skipped"));
        }
        Assert.Equal((5, 3), ((int)suite.Attribute("tests")!, (int)suite.Attribute("failures")!));
    }

    [Fact]
    public void A_failure_in_JUnit_tells_the_change_and_its_test_case_the_numbers()
    {
        var testCase = Junit(SampleReport.Create(folder)).Descendants("testcase").Single(element => ((string)element.Attribute("name")!).EndsWith("adversarial': accuracy ≥ 0.75", StringComparison.Ordinal));
        var failure = testCase.Element("failure")!;
        Assert.Equal("PB4001", (string?)failure.Attribute("type"));
        Assert.StartsWith("[linux-arm64] accuracy on 'adversarial' 0.50, floor 0.75", (string?)failure.Attribute("message"), StringComparison.Ordinal);
        Assert.Contains("candidate 0.50, dense parent 0.75: −0.25 on 200 cases", failure.Value, StringComparison.Ordinal);
        var numbers = Properties(testCase);
        Assert.Equal(("200", "0.75", "0.5", "-0.25"), (numbers["n"], numbers["threshold"], numbers["estimate"], numbers["delta"]));
        Assert.Equal("harness.json", (string?)testCase.Attribute("file"));
    }

    [Fact]
    public void The_suite_in_JUnit_names_the_hashes_of_what_was_judged()
    {
        var facts = Properties(Junit(SampleReport.Create(folder)).Element("testsuite")!);
        Assert.Equal(new string('a', 64), facts["sha256:models/digits.onnx"]);
        Assert.Equal("0123456789abcdef0123456789abcdef", facts["candidate.key"]);
    }

    [Fact]
    public void A_floor_that_only_warns_is_skipped_and_one_without_a_value_is_an_error()
    {
        var report = SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "edge", "maxDrop": 0.02 }, { "dimension": "accuracy", "slice": "common", "min": 0.5 }""", InconclusivePolicy.Warn);
        var check = report.Verdict.Checks[1] with { Result = CheckResult.Error, Message = "no value" };
        var suites = Junit(report with
        {
            Verdict = report.Verdict with { Checks = [report.Verdict.Checks[0], check] },
            Diagnostics = [.. report.Diagnostics, new Diagnostic("PB4001", Severity.Error, "no value")],
        });
        Assert.StartsWith("inconclusive: ", (string?)Assert.Single(suites.Descendants("skipped")).Attribute("message"), StringComparison.Ordinal);
        Assert.Equal("no value", (string?)Assert.Single(suites.Descendants("error")).Attribute("message"));
        Assert.Empty(suites.Descendants("failure"));
    }

    [Fact]
    public void TRX_has_one_definition_entry_and_result_for_each_floor()
    {
        var run = XDocument.Parse(TrxReport.Write(SampleReport.Create(folder))).Root!;
        Assert.Equal(Trx + "TestRun", run.Name);
        string[] Of(string element, string attribute) => [.. run.Descendants(Trx + element).Select(found => (string)found.Attribute(attribute)!)];
        var tests = Of("UnitTest", "id");
        Assert.Equal(5, tests.Distinct().Count());
        Assert.Equal(tests, Of("UnitTestResult", "testId"));
        Assert.Equal(tests, Of("TestEntry", "testId"));
        Assert.Equal(Of("Execution", "id"), Of("UnitTestResult", "executionId"));
        Assert.Equal(Of("Execution", "id"), Of("TestEntry", "executionId"));
        Assert.All(Of("TestEntry", "testListId"), list => Assert.Contains(list, Of("TestList", "id")));
        Assert.Equal(["Passed", "Passed", "Failed", "Failed", "Failed"], Of("UnitTestResult", "outcome"));
        var counters = run.Descendants(Trx + "Counters").Single();
        Assert.Equal((5, 2, 3), ((int)counters.Attribute("total")!, (int)counters.Attribute("passed")!, (int)counters.Attribute("failed")!));
        Assert.Equal("Failed", (string?)run.Element(Trx + "ResultSummary")!.Attribute("outcome"));
    }

    [Fact]
    public void Two_builds_of_the_same_verdict_write_the_same_bytes()
    {
        using var other = new TemporaryFolder();
        Assert.Equal(TrxReport.Write(SampleReport.Create(folder)), TrxReport.Write(SampleReport.Create(other)));
        Assert.Equal(JunitReport.Write(SampleReport.Create(folder)), JunitReport.Write(SampleReport.Create(other)));
    }

    [Fact]
    public void Any_text_gives_well_formed_XML_and_comes_back()
    {
        const string nasty = "<a>&\"' ]]> \u0001\uD800 😀";
        var report = SampleReport.Hostile(folder, nasty);
        const string readable = "<a>&\"' ]]> \uFFFD\uFFFD 😀";
        Assert.EndsWith(readable, (string?)Junit(report).Attribute("name"), StringComparison.Ordinal);
        Assert.StartsWith(readable, (string?)XDocument.Parse(TrxReport.Write(report)).Root!.Attribute("name"), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static XElement Junit(EvaluationReport report) => XDocument.Parse(JunitReport.Write(report)).Root!;

    private static Dictionary<string, string> Properties(XElement element) =>
        element.Element("properties")!.Elements().ToDictionary(property => (string)property.Attribute("name")!, property => (string)property.Attribute("value")!);
}
