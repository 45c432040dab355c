using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Scales;

/// <summary>What operators do to the positive scale of a channel (ONNX operator specification). What is not listed pins it.</summary>
internal static class ScaleRules
{
    private static readonly Dictionary<string, Action<ScaleScope>> Rules = new(StringComparer.Ordinal);

    static ScaleRules()
    {
        // f(s x) = s f(x): moves elements, or is positively homogeneous and does not mix channels.
        Add(Passes, "Identity", "Dropout", "Neg", "Abs", "Relu", "LeakyRelu", "PRelu", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
            "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Tile", "Expand", "Slice", "Split");
        Add(Pads, "Pad");
        Add(Sums, "Add", "Sub", "Sum", "Mean", "Max", "Min", "Concat");
        Add(Multiplies, "Mul");
        Add(Divides, "Div");
        Add(Contracts, "MatMul", "Gemm", "Conv");
        Add(Shifts, "BatchNormalization");
        Add(Normalizes, "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "InstanceNormalization");
        Add(LooksUp, "Gather");
    }

    /// <summary>Lets the scope's node speak.</summary>
    public static void Visit(ScaleScope scope)
    {
        if (scope.Node.Domain is "" or "ai.onnx" && Rules.TryGetValue(scope.Node.OpType, out var rule))
            rule(scope);
        else
            scope.PinAll(scope.Because("does not pass a scale on"));
    }

    private static void Passes(ScaleScope scope)
    {
        // Units that a slice leaves out are units of another class.
        var drops = scope.Node.OpType is "Slice" or "Split" && !scope.IsFrozen;
        foreach (var output in scope.Node.Output.Where(output => output.Length > 0 && !(drops && !scope.Carries(output))))
            scope.Same(scope.Node.Input[0], output);
        foreach (var other in scope.Node.Input.Skip(1))
            scope.Pin(other, scope.Because("takes it as a parameter"));
    }

    private static void Pads(ScaleScope scope)
    {
        if (scope.Node.GetText("mode", "constant") != "constant" || scope.Node.GetFloat("value", 0) != 0
            || (scope.Input(2) is { } value && !(scope.IsWeight(value) && scope.IsZero(value))))
            scope.PinAll(scope.Because("pads with other values than zero"));
        else
            Passes(scope);
    }

    private static void Sums(ScaleScope scope)
    {
        foreach (var input in scope.Node.Input)
        {
            if (!scope.IsWeight(input))
            {
                if (scope.Node.OpType != "Concat" || scope.Carries(input) || scope.IsFrozen)
                    scope.Same(input, scope.Output);
            }
            else if (scope.Holds(input))
            {
                scope.Produces(input, scope.Output);
            }
            else if (!scope.IsZero(input) && (scope.Node.OpType != "Concat" || scope.IsFrozen))
            {
                scope.Pin(scope.Output, scope.Because("adds one number to all channels"));
            }
        }
    }

    private static void Multiplies(ScaleScope scope)
    {
        var (left, right) = (scope.Node.Input[0], scope.Node.Input[1]);
        if (scope.IsWeight(left))
            (left, right) = (right, left);
        if (scope.IsWeight(right))
            Rescales(scope, left, right);
        else if (scope.Carries(left) && scope.Carries(right))
            scope.Multiplies(left, right, scope.Output);
        else
            scope.Same(scope.Carries(left) ? left : right, scope.Output);
    }

    private static void Rescales(ScaleScope scope, string value, string weight)
    {
        if (!scope.Holds(weight))
        {
            scope.Same(value, scope.Output);
            return;
        }
        scope.Produces(weight, scope.Output);
        if (scope.Carries(value))
            scope.Consumes(weight, value);
    }

    private static void Divides(ScaleScope scope)
    {
        var (left, right) = (scope.Node.Input[0], scope.Node.Input[1]);
        if (scope.Carries(left) && !scope.Carries(right) && !(scope.IsWeight(right) && scope.Holds(right)))
            scope.Same(left, scope.Output);
        else
            scope.PinAll(scope.Because("divides by the channels"));
    }

    private static void Contracts(ScaleScope scope)
    {
        var (x, weight, y) = (scope.Node.Input[0], scope.Node.Input[1], scope.Output);
        if (!scope.IsWeight(weight) || scope.Node.GetInt("transA", 0) != 0)
        {
            scope.PinAll(scope.Because("multiplies activations"));
            return;
        }
        var shape = scope.ShapeOf(weight);
        var group = scope.Node.GetInt("group", 1);
        var (input, output) = scope.Node.OpType switch
        {
            "Conv" => (1, 0),
            "Gemm" when scope.Node.GetInt("transB", 0) != 0 => (1, 0),
            _ => (shape.Count - 2, shape.Count - 1),
        };
        if (scope.Node.OpType == "Conv" && group > 1)
        {
            // In a depthwise convolution the rows are the channels on both sides.
            if (shape[0] != group || shape[1] != 1)
            {
                scope.PinAll(scope.Because("has channel groups"));
                return;
            }
            input = 0;
        }
        if (scope.Carries(x))
            scope.Consumes(weight, x, input);
        if (!scope.Carries(y))
            return;
        scope.Produces(weight, y, output);
        if (scope.Input(2) is not { } bias)
            return;
        if (!scope.IsWeight(bias))
            scope.Same(bias, y);
        else if (scope.Holds(bias) || !scope.IsZero(bias))
            scope.Produces(bias, y);
    }

    /// <summary>γ (x − μ) / √(σ² + ε) + β: the input's scale goes into μ and out of γ, so that σ² + ε can stay.</summary>
    private static void Shifts(ScaleScope scope)
    {
        var (x, y) = (scope.Node.Input[0], scope.Output);
        if (scope.Node.Input.Count != 5 || scope.Node.GetInt("training_mode", 0) != 0 || scope.Node.Input.Skip(1).Any(parameter => !scope.IsWeight(parameter)))
        {
            scope.PinAll(scope.Because("has parameters that are computed"));
            return;
        }
        scope.Produces(scope.Node.Input[3], x);
        scope.Consumes(scope.Node.Input[1], x);
        scope.Produces(scope.Node.Input[1], y);
        scope.Produces(scope.Node.Input[2], y);
    }

    private static void Normalizes(ScaleScope scope)
    {
        scope.Pin(scope.Node.Input[0], scope.Because("normalizes over it"));
        if (scope.Node.Output.Skip(1).Any(output => output.Length > 0))
            scope.PinAll(scope.Because("returns its statistics"));
        foreach (var parameter in scope.Node.Input.Skip(1).Where(parameter => parameter.Length > 0))
        {
            if (scope.IsWeight(parameter))
                scope.Produces(parameter, scope.Output);
            else
                scope.PinAll(scope.Because("has parameters that are computed"));
        }
    }

    private static void LooksUp(ScaleScope scope)
    {
        if (scope.IsWeight(scope.Node.Input[0]))
            scope.Produces(scope.Node.Input[0], scope.Output);
        else
            scope.Same(scope.Node.Input[0], scope.Output);
        scope.Pin(scope.Node.Input[1], scope.Because("takes it as an index"));
    }

    private static void Add(Action<ScaleScope> rule, params string[] operators)
    {
        foreach (var name in operators)
            Rules[name] = rule;
    }
}
