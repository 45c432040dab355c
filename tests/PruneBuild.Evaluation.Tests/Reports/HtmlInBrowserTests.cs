using System.Diagnostics;
using PruneBuild.Evaluation.Reports;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Reports;

/// <summary>The page in a real browser: what a parser and a content security policy make of it cannot be read off its text.</summary>
public sealed class HtmlInBrowserTests : IDisposable
{
    private static readonly string? Browser = Find();
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public HtmlInBrowserTests() => Skips.Unless(Browser is not null, "needs Chromium: install it, or name it in PRUNEBUILD_CHROMIUM");

    [Fact]
    public void Planted_scripts_do_not_run()
    {
        const string attack = "\"'><img src=x onerror=\"document.documentElement.dataset.taken=1\"><script>document.documentElement.dataset.taken=1</script>";
        var dom = Dump(HtmlReport.Write(SampleReport.Hostile(folder, attack)));
        Assert.DoesNotContain("data-taken", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=\"x\"", dom, StringComparison.Ordinal);
        // What was planted is read, not run: the case is called what it is called.
        Assert.Contains("<code>\"'&gt;&lt;img src=x onerror=", dom, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_that_got_into_the_page_would_be_refused()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder)).Replace("</main>", "</main><script>document.documentElement.dataset.taken=1</script>", StringComparison.Ordinal);
        Assert.DoesNotContain("data-taken", Dump(html), StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_filters_the_flips()
    {
        var report = SampleReport.Create(folder);
        var dom = Dump(HtmlReport.Write(report), "#flips?kind=won&slice=common");
        var won = report.Flips.Count(flip => flip is { Kind: FlipKind.Won, Slice: "common" });
        Assert.InRange(won, 1, report.Flips.Count - 1);
        Assert.Contains($"{won} of {report.Flips.Count} cases", dom, StringComparison.Ordinal);
        Assert.Equal(report.Flips.Count - won, dom.Split("<tr data-kind=").Skip(1).Count(row => row[..row.IndexOf('>', StringComparison.Ordinal)].Contains("hidden=\"\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Paper_gets_a_page_too()
    {
        var paper = folder["report.pdf"];
        Run(HtmlReport.Write(SampleReport.Create(folder)), "", $"--print-to-pdf={paper}", "--no-pdf-header-footer");
        Assert.StartsWith("%PDF-", File.ReadAllText(paper), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string Dump(string html, string fragment = "") => Run(html, fragment, "--dump-dom");

    private string Run(string html, string fragment, params string[] arguments)
    {
        var page = new Uri(folder.Write("report.html", html)).AbsoluteUri + fragment;
        var start = new ProcessStartInfo(Browser!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={folder["profile"]}", .. arguments, page])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Browser} did not end within {Patience}");
        }
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }

    private static string? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .Prepend(Environment.GetEnvironmentVariable("PRUNEBUILD_CHROMIUM") ?? "")
            .FirstOrDefault(File.Exists);
    }
}
