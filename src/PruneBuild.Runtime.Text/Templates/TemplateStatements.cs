namespace PruneBuild.Runtime.Text;

/// <summary>How a statement ended.</summary>
internal enum TemplateFlow
{
    Next,
    Continue,
    Break,
}

/// <summary>A part of a template that does something.</summary>
internal abstract record TemplateStatement(TemplatePosition Position)
{
    /// <summary>Does it.</summary>
    /// <exception cref="TemplateException">It cannot be done.</exception>
    public TemplateFlow Run(TemplateScope scope)
    {
        try
        {
            scope.Output.Step();
            return Execute(scope);
        }
        catch (FormatException exception)
        {
            throw new TemplateException(Position, exception.Message);
        }
    }

    /// <summary>Does several, up to one that leaves a loop.</summary>
    public static TemplateFlow RunAll(IReadOnlyList<TemplateStatement> statements, TemplateScope scope)
    {
        foreach (var statement in statements)
            if (statement.Run(scope) is var flow and not TemplateFlow.Next)
                return flow;
        return TemplateFlow.Next;
    }

    /// <summary>Does it; what is wrong is thrown as a FormatException.</summary>
    protected abstract TemplateFlow Execute(TemplateScope scope);

    private protected static void Assign(TemplateScope scope, IReadOnlyList<string> targets, object? value)
    {
        if (targets is [var one])
        {
            scope[one] = value;
            return;
        }
        var items = TemplateValues.Items(value);
        if (items.Count != targets.Count)
            throw new FormatException($"{items.Count} values for {targets.Count} variables");
        for (var index = 0; index < targets.Count; index++)
            scope[targets[index]] = items[index];
    }
}

internal sealed record TextStatement(TemplatePosition Position, string Text) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        scope.Output.Write(Text);
        return TemplateFlow.Next;
    }
}

internal sealed record OutputStatement(TemplatePosition Position, TemplateExpression Expression) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        scope.Output.Write(TemplateValues.Text(Expression.Evaluate(scope)));
        return TemplateFlow.Next;
    }
}

internal sealed record IfStatement(TemplatePosition Position, IReadOnlyList<(TemplateExpression? Condition, IReadOnlyList<TemplateStatement> Body)> Cases) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        foreach (var (condition, body) in Cases)
            if (condition is null || TemplateValues.IsTrue(condition.Evaluate(scope)))
                return RunAll(body, scope);
        return TemplateFlow.Next;
    }
}

internal sealed record ForStatement(
    TemplatePosition Position, IReadOnlyList<string> Targets, TemplateExpression Source, TemplateExpression? Condition,
    IReadOnlyList<TemplateStatement> Body, IReadOnlyList<TemplateStatement> Else) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        var items = TemplateValues.Items(Source.Evaluate(scope)).Where(item => Holds(item, scope)).ToList();
        if (items.Count == 0)
            return RunAll(Else, scope);
        for (var index = 0; index < items.Count; index++)
        {
            scope.Output.Step();
            var inner = new TemplateScope(scope, scope.Output);
            Assign(inner, Targets, items[index]);
            inner["loop"] = Loop(items, index);
            if (RunAll(Body, inner) == TemplateFlow.Break)
                break;
        }
        return TemplateFlow.Next;
    }

    private bool Holds(object? item, TemplateScope scope)
    {
        if (Condition is null)
            return true;
        scope.Output.Step();
        var inner = new TemplateScope(scope, scope.Output);
        Assign(inner, Targets, item);
        return TemplateValues.IsTrue(Condition.Evaluate(inner));
    }

    private static TemplateMap Loop(List<object?> items, int index) => new()
    {
        ["index"] = index + 1L,
        ["index0"] = (long)index,
        ["revindex"] = (long)items.Count - index,
        ["revindex0"] = items.Count - index - 1L,
        ["first"] = index == 0,
        ["last"] = index == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = index > 0 ? items[index - 1] : new UndefinedValue("loop.previtem"),
        ["nextitem"] = index + 1 < items.Count ? items[index + 1] : new UndefinedValue("loop.nextitem"),
        ["cycle"] = new TemplateFunction("cycle", arguments => arguments.Positional[index % arguments.Positional.Count]),
    };
}

internal sealed record SetStatement(TemplatePosition Position, IReadOnlyList<string> Targets, TemplateExpression Expression) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        Assign(scope, Targets, Expression.Evaluate(scope));
        return TemplateFlow.Next;
    }
}

internal sealed record SetAttributeStatement(TemplatePosition Position, string Target, string Attribute, TemplateExpression Expression) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        if (scope[Target] is not TemplateNamespace target)
            throw new FormatException($"'{Target}' is not a namespace, whose items alone can be set");
        target[Attribute] = Expression.Evaluate(scope);
        return TemplateFlow.Next;
    }
}

internal sealed record SetBlockStatement(TemplatePosition Position, string Target, IReadOnlyList<TemplateStatement> Body) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        scope[Target] = scope.Output.Capture(() => RunAll(Body, new TemplateScope(scope, scope.Output)));
        return TemplateFlow.Next;
    }
}

internal sealed record MacroStatement(
    TemplatePosition Position, string Name, IReadOnlyList<(string Name, TemplateExpression? Default)> Parameters, IReadOnlyList<TemplateStatement> Body) : TemplateStatement(Position)
{
    private const int MostDepth = 50;

    protected override TemplateFlow Execute(TemplateScope scope)
    {
        scope[Name] = In(scope);
        return TemplateFlow.Next;
    }

    /// <summary>The macro with the variables of a place.</summary>
    public TemplateFunction In(TemplateScope scope) => new(Name, arguments => Call(scope, arguments));

    private string Call(TemplateScope scope, TemplateArguments arguments)
    {
        if (arguments.Positional.Count > Parameters.Count)
            throw new FormatException($"macro '{Name}' takes {Parameters.Count} arguments, not {arguments.Positional.Count}");
        if (scope.Output.Depth == MostDepth)
            throw new FormatException($"macros are more than {MostDepth} deep in macros");
        scope.Output.Depth++;
        try
        {
            var inner = new TemplateScope(scope, scope.Output);
            for (var index = 0; index < Parameters.Count; index++)
            {
                var (name, missing) = Parameters[index];
                inner[name] = arguments.Get(index, name, missing is null ? new UndefinedValue(name) : missing.Evaluate(inner));
            }
            // What stands in the block of a call.
            inner["caller"] = arguments.Caller ?? (object)new UndefinedValue("caller");
            return scope.Output.Capture(() => RunAll(Body, inner));
        }
        finally
        {
            scope.Output.Depth--;
        }
    }
}

/// <summary>A call with a block, which the macro writes where it calls <c>caller</c>.</summary>
/// <param name="Position">Of the block.</param>
/// <param name="Block">The block as a macro: what <c>caller</c> takes, and what stands in it.</param>
/// <param name="Call">Of the macro.</param>
internal sealed record CallStatement(TemplatePosition Position, MacroStatement Block, CallExpression Call) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope)
    {
        scope.Output.Write(TemplateValues.Text(Call.Call(scope, Block.In(scope))));
        return TemplateFlow.Next;
    }
}

internal sealed record LeaveStatement(TemplatePosition Position, TemplateFlow Flow) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope) => Flow;
}

/// <summary>Statements that only are marked, as training wants it.</summary>
internal sealed record BlockStatement(TemplatePosition Position, IReadOnlyList<TemplateStatement> Body) : TemplateStatement(Position)
{
    protected override TemplateFlow Execute(TemplateScope scope) => RunAll(Body, scope);
}
