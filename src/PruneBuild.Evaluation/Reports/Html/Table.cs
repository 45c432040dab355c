namespace PruneBuild.Evaluation.Reports;

/// <summary>Tables of the page. A wide one scrolls inside its own box, which the keyboard can reach.</summary>
internal static class Table
{
    /// <summary>A column: numbers stand flush right.</summary>
    public readonly record struct Column(string Title, bool IsNumber = false);

    /// <param name="caption">What the table lists.</param>
    /// <param name="columns">Its columns; the first holds the headers of the rows.</param>
    /// <param name="rows">Cells of each row, as many as columns.</param>
    public static Markup Of(string caption, IReadOnlyList<Column> columns, IEnumerable<IReadOnlyList<Markup>> rows) => Markup.Of($"""
        <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table>
        <caption>{caption}</caption>
        <thead><tr>{columns.Select(column => Markup.Of($"""<th scope="col"{Class(column)}>{column.Title}</th>"""))}</tr></thead>
        <tbody>{rows.Select(row => Markup.Of($"<tr>{row.Select((cell, index) => Cell(columns[index], cell, index))}</tr>\n"))}</tbody>
        </table></div>

        """);

    private static Markup Cell(Column column, Markup cell, int index) => index == 0
        ? Markup.Of($"""<th scope="row"{Class(column)}>{cell}</th>""")
        : Markup.Of($"<td{Class(column)}>{cell}</td>");

    private static Markup Class(Column column) => column.IsNumber ? new Markup(" class=\"number\"") : Markup.None;
}
