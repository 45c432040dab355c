using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Tests;

public sealed class AttributeAccess
{
    [Fact]
    public void A_missing_attribute_is_the_operators_default()
    {
        var node = TestModels.Node("Conv", ["x"], "y");

        Assert.Equal(7, node.GetInt("group", 7));
        Assert.Equal(0.5f, node.GetFloat("alpha", 0.5f));
        Assert.Equal("NOTSET", node.GetText("auto_pad", "NOTSET"));
        Assert.Equal([1L, 1L], node.GetInts("strides", [1, 1]));
    }

    [Fact]
    public void A_present_attribute_wins_also_when_it_is_zero()
    {
        var node = TestModels.Node("Gemm", ["x"], "y");
        node.Attribute.Add([
            new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 0 },
            new AttributeProto { Name = "alpha", Type = AttributeProto.Types.AttributeType.Float, F = 0 },
            new AttributeProto { Name = "pads", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 1, 2 } }]);

        Assert.Equal(0, node.GetInt("transB", 1));
        Assert.Equal(0, node.GetFloat("alpha", 1));
        Assert.Equal([1L, 2L], node.GetInts("pads", []));
    }

    [Fact]
    public void Setting_replaces_and_marks_the_type()
    {
        var node = TestModels.Node("Conv", ["x"], "y");

        node.Set("group", 2);
        node.Set("group", 4);
        node.Set("auto_pad", "SAME_UPPER");

        Assert.Equal(2, node.Attribute.Count);
        Assert.Equal(4, node.GetInt("group", 1));
        Assert.Equal("SAME_UPPER", node.GetText("auto_pad", ""));
        Assert.Equal(
            [AttributeProto.Types.AttributeType.Int, AttributeProto.Types.AttributeType.String],
            node.Attribute.Select(attribute => attribute.Type));
    }
}
