namespace PruneBuild.Runtime.Text;

/// <summary>A part of a template that has a value.</summary>
internal abstract record TemplateExpression(TemplatePosition Position)
{
    /// <summary>Its value.</summary>
    /// <exception cref="TemplateException">It has none.</exception>
    public object? Evaluate(TemplateScope scope)
    {
        try
        {
            return Value(scope);
        }
        catch (FormatException exception)
        {
            throw new TemplateException(Position, exception.Message);
        }
    }

    /// <summary>Its value; what is wrong is thrown as a FormatException.</summary>
    protected abstract object? Value(TemplateScope scope);
}

internal sealed record ConstantExpression(TemplatePosition Position, object? Constant) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Constant;
}

internal sealed record NameExpression(TemplatePosition Position, string Name) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => scope[Name];
}

internal sealed record ListExpression(TemplatePosition Position, IReadOnlyList<TemplateExpression> Items, bool IsTuple = false) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Items.Select(item => item.Evaluate(scope)) is var items && IsTuple ? new TemplateTuple(items) : items.ToList();
}

internal sealed record MapExpression(TemplatePosition Position, IReadOnlyList<(TemplateExpression Key, TemplateExpression Value)> Entries) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope)
    {
        var map = new TemplateMap();
        foreach (var (key, value) in Entries)
            map[TemplateMap.Key(key.Evaluate(scope))] = value.Evaluate(scope);
        return map;
    }
}

internal sealed record ConditionalExpression(TemplatePosition Position, TemplateExpression Condition, TemplateExpression Then, TemplateExpression? Else) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => TemplateValues.IsTrue(Condition.Evaluate(scope)) ? Then.Evaluate(scope)
        : Else is null ? new UndefinedValue("the other case of an 'if'") : Else.Evaluate(scope);
}

internal sealed record AndExpression(TemplatePosition Position, TemplateExpression Left, TemplateExpression Right) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Left.Evaluate(scope) is var left && TemplateValues.IsTrue(left) ? Right.Evaluate(scope) : left;
}

internal sealed record OrExpression(TemplatePosition Position, TemplateExpression Left, TemplateExpression Right) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Left.Evaluate(scope) is var left && TemplateValues.IsTrue(left) ? left : Right.Evaluate(scope);
}

internal sealed record NotExpression(TemplatePosition Position, TemplateExpression Operand) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => !TemplateValues.IsTrue(Operand.Evaluate(scope));
}

/// <summary>Comparisons in a row, each with the value before it.</summary>
internal sealed record CompareExpression(TemplatePosition Position, TemplateExpression First, IReadOnlyList<(string Operator, TemplateExpression Operand)> Rest) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope)
    {
        var left = First.Evaluate(scope);
        foreach (var (operation, operand) in Rest)
        {
            var right = operand.Evaluate(scope);
            var holds = operation switch
            {
                "==" => TemplateValues.AreEqual(left, right),
                "!=" => !TemplateValues.AreEqual(left, right),
                "in" => TemplateValues.Contains(right, left),
                "not in" => !TemplateValues.Contains(right, left),
                "<" => TemplateValues.Compare(left, right) < 0,
                "<=" => TemplateValues.Compare(left, right) <= 0,
                ">" => TemplateValues.Compare(left, right) > 0,
                _ => TemplateValues.Compare(left, right) >= 0,
            };
            if (!holds)
                return false;
            left = right;
        }
        return true;
    }
}

internal sealed record ArithmeticExpression(TemplatePosition Position, string Operator, TemplateExpression Left, TemplateExpression Right) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope)
    {
        var (left, right) = (Left.Evaluate(scope), Right.Evaluate(scope));
        switch (Operator, left, right)
        {
            case ("~", _, _):
                return Bounded(TemplateValues.Text(left), TemplateValues.Text(right));
            case ("+", string a, string b):
                return Bounded(a, b);
            case ("+", List<object?> a, List<object?> b):
                return a.Concat(b).ToList();
            case ("*", string text, long count) when count <= 1 || text.Length * count < TemplateOutput.MostCharacters:
                return string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, count)));
            case (not "/", long or bool, long or bool) when Operator != "**" || TemplateValues.Integer(right) >= 0:
                return Integers(TemplateValues.Integer(left), TemplateValues.Integer(right));
            case var _ when TemplateValues.Number(left) is { } a && TemplateValues.Number(right) is { } b:
                return Numbers(a, b);
            default:
                throw new FormatException($"'{Operator}' of {TemplateValues.Kind(left)} and {TemplateValues.Kind(right)} is not defined");
        }
    }

    private static string Bounded(string a, string b) => a.Length + b.Length <= TemplateOutput.MostCharacters ? a + b
        : throw new FormatException($"a string exceeds {TemplateOutput.MostCharacters} characters");

    private long Integers(long a, long b) => Operator switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "//" => b == 0 ? throw Zero() : (long)Math.Floor((double)a / b),
        "%" => b == 0 ? throw Zero() : ((a % b) + b) % b,
        _ => checked((long)Math.Pow(a, b)),
    };

    private double Numbers(double a, double b) => Operator switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => b == 0 ? throw Zero() : a / b,
        "//" => b == 0 ? throw Zero() : Math.Floor(a / b),
        "%" => b == 0 ? throw Zero() : a - (b * Math.Floor(a / b)),
        _ => Math.Pow(a, b),
    };

    private static FormatException Zero() => new("division by zero");
}

internal sealed record NegateExpression(TemplatePosition Position, TemplateExpression Operand) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Operand.Evaluate(scope) switch
    {
        long number => (object)-number,
        double number => -number,
        var value => throw new FormatException($"'-' of {TemplateValues.Kind(value)} is not defined"),
    };
}

/// <summary><c>a.b</c>: a method, else an item.</summary>
internal sealed record AttributeExpression(TemplatePosition Position, TemplateExpression Target, string Name) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope)
    {
        var target = Target.Evaluate(scope);
        return TemplateMethods.Find(target, Name) ?? TemplateItems.Get(target, Name);
    }
}

/// <summary><c>a[b]</c>: an item, else a method.</summary>
internal sealed record ItemExpression(TemplatePosition Position, TemplateExpression Target, TemplateExpression Key) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => TemplateItems.Get(Target.Evaluate(scope), Key.Evaluate(scope));
}

internal sealed record SliceExpression(TemplatePosition Position, TemplateExpression Target, TemplateExpression? Start, TemplateExpression? Stop, TemplateExpression? Step) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => TemplateItems.Slice(Target.Evaluate(scope), Bound(Start, scope), Bound(Stop, scope), Bound(Step, scope) ?? 1);

    private static long? Bound(TemplateExpression? expression, TemplateScope scope) => expression?.Evaluate(scope) is { } value ? TemplateValues.Integer(value) : null;
}

/// <summary>Arguments of a call, a filter or a test.</summary>
/// <param name="Positional">By place.</param>
/// <param name="Named">By name.</param>
/// <param name="More">A list of more by place, behind those, or null: <c>f(a, *b)</c>.</param>
internal sealed record ArgumentList(IReadOnlyList<TemplateExpression> Positional, IReadOnlyList<(string Name, TemplateExpression Value)> Named, TemplateExpression? More = null)
{
    public static ArgumentList None { get; } = new([], []);

    public TemplateArguments Evaluate(TemplateScope scope) => new(
        [.. Positional.Select(argument => argument.Evaluate(scope)), .. More is null ? [] : TemplateValues.Items(More.Evaluate(scope))],
        Named.ToDictionary(argument => argument.Name, argument => argument.Value.Evaluate(scope), StringComparer.Ordinal));
}

internal sealed record CallExpression(TemplatePosition Position, TemplateExpression Target, ArgumentList Arguments) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Call(scope, null);

    /// <summary>Calls the function; a macro can write what stands in the block of the call by <c>caller()</c>.</summary>
    public object? Call(TemplateScope scope, TemplateFunction? caller)
    {
        scope.Output.Step();
        var target = Target.Evaluate(scope);
        return target is TemplateFunction function ? function.Call(Arguments.Evaluate(scope) with { Caller = caller })
            : throw new FormatException($"{TemplateValues.Kind(target)} is not a function");
    }
}

internal sealed record FilterExpression(TemplatePosition Position, TemplateExpression Target, TemplateFilter Filter, ArgumentList Arguments) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Filter(Target.Evaluate(scope), Arguments.Evaluate(scope));
}

internal sealed record TestExpression(TemplatePosition Position, TemplateExpression Target, TemplateTest Test, ArgumentList Arguments, bool Negated) : TemplateExpression(Position)
{
    protected override object? Value(TemplateScope scope) => Test(Target.Evaluate(scope), Arguments.Evaluate(scope)) != Negated;
}
