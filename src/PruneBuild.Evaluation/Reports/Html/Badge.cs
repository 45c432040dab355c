namespace PruneBuild.Evaluation.Reports;

/// <summary>A state as a drawn sign and a word: never by its color alone.</summary>
internal static class Badge
{
    public static Markup Of(CheckState state) => Of(state.Word, state.Look);

    public static Markup Of(string word, string look) => Markup.Of($"""<span class="badge {look}">{Sign(look)}{word}</span>""");

    /// <summary>A check mark, a cross, a question mark or a dash.</summary>
    public static Markup Sign(string look)
    {
        var path = look switch
        {
            "good" => "M3 8.5 6.5 12 13 4.5",
            "bad" => "M4 4 12 12 M12 4 4 12",
            "unsure" => "M5 6a3 3 0 1 1 4.3 2.7C8.4 9.2 8 9.6 8 10.4 M8 13v.4",
            _ => "M4 8h8",
        };
        return Markup.Of($"""<svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg>""");
    }
}
