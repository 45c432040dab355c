using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Reads and writes node attributes by name.</summary>
public static class NodeAttributes
{
    /// <summary>An integer attribute, or the operator's default.</summary>
    public static long GetInt(this NodeProto node, string name, long missing) => Find(node, name)?.I ?? missing;

    /// <summary>A float attribute, or the operator's default.</summary>
    public static float GetFloat(this NodeProto node, string name, float missing) => Find(node, name)?.F ?? missing;

    /// <summary>A string attribute, or the operator's default.</summary>
    public static string GetText(this NodeProto node, string name, string missing) => Find(node, name)?.S.ToStringUtf8() ?? missing;

    /// <summary>An integer list attribute, or the operator's default.</summary>
    public static IReadOnlyList<long> GetInts(this NodeProto node, string name, IReadOnlyList<long> missing) =>
        Find(node, name) is { } attribute ? attribute.Ints : missing;

    /// <summary>Adds or replaces an integer attribute.</summary>
    public static void Set(this NodeProto node, string name, long value) =>
        Replace(node, new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value });

    /// <summary>Adds or replaces a float attribute.</summary>
    public static void Set(this NodeProto node, string name, float value) =>
        Replace(node, new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value });

    /// <summary>Adds or replaces a string attribute.</summary>
    public static void Set(this NodeProto node, string name, string value) => Replace(node, new AttributeProto
    {
        Name = name,
        Type = AttributeProto.Types.AttributeType.String,
        S = Google.Protobuf.ByteString.CopyFromUtf8(value),
    });

    /// <summary>Adds or replaces an integer list attribute.</summary>
    public static void Set(this NodeProto node, string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        Replace(node, attribute);
    }

    private static AttributeProto? Find(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    private static void Replace(NodeProto node, AttributeProto attribute)
    {
        if (Find(node, attribute.Name) is { } old)
            node.Attribute.Remove(old);
        node.Attribute.Add(attribute);
    }
}
