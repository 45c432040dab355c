namespace PruneBuild.Evaluation.Reports;

/// <summary>A heat map of the floors: slices down, dimensions (and profiles, where there are any) across.</summary>
internal static class FloorMap
{
    private const double Tight = 0.15;
    private const double Comfortable = 0.5;

    /// <param name="floors">The floors.</param>
    /// <param name="slices">All slices, so that one without a floor is seen.</param>
    public static Markup Of(IReadOnlyList<FloorRow> floors, IReadOnlyList<string> slices)
    {
        var across = floors.Select(Column).Distinct().ToList();
        var down = slices.Concat(floors.Select(floor => floor.Slice)).Distinct();
        var cells = floors.ToLookup(floor => (floor.Slice, Column(floor)));
        return Markup.Of($"""
            <div class="scroll" role="region" aria-label="Map of the floors" tabindex="0"><table class="map">
            <caption>Map of the floors: the stronger the tint, the more room between bound and threshold</caption>
            <thead><tr><th scope="col">Slice</th>{across.Select(column => Markup.Of($"""<th scope="col">{column}</th>"""))}</tr></thead>
            <tbody>{down.Select(slice => Row(slice, across.Select(column => cells[(slice, column)])))}</tbody>
            </table></div>

            """);
    }

    private static string Column(FloorRow floor) => floor.Profile is null ? floor.Check.Dimension : $"{floor.Check.Dimension} · {floor.Profile}{(floor.Origin is null or "measured" ? "" : $" ({floor.Origin})")}";

    private static Markup Row(string slice, IEnumerable<IEnumerable<FloorRow>> cells) => Markup.Of($"""
        <tr><th scope="row">{slice}</th>{cells.Select(cell => Cell([.. cell]))}</tr>

        """);

    private static Markup Cell(IReadOnlyList<FloorRow> floors)
    {
        if (floors.Count == 0) return Markup.Of($"""<td class="empty">no floor</td>""");
        var worst = floors.MaxBy(floor => (floor.State.Rank, -Room(floor)))!;
        var depth = worst.State.Look != "good" ? "" : Room(worst) switch { < Tight => " tight", < Comfortable => " fair", _ => " ample" };
        return Markup.Of($"""<td class="{worst.State.Look}{depth}"><ul>{floors.Select(Entry)}</ul></td>""");
    }

    private static Markup Entry(FloorRow floor) => Markup.Of($"""
        <li class="{floor.State.Look}" title="{floor.Sentence}">{Badge.Sign(floor.State.Look)}<span>{(floor.Case is null ? floor.Requirement : floor.Subject)}</span> <b>{(floor.HasValue ? FloorRow.Value(floor.Check.Estimate) : floor.State.Word)}</b></li>
        """);

    /// <summary>Headroom as a share of the most there could be.</summary>
    private static double Room(FloorRow floor)
    {
        var most = floor.IsUpperLimit ? Math.Abs(floor.Check.Threshold) : Math.Abs(1 - floor.Check.Threshold);
        return most > 0 ? floor.Headroom / most : floor.Headroom >= 0 ? 1 : 0;
    }
}
