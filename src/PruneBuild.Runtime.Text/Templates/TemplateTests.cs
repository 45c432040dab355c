namespace PruneBuild.Runtime.Text;

/// <summary>Says whether something holds of a value.</summary>
internal delegate bool TemplateTest(object? value, TemplateArguments arguments);

/// <summary>The tests of Jinja, as in <c>x is defined</c>.</summary>
internal static class TemplateTests
{
    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, TemplateTest> All { get; } = new Dictionary<string, TemplateTest>(StringComparer.Ordinal)
    {
        ["boolean"] = (value, _) => value is bool,
        ["callable"] = (value, _) => value is TemplateFunction,
        ["defined"] = (value, _) => value is not UndefinedValue,
        ["divisibleby"] = (value, arguments) => TemplateValues.Integer(value) % TemplateValues.Integer(arguments.Get(0, "num")) == 0,
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["even"] = (value, _) => TemplateValues.Integer(value) % 2 == 0,
        ["false"] = (value, _) => value is false,
        ["float"] = (value, _) => value is double,
        ["ge"] = (value, arguments) => TemplateValues.Compare(value, arguments.Get(0, "other")) >= 0,
        ["gt"] = (value, arguments) => TemplateValues.Compare(value, arguments.Get(0, "other")) > 0,
        ["in"] = (value, arguments) => TemplateValues.Contains(arguments.Get(0, "seq"), value),
        ["integer"] = (value, _) => value is long,
        ["iterable"] = (value, _) => value is string or List<object?> or TemplateMap or UndefinedValue,
        ["le"] = (value, arguments) => TemplateValues.Compare(value, arguments.Get(0, "other")) <= 0,
        ["lower"] = (value, _) => TemplateValues.Text(value) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        ["lt"] = (value, arguments) => TemplateValues.Compare(value, arguments.Get(0, "other")) < 0,
        ["mapping"] = (value, _) => value is TemplateMap,
        ["ne"] = (value, arguments) => !Equal(value, arguments),
        ["none"] = (value, _) => value is null,
        ["number"] = (value, _) => value is long or double or bool,
        ["odd"] = (value, _) => TemplateValues.Integer(value) % 2 != 0,
        ["sequence"] = (value, _) => value is string or List<object?> or TemplateMap or UndefinedValue,
        ["string"] = (value, _) => value is string,
        ["true"] = (value, _) => value is true,
        ["undefined"] = (value, _) => value is UndefinedValue,
        ["upper"] = (value, _) => TemplateValues.Text(value) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
    };

    private static bool Equal(object? value, TemplateArguments arguments) => TemplateValues.AreEqual(value, arguments.Get(0, "other"));
}
