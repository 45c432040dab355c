namespace PruneBuild.Runtime.Text;

/// <summary>Reads the statements of a template; what it does not know it refuses by name.</summary>
internal sealed class TemplateParser
{
    private const int MostDepth = 100;

    private static readonly string[] IfEnds = ["elif", "else", "endif"];

    private readonly ExpressionParser expressions;
    private int depth;
    private int loops;

    private TemplateParser(IReadOnlyList<TemplateToken> tokens) => expressions = new ExpressionParser(tokens);

    /// <summary>The statements of a template.</summary>
    /// <exception cref="TemplateException">It is not a template, or uses what is not supported.</exception>
    public static IReadOnlyList<TemplateStatement> Parse(string template)
    {
        var parser = new TemplateParser(TemplateLexer.Read(template));
        var (body, _) = parser.ReadUntil();
        return body;
    }

    /// <summary>Statements, up to a block that ends them, whose name is taken; without one up to the end.</summary>
    private (IReadOnlyList<TemplateStatement> Body, TemplateToken End) ReadUntil(params string[] ends)
    {
        if (++depth > MostDepth)
            throw new TemplateException(expressions.Now.Position, $"blocks are more than {MostDepth} deep in blocks");
        var body = new List<TemplateStatement>();
        while (true)
        {
            var token = expressions.Take();
            switch (token.Kind)
            {
                case TemplateTokenKind.Text:
                    body.Add(new TextStatement(token.Position, token.Text));
                    break;
                case TemplateTokenKind.OutputBegin:
                    body.Add(new OutputStatement(token.Position, expressions.ReadMany()));
                    expressions.Expect(TemplateTokenKind.OutputEnd);
                    break;
                case TemplateTokenKind.BlockBegin:
                    var name = expressions.Expect(TemplateTokenKind.Name);
                    if (ends.Contains(name.Text))
                    {
                        depth--;
                        return (body, name);
                    }
                    body.Add(ReadBlock(name));
                    break;
                default:
                    if (ends.Length > 0)
                        throw new TemplateException(token.Position, $"'{ends[^1]}' is missing");
                    return (body, token);
            }
        }
    }

    private TemplateStatement ReadBlock(TemplateToken name) => name.Text switch
    {
        "if" => ReadIf(name.Position),
        "for" => ReadFor(name.Position),
        "set" => ReadSet(name.Position),
        "macro" => ReadMacro(name.Position),
        "break" or "continue" => ReadLeave(name),
        "call" => ReadCall(name.Position),
        "generation" => ReadGeneration(name.Position),
        _ => throw new TemplateException(name.Position, $"the block '{name.Text}' is not supported"),
    };

    private IfStatement ReadIf(TemplatePosition position)
    {
        var cases = new List<(TemplateExpression? Condition, IReadOnlyList<TemplateStatement> Body)>();
        TemplateExpression? condition = expressions.Read();
        while (true)
        {
            Close();
            var (body, end) = ReadUntil(condition is null ? ["endif"] : IfEnds);
            cases.Add((condition, body));
            if (end.Text == "endif")
                break;
            condition = end.Text == "elif" ? expressions.Read() : null;
        }
        Close();
        return new(position, cases);
    }

    private ForStatement ReadFor(TemplatePosition position)
    {
        var targets = expressions.ReadTargets();
        if (!expressions.AcceptName("in"))
            throw expressions.Unexpected("'in' is expected");
        var source = expressions.ReadOr();
        var condition = expressions.AcceptName("if") ? expressions.Read() : null;
        if (expressions.IsName("recursive"))
            throw expressions.Unexpected("recursive loops are not supported");
        Close();
        loops++;
        var (body, end) = ReadUntil("else", "endfor");
        loops--;
        IReadOnlyList<TemplateStatement> instead = [];
        if (end.Text == "else")
        {
            Close();
            (instead, _) = ReadUntil("endfor");
        }
        Close();
        return new(position, targets, source, condition, body, instead);
    }

    private TemplateStatement ReadSet(TemplatePosition position)
    {
        var targets = expressions.ReadTargets();
        if (targets is [var target] && expressions.Accept("."))
        {
            var attribute = expressions.Expect(TemplateTokenKind.Name).Text;
            expressions.Expect("=");
            var value = expressions.ReadMany();
            Close();
            return new SetAttributeStatement(position, target, attribute, value);
        }
        if (expressions.Accept("="))
        {
            var value = expressions.ReadMany();
            Close();
            return new SetStatement(position, targets, value);
        }
        Close();
        var (body, _) = ReadUntil("endset");
        Close();
        return new SetBlockStatement(position, targets[0], body);
    }

    private MacroStatement ReadMacro(TemplatePosition position)
    {
        var name = expressions.Expect(TemplateTokenKind.Name).Text;
        expressions.Expect("(");
        var parameters = ReadParameters();
        Close();
        var body = ReadFunction("endmacro");
        // The name may be said again.
        expressions.AcceptName(name);
        Close();
        return new(position, name, parameters, body);
    }

    private CallStatement ReadCall(TemplatePosition position)
    {
        var parameters = expressions.Accept("(") ? ReadParameters() : [];
        if (expressions.Read() is not CallExpression call)
            throw new TemplateException(position, "the block 'call' wants the call of a macro");
        Close();
        var body = ReadFunction("endcall");
        Close();
        return new(position, new MacroStatement(position, "caller", parameters, body), call);
    }

    /// <summary>Parameters up to their closing bracket.</summary>
    private List<(string Name, TemplateExpression? Default)> ReadParameters()
    {
        var parameters = new List<(string Name, TemplateExpression? Default)>();
        while (!expressions.Accept(")"))
        {
            var parameter = expressions.Expect(TemplateTokenKind.Name).Text;
            parameters.Add((parameter, expressions.Accept("=") ? expressions.Read() : null));
            if (!expressions.IsOperator(")"))
                expressions.Expect(",");
        }
        return parameters;
    }

    /// <summary>Statements that cannot leave a loop around them.</summary>
    private IReadOnlyList<TemplateStatement> ReadFunction(string end)
    {
        var outside = loops;
        loops = 0;
        var (body, _) = ReadUntil(end);
        loops = outside;
        return body;
    }

    private LeaveStatement ReadLeave(TemplateToken name)
    {
        if (loops == 0)
            throw new TemplateException(name.Position, $"'{name.Text}' is outside of loops");
        Close();
        return new(name.Position, name.Text == "break" ? TemplateFlow.Break : TemplateFlow.Continue);
    }

    private BlockStatement ReadGeneration(TemplatePosition position)
    {
        Close();
        var (body, _) = ReadUntil("endgeneration");
        Close();
        return new(position, body);
    }

    private void Close() => expressions.Expect(TemplateTokenKind.BlockEnd);
}
