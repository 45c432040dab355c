using System.Globalization;

namespace PruneBuild.Runtime.Text;

/// <summary>Reads expressions from the tokens of a template, by the precedence that Jinja gives its operators.</summary>
internal sealed class ExpressionParser(IReadOnlyList<TemplateToken> tokens)
{
    private const int MostDepth = 100;

    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private int at;
    private int depth;

    /// <summary>The token that is read next.</summary>
    public TemplateToken Now => tokens[at];

    /// <summary>An expression, a list without brackets where commas follow.</summary>
    public TemplateExpression ReadMany()
    {
        var first = Read();
        if (!IsOperator(","))
            return first;
        var items = new List<TemplateExpression> { first };
        while (Accept(","))
            if (Now.Kind is not (TemplateTokenKind.OutputEnd or TemplateTokenKind.BlockEnd))
                items.Add(Read());
        return new ListExpression(first.Position, items, IsTuple: true);
    }

    /// <summary>An expression.</summary>
    /// <exception cref="TemplateException">There is none.</exception>
    public TemplateExpression Read()
    {
        if (++depth > MostDepth)
            throw new TemplateException(Now.Position, $"expressions are more than {MostDepth} deep in expressions");
        var value = ReadOr();
        while (IsName("if"))
        {
            var position = Take().Position;
            var condition = ReadOr();
            value = new ConditionalExpression(position, condition, value, AcceptName("else") ? Read() : null);
        }
        depth--;
        return value;
    }

    /// <summary>An expression without a condition behind it.</summary>
    public TemplateExpression ReadOr()
    {
        var left = ReadAnd();
        while (IsName("or"))
            left = new OrExpression(Take().Position, left, ReadAnd());
        return left;
    }

    /// <summary>Takes the next token.</summary>
    public TemplateToken Take() => tokens[at++];

    /// <summary>Takes a token of a kind.</summary>
    /// <exception cref="TemplateException">The next is another.</exception>
    public TemplateToken Expect(TemplateTokenKind kind) => Now.Kind == kind ? Take() : throw Unexpected($"{kind} is expected");

    /// <summary>Takes an operator.</summary>
    /// <exception cref="TemplateException">The next token is another.</exception>
    public void Expect(string operation)
    {
        if (!Accept(operation))
            throw Unexpected($"'{operation}' is expected");
    }

    /// <summary>Takes an operator if it is next.</summary>
    public bool Accept(string operation)
    {
        if (!IsOperator(operation))
            return false;
        at++;
        return true;
    }

    /// <summary>Takes a name if it is next.</summary>
    public bool AcceptName(string name)
    {
        if (!IsName(name))
            return false;
        at++;
        return true;
    }

    /// <summary>Names with commas between them, perhaps in brackets.</summary>
    public IReadOnlyList<string> ReadTargets()
    {
        var bracket = Accept("(");
        List<string> targets = [Expect(TemplateTokenKind.Name).Text];
        while (Accept(","))
            targets.Add(Expect(TemplateTokenKind.Name).Text);
        if (bracket)
            Expect(")");
        return targets;
    }

    /// <summary>Arguments behind an opening bracket that was taken.</summary>
    public ArgumentList ReadArguments()
    {
        var (positional, named) = (new List<TemplateExpression>(), new List<(string Name, TemplateExpression Value)>());
        TemplateExpression? more = null;
        while (!Accept(")"))
        {
            if (IsOperator("**") || (IsOperator("*") && more is not null))
                throw Unexpected("arguments of a map, or of a second list, are not supported");
            if (Accept("*"))
                more = Read();
            else if (Now.Kind == TemplateTokenKind.Name && tokens[at + 1] is { Kind: TemplateTokenKind.Operator, Text: "=" })
            {
                var name = Take().Text;
                at++;
                named.Add((name, Read()));
            }
            else
                positional.Add(Read());
            if (!IsOperator(")"))
                Expect(",");
        }
        return new(positional, named, more);
    }

    /// <summary>PB6114 to be, about the next token.</summary>
    public TemplateException Unexpected(string reason) => new(Now.Position, $"{reason}, not {(Now.Text.Length > 0 ? $"'{Now.Text}'" : Now.Kind.ToString())}");

    public bool IsName(string name) => Now.Kind == TemplateTokenKind.Name && Now.Text == name;

    public bool IsOperator(string operation) => Now.Kind == TemplateTokenKind.Operator && Now.Text == operation;

    private TemplateExpression ReadAnd()
    {
        var left = ReadNot();
        while (IsName("and"))
            left = new AndExpression(Take().Position, left, ReadNot());
        return left;
    }

    private TemplateExpression ReadNot()
    {
        if (!IsName("not"))
            return ReadComparison();
        if (++depth > MostDepth)
            throw new TemplateException(Now.Position, $"expressions are more than {MostDepth} deep in expressions");
        var made = new NotExpression(Take().Position, ReadNot());
        depth--;
        return made;
    }

    private TemplateExpression ReadComparison()
    {
        var first = ReadSum();
        var rest = new List<(string Operator, TemplateExpression Operand)>();
        while (true)
        {
            if (Now.Kind == TemplateTokenKind.Operator && Comparisons.Contains(Now.Text))
                rest.Add((Take().Text, ReadSum()));
            else if (AcceptName("in"))
                rest.Add(("in", ReadSum()));
            else if (IsName("not") && tokens[at + 1] is { Kind: TemplateTokenKind.Name, Text: "in" })
            {
                at += 2;
                rest.Add(("not in", ReadSum()));
            }
            else
                return rest.Count == 0 ? first : new CompareExpression(first.Position, first, rest);
        }
    }

    private TemplateExpression ReadSum() => ReadLeft(ReadConcatenation, "+", "-");

    private TemplateExpression ReadConcatenation() => ReadLeft(ReadProduct, "~");

    private TemplateExpression ReadProduct() => ReadLeft(ReadPower, "*", "/", "//", "%");

    private TemplateExpression ReadPower() => ReadLeft(() => ReadUnary(filters: true), "**");

    private TemplateExpression ReadLeft(Func<TemplateExpression> operand, params string[] operators)
    {
        var left = operand();
        while (Now.Kind == TemplateTokenKind.Operator && operators.Contains(Now.Text))
        {
            var operation = Take();
            left = new ArithmeticExpression(operation.Position, operation.Text, left, operand());
        }
        return left;
    }

    private TemplateExpression ReadUnary(bool filters)
    {
        TemplateExpression value;
        if (IsOperator("-") || IsOperator("+"))
        {
            var sign = Take();
            if (++depth > MostDepth)
                throw new TemplateException(sign.Position, $"expressions are more than {MostDepth} deep in expressions");
            value = sign.Text == "-" ? new NegateExpression(sign.Position, ReadUnary(filters: false)) : ReadUnary(filters: false);
            depth--;
        }
        else
            value = ReadPostfix(ReadPrimary());
        return filters ? ReadFilters(value) : value;
    }

    private TemplateExpression ReadPrimary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TemplateTokenKind.String:
                var text = token.Text;
                while (Now.Kind == TemplateTokenKind.String)
                    text += Take().Text;
                return new ConstantExpression(token.Position, text);
            case TemplateTokenKind.Integer:
                return new ConstantExpression(token.Position, long.TryParse(token.Text, CultureInfo.InvariantCulture, out var integer)
                    ? integer : throw new TemplateException(token.Position, $"{token.Text} is too large"));
            case TemplateTokenKind.Float:
                return new ConstantExpression(token.Position, double.Parse(token.Text, CultureInfo.InvariantCulture));
            case TemplateTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(token.Position, true),
                    "false" or "False" => new ConstantExpression(token.Position, false),
                    "none" or "None" => new ConstantExpression(token.Position, null),
                    _ => new NameExpression(token.Position, token.Text),
                };
            case TemplateTokenKind.Operator when token.Text == "(":
                return ReadBrackets(token.Position);
            case TemplateTokenKind.Operator when token.Text == "[":
                var items = new List<TemplateExpression>();
                while (!Accept("]"))
                {
                    items.Add(Read());
                    if (!IsOperator("]"))
                        Expect(",");
                }
                return new ListExpression(token.Position, items);
            case TemplateTokenKind.Operator when token.Text == "{":
                return ReadMap(token.Position);
            default:
                at--;
                throw Unexpected("a value is expected");
        }
    }

    private TemplateExpression ReadBrackets(TemplatePosition position)
    {
        if (Accept(")"))
            return new ListExpression(position, [], IsTuple: true);
        var first = Read();
        if (Accept(")"))
            return first;
        var items = new List<TemplateExpression> { first };
        while (!Accept(")"))
        {
            Expect(",");
            if (!IsOperator(")"))
                items.Add(Read());
        }
        return new ListExpression(position, items, IsTuple: true);
    }

    private MapExpression ReadMap(TemplatePosition position)
    {
        var entries = new List<(TemplateExpression Key, TemplateExpression Value)>();
        while (!Accept("}"))
        {
            var key = Read();
            Expect(":");
            entries.Add((key, Read()));
            if (!IsOperator("}"))
                Expect(",");
        }
        return new(position, entries);
    }

    private TemplateExpression ReadPostfix(TemplateExpression value)
    {
        while (Now.Kind == TemplateTokenKind.Operator)
        {
            var position = Now.Position;
            if (Accept("."))
                value = Now.Kind == TemplateTokenKind.Integer
                    ? new ItemExpression(position, value, new ConstantExpression(position, long.Parse(Take().Text, CultureInfo.InvariantCulture)))
                    : new AttributeExpression(position, value, Expect(TemplateTokenKind.Name).Text);
            else if (Accept("["))
                value = ReadItem(position, value);
            else if (Accept("("))
                value = new CallExpression(position, value, ReadArguments());
            else
                break;
        }
        return value;
    }

    private TemplateExpression ReadItem(TemplatePosition position, TemplateExpression target)
    {
        var start = IsOperator(":") ? null : Read();
        if (Accept("]"))
            return new ItemExpression(position, target, start!);
        Expect(":");
        var stop = IsOperator(":") || IsOperator("]") ? null : Read();
        var step = Accept(":") && !IsOperator("]") ? Read() : null;
        Expect("]");
        return new SliceExpression(position, target, start, stop, step);
    }

    private TemplateExpression ReadFilters(TemplateExpression value)
    {
        while (true)
        {
            if (Accept("|"))
            {
                var name = Expect(TemplateTokenKind.Name);
                var filter = TemplateFilters.All.GetValueOrDefault(name.Text) ?? throw new TemplateException(name.Position, $"the filter '{name.Text}' is not supported");
                value = new FilterExpression(name.Position, value, filter, Accept("(") ? ReadArguments() : ArgumentList.None);
            }
            else if (AcceptName("is"))
                value = ReadTest(value);
            // Behind a filter or a call of a filter's result.
            else if (value is FilterExpression && (IsOperator(".") || IsOperator("[") || IsOperator("(")))
                value = ReadPostfix(value);
            else
                return value;
        }
    }

    private TestExpression ReadTest(TemplateExpression value)
    {
        var negated = AcceptName("not");
        var name = Now.Kind == TemplateTokenKind.Name ? Take() : throw Unexpected("the name of a test is expected");
        var test = TemplateTests.All.GetValueOrDefault(name.Text.ToLowerInvariant()) ?? throw new TemplateException(name.Position, $"the test '{name.Text}' is not supported");
        var arguments = Accept("(") ? ReadArguments()
            : IsOperator("[") || IsOperator("{") || Now.Kind is TemplateTokenKind.String or TemplateTokenKind.Integer or TemplateTokenKind.Float
                || (Now.Kind == TemplateTokenKind.Name && Now.Text is not ("else" or "and" or "or" or "if" or "is" or "not" or "in"))
            ? new ArgumentList([ReadPostfix(ReadPrimary())], []) : ArgumentList.None;
        return new TestExpression(name.Position, value, test, arguments, negated);
    }
}
