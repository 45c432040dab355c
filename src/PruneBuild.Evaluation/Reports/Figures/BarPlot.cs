namespace PruneBuild.Evaluation.Reports;

/// <summary>One bar.</summary>
/// <param name="Label">At the left.</param>
/// <param name="Value">Its length; 0 or more.</param>
/// <param name="Text">The value as text.</param>
/// <param name="Look">The CSS class: <c>parent</c> or <c>candidate</c>.</param>
internal sealed record Bar(string Label, double Value, string Text, string Look);

/// <summary>A few horizontal bars from a common 0.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="Remark">Below the title.</param>
/// <param name="Bars">The bars.</param>
internal sealed record BarPlot(string Title, string Remark, IReadOnlyList<Bar> Bars)
{
    private const double Left = 92;
    private const double Longest = 150;
    private const double BarHeight = 22;
    private const double Step = 32;

    public Markup ToMarkup()
    {
        var most = Bars.Max(bar => bar.Value);
        return Markup.Of($"""
            <figure class="bars"><figcaption><strong>{Title}</strong> <span>{Remark}</span></figcaption>
            <svg viewBox="0 0 340 {Bars.Count * Step}" role="img" aria-label="{Title}: {string.Join(", ", Bars.Select(bar => $"{bar.Label} {bar.Text}"))}">
            {Bars.Select((bar, index) => Line(bar, index * Step, most > 0 ? bar.Value / most * Longest : 0))}</svg></figure>

            """);
    }

    private static Markup Line(Bar bar, double y, double length) => Markup.Of($"""
        <text class="label" x="{Left - 10}" y="{y + 16}" text-anchor="end">{bar.Label}</text><rect class="bar {bar.Look}" x="{Left}" y="{y}" width="{Math.Max(2, length)}" height="{BarHeight}" rx="3"/><text class="value" x="{Left + Math.Max(2, length) + 8}" y="{y + 16}">{bar.Text}</text>

        """);
}
