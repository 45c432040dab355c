namespace PruneBuild.Evaluation.Reports;

/// <summary>One part of the page.</summary>
/// <param name="Id">For links; unique.</param>
/// <param name="Title">Heading and link.</param>
/// <param name="Lead">What is to be seen, in a sentence or two.</param>
/// <param name="Body">The rest.</param>
internal sealed record ReportSection(string Id, string Title, string Lead, Markup Body)
{
    public Markup ToMarkup() => Markup.Of($"""
        <section id="{Id}" aria-labelledby="{Id}-title">
        <h2 id="{Id}-title">{Title}</h2>
        <p class="lead">{Lead}</p>
        {Body}
        </section>

        """);
}
