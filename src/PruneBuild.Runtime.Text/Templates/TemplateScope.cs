using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>The limits and the output of a rendering.</summary>
internal sealed class TemplateOutput
{
    /// <summary>Characters that a template may write.</summary>
    public const int MostCharacters = 16 << 20;

    /// <summary>Statements and calls that it may run.</summary>
    public const int MostSteps = 1_000_000;

    private int steps;

    /// <summary>What was written.</summary>
    public StringBuilder Text { get; private set; } = new();

    /// <summary>How deep macros are in macros.</summary>
    public int Depth { get; set; }

    /// <summary>Writes a text.</summary>
    /// <exception cref="FormatException">The output is too long.</exception>
    public void Write(string text)
    {
        if (Text.Length + text.Length > MostCharacters)
            throw new FormatException($"the output exceeds {MostCharacters} characters");
        Text.Append(text);
    }

    /// <summary>Counts a step.</summary>
    /// <exception cref="FormatException">There were too many.</exception>
    public void Step()
    {
        if (++steps > MostSteps)
            throw new FormatException($"the template takes more than {MostSteps} steps");
    }

    /// <summary>What an action writes, instead of writing it.</summary>
    public string Capture(Action action)
    {
        var outer = Text;
        Text = new StringBuilder();
        try
        {
            action();
            return Text.ToString();
        }
        finally
        {
            Text = outer;
        }
    }
}

/// <summary>The variables at a place of a template.</summary>
internal sealed class TemplateScope(TemplateScope? parent, TemplateOutput output)
{
    private readonly Dictionary<string, object?> variables = new(StringComparer.Ordinal);

    /// <summary>Where the template writes.</summary>
    public TemplateOutput Output => output;

    /// <summary>The scope of the whole template.</summary>
    public TemplateScope Root => parent?.Root ?? this;

    /// <summary>A variable, or an undefined value.</summary>
    public object? this[string name]
    {
        get => variables.TryGetValue(name, out var value) ? value : parent is null ? new UndefinedValue(name) : parent[name];
        set => variables[name] = value;
    }
}
