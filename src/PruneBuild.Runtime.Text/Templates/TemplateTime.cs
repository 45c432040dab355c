using System.Globalization;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Times as Python's <c>strftime</c> writes them, in English.</summary>
internal static class TemplateTime
{
    /// <summary>A time by a format of directives such as <c>%d %b %Y</c>.</summary>
    /// <exception cref="FormatException">A directive is not supported.</exception>
    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            if (format[index] != '%' || index + 1 == format.Length)
            {
                text.Append(format[index]);
                continue;
            }
            text.Append(format[++index] switch
            {
                '%' => "%",
                var directive => time.ToString(directive switch
                {
                    'd' => "dd",
                    'b' => "MMM",
                    'B' => "MMMM",
                    'm' => "MM",
                    'Y' => "yyyy",
                    'y' => "yy",
                    'H' => "HH",
                    'I' => "hh",
                    'M' => "mm",
                    'S' => "ss",
                    'p' => "tt",
                    'a' => "ddd",
                    'A' => "dddd",
                    _ => throw new FormatException($"'%{directive}' of strftime_now is not supported"),
                }, CultureInfo.InvariantCulture),
            });
        }
        return text.ToString();
    }
}
