using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Tests.Targeting;

/// <summary>Builds small models: nodes are added in order, values are named by their users.</summary>
internal sealed class ModelBuilder
{
    private readonly ModelProto proto = new()
    {
        IrVersion = 8,
        Graph = new GraphProto { Name = "test" },
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
    };

    public ModelBuilder Input(string name, params object[] dimensions)
    {
        proto.Graph.Input.Add(Value(name, dimensions));
        return this;
    }

    public ModelBuilder Output(string name, params object[] dimensions)
    {
        proto.Graph.Output.Add(Value(name, dimensions));
        return this;
    }

    public ModelBuilder Declare(string name, params object[] dimensions)
    {
        proto.Graph.ValueInfo.Add(Value(name, dimensions));
        return this;
    }

    public ModelBuilder Float(string name, float[] values, params long[] shape) =>
        Initializer(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    public ModelBuilder SByte(string name, sbyte[] values, params long[] shape) =>
        Initializer(name, TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    public ModelBuilder Node(string op, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var domain = op.LastIndexOf('.');
        var node = new NodeProto { OpType = op[(domain + 1)..], Domain = domain < 0 ? "" : op[..domain], Name = $"{op}:{output}", Input = { inputs }, Output = { output } };
        if (domain >= 0 && proto.OpsetImport.All(import => import.Domain != node.Domain))
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = node.Domain, Version = 1 });
        foreach (var (name, value) in attributes)
        {
            if (value is float real)
                node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = real });
            else if (value is long[] integers)
                node.Set(name, integers);
            else if (value is string text)
                node.Set(name, text);
            else
                node.Set(name, Convert.ToInt64(value));
        }

        proto.Graph.Node.Add(node);
        return this;
    }

    /// <summary>An int8 weight stored [inputs, outputs], or [outputs, inputs] for transB, behind its DequantizeLinear <paramref name="name"/>.</summary>
    public ModelBuilder Quantized(string name, Matrix weight, bool transB = false) => SByte(
            $"{name}.q", transB ? weight.Quantized : weight.Transposed(weight.Quantized), transB ? [weight.Outputs, weight.Inputs] : [weight.Inputs, weight.Outputs])
        .Float($"{name}.scale", weight.Scales, weight.Outputs)
        .Node("DequantizeLinear", [$"{name}.q", $"{name}.scale"], name, ("axis", transB ? 0 : 1));

    /// <summary>A float weight stored [inputs, outputs], or [outputs, inputs] for transB.</summary>
    public ModelBuilder Dense(string name, Matrix weight, bool transB = false) => Float(
        name, transB ? weight.Values : weight.Transposed(weight.Values), transB ? [weight.Outputs, weight.Inputs] : [weight.Inputs, weight.Outputs]);

    public ModelBuilder Opset(long version)
    {
        proto.OpsetImport[0].Version = version;
        return this;
    }

    public OnnxModel Build() => OnnxModel.FromProto(proto);

    private ModelBuilder Initializer(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, long[] shape)
    {
        proto.Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(bytes) });
        return this;
    }

    private static ValueInfoProto Value(string name, object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dimension) });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
