namespace PruneBuild.Evaluation.Reports;

/// <summary>A point with the range it may lie in.</summary>
/// <param name="Value">The point.</param>
/// <param name="Low">Left end of the whisker; the point itself for none.</param>
/// <param name="High">Right end of the whisker.</param>
/// <param name="Look">The CSS class: <c>parent</c>, <c>candidate</c> or one of <see cref="CheckState.Look"/>.</param>
/// <param name="Title">What a viewer shows when the pointer rests on it.</param>
internal readonly record struct WhiskerMark(double Value, double Low, double High, string Look, string Title);

/// <summary>One line of a <see cref="WhiskerPlot"/>.</summary>
/// <param name="Label">At the left.</param>
/// <param name="Note">At the right, short.</param>
/// <param name="Marks">From top to bottom.</param>
internal sealed record WhiskerRow(string Label, string Note, IReadOnlyList<WhiskerMark> Marks)
{
    /// <summary>A limit, drawn as a line with the allowed side tinted.</summary>
    public double? Threshold { get; init; }

    /// <summary>Whether values below the limit are the allowed ones.</summary>
    public bool IsUpperLimit { get; init; }
}

/// <summary>Points with whiskers over one horizontal axis, as inline SVG with the colors of the page.</summary>
/// <param name="Title">What is shown, for people who hear the page.</param>
/// <param name="Scale">The axis.</param>
/// <param name="Rows">The lines.</param>
internal sealed record WhiskerPlot(string Title, LinearScale Scale, IReadOnlyList<WhiskerRow> Rows)
{
    /// <summary>Where the axis of every plot starts and ends, so that plots below each other line up.</summary>
    public const double Left = 220;
    public const double Right = 760;

    private const double Width = 900;
    private const double Top = 10;
    private const double MarkHeight = 18;
    private const double RowGap = 10;
    private const int LongestLabel = 30;
    private const int MostTicks = 6;

    public Markup ToMarkup()
    {
        var heights = Rows.Select(row => Math.Max(1, row.Marks.Count) * MarkHeight + RowGap).ToList();
        var bottom = Top + heights.Sum();
        var tops = Rows.Select((_, index) => Top + heights.Take(index).Sum()).ToList();
        return Markup.Of($"""
            <figure class="plot"><svg viewBox="0 0 {Width} {bottom + 26}" role="img" aria-label="{Title}">
            {Scale.Ticks(MostTicks).Select(tick => Tick(tick, bottom))}{Rows.Select((row, index) => Row(row, tops[index], heights[index]))}</svg></figure>

            """);
    }

    private Markup Tick(double tick, double bottom) => Markup.Of($"""
        <line class="grid" x1="{Scale.At(tick)}" x2="{Scale.At(tick)}" y1="{Top}" y2="{bottom}"/><text class="tick" x="{Scale.At(tick)}" y="{bottom + 18}" text-anchor="middle">{Phrase.Number(tick).Replace('-', '−')}</text>

        """);

    private Markup Row(WhiskerRow row, double top, double height)
    {
        var middle = top + height / 2;
        return Markup.Of($"""
            <g><title>{row.Label}</title>{Limit(row, top, height)}<text class="label" x="{Left - 14}" y="{middle + 4}" text-anchor="end">{Phrase.Shorten(row.Label, LongestLabel)}</text>
            {row.Marks.Select((mark, index) => Mark(mark, top + RowGap / 2 + (index + 0.5) * MarkHeight))}<text class="note" x="{Right + 14}" y="{middle + 4}">{row.Note}</text></g>

            """);
    }

    private Markup Limit(WhiskerRow row, double top, double height)
    {
        if (row.Threshold is not { } threshold) return Markup.None;
        var at = Scale.At(threshold);
        var (from, to) = row.IsUpperLimit ? (Scale.Start, at) : (at, Scale.End);
        return Markup.Of($"""
            <rect class="allowed" x="{from}" y="{top + 2}" width="{to - from}" height="{height - 4}"/><line class="limit" x1="{at}" x2="{at}" y1="{top + 2}" y2="{top + height - 2}"/>
            """);
    }

    private Markup Mark(WhiskerMark mark, double y)
    {
        var (low, high, at) = (Scale.At(mark.Low), Scale.At(mark.High), Scale.At(mark.Value));
        var whisker = high - low < 0.5 ? Markup.None : Markup.Of($"""
            <path d="M{low} {y}H{high}M{low} {y - 4}v8M{high} {y - 4}v8"/>
            """);
        return Markup.Of($"""<g class="mark {mark.Look}"><title>{mark.Title}</title>{whisker}<circle cx="{at}" cy="{y}" r="5"/></g>""");
    }
}
