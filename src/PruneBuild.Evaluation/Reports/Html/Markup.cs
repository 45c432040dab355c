using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// A piece of HTML or SVG. Text gets into it through the holes of an interpolated string and is escaped there, for element content
/// and quoted attributes alike; only markup goes in as it is. So what a model, a case or a user is called can never become a tag.
/// </summary>
internal readonly record struct Markup(string Text)
{
    /// <summary>Nothing.</summary>
    public static Markup None => new("");

    /// <summary>The markup of an interpolated string.</summary>
    public static Markup Of(MarkupBuilder html) => html.Finish();

    /// <summary>Pieces one after the other.</summary>
    public static Markup Join(params IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.Text)));

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>What the compiler turns an interpolated string for <see cref="Markup.Of"/> into.</summary>
[InterpolatedStringHandler]
internal readonly struct MarkupBuilder
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder html;

    public MarkupBuilder(int literalLength, int formattedCount) => html = new StringBuilder(literalLength + 16 * formattedCount);

    public void AppendLiteral(string literal) => html.Append(literal);

    public void AppendFormatted(Markup markup) => html.Append(markup.Text);

    public void AppendFormatted(IEnumerable<Markup> parts) => html.AppendJoin("", parts);

    public void AppendFormatted(string? text) => html.Append(text is null ? "" : Encoder.Encode(text));

    public void AppendFormatted(int number) => html.Append(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A coordinate: two decimals place a point finely enough.</summary>
    public void AppendFormatted(double number) => html.Append(number.ToString("0.##", CultureInfo.InvariantCulture));

    public Markup Finish() => new(html.ToString());
}
