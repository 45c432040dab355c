namespace PruneBuild.Runtime.Text;

/// <summary>The function <c>range</c>.</summary>
internal static class TemplateRange
{
    private const long Most = 100_000;

    /// <summary>The integers from a start to before a stop.</summary>
    public static List<object?> Of(TemplateArguments arguments)
    {
        var numbers = arguments.Positional.Select(TemplateValues.Integer).ToList();
        var (start, stop, step) = numbers switch
        {
            [var end] => (0L, end, 1L),
            [var begin, var end] => (begin, end, 1L),
            [var begin, var end, var by and not 0] => (begin, end, by),
            _ => throw new FormatException("range takes a stop, or a start, a stop and perhaps a step other than 0"),
        };
        var list = new List<object?>();
        for (var number = start; step > 0 ? number < stop : number > stop; number += step)
        {
            if (list.Count == Most)
                throw new FormatException($"range makes more than {Most} numbers");
            list.Add(number);
        }
        return list;
    }
}
